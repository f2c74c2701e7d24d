"""How pages are made: the Jinja environment with the few functions that every template may call."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from api import filters
from api.assets import Asset
from api.board_lines import board_words
from api.keyboard import SHORTCUTS
from api.language import jinja_callables, reader, told, worded
from api.links import link
from api.services import WebSettings
from api.settings_pages import SECTIONS
from tickets.errors import DeskError


def templates_folder() -> Path:
    """Where the package `templates` lies; it ships as plain files."""
    return Path(str(files("templates")))


def page_engine(settings: WebSettings, assets: Mapping[str, Asset]) -> TemplateConfig[JinjaTemplateEngine]:
    """Escaping always on; a name that a page forgot to be given is an error, not an empty string."""
    environment = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        finalize=_in_words,
    )
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(**jinja_callables(), newstyle=True)  # type: ignore[attr-defined]
    filters.install(environment)
    environment.globals |= board_words()
    environment.globals |= {
        "link": _link,
        "worded": worded,
        "reader": reader,
        "settings_sections": SECTIONS,
        "shortcut_groups": SHORTCUTS,
        "static_url": _static_url(assets),
        "desk_name": settings.desk_name,
        "model_name": settings.model_name,
        "model_notice": settings.model_notice,
    }
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment))


def _in_words(value: object) -> object:
    """A refusal that stands in a page speaks the reader's language."""
    return told(value) if isinstance(value, DeskError) else value


@pass_context
def _link(context: Context, path: str) -> str:
    return link(context["request"], path)


def _static_url(assets: Mapping[str, Asset]) -> Any:
    @pass_context
    def static_url(context: Context, name: str) -> str:
        """The address of a file in templates/static; it changes with the file's content."""
        version = f"?v={assets[name].version}" if name in assets else ""
        return link(context["request"], f"/static/{quote(name)}") + version

    return static_url
