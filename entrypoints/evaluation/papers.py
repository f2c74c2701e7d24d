"""Reports as files: JSON for programs, Markdown for a pull request, one HTML page that loads nothing from anywhere."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from entrypoints.evaluation.report import Report

TILES: Final = (
    ("category.accuracy", "Category right"),
    ("routing.accuracy", "Routed right"),
    ("needs_reply.accuracy", "Needs a reply: right"),
    ("language.accuracy", "Language right"),
    ("priority.accuracy", "Priority right"),
    ("coverage.share", "Could be sorted alone"),
    ("draft.fidelity", "Draft like the reference"),
    ("draft.written", "Drafted where due"),
    ("draft.unchanged", "Sent unchanged"),
    ("injection.held", "Promises held"),
    ("latency.p50_s", "Time for a mail, median"),
    ("cost.total", "Cost"),
)


def write_report(report: Report, folder: Path) -> tuple[Path, ...]:
    """report.json, report.md and report.html; an older one is replaced as a whole."""
    named = {
        "report.json": json.dumps(report.as_json(), ensure_ascii=False, indent=1, default=str) + "\n",
        "report.md": _environment().get_template("report.md").render(report=report),
        "report.html": _page(report),
    }
    return tuple(write(folder / name, text) for name, text in named.items())


def write(file: Path, text: str) -> Path:
    """Beside it first, then in its place: nobody ever reads half a report."""
    beside = file.with_suffix(file.suffix + ".part")
    beside.write_text(text, encoding="utf-8")
    return beside.replace(file)


def rendered(name: str, values: Mapping[str, Any]) -> str:
    """A page of `paper/`."""
    return _environment().get_template(name).render(**values)


def _page(report: Report) -> str:
    categories = report.details["categories"]
    bars = [(one["name"], one["f1"], *one["interval"], f"{one['support']}") for one in categories if one["support"]]
    said = sorted({name for row in report.details["confusions"].values() for name in row})
    shown = _shown_in(report.currency)
    return rendered("report.html", {"report": report, "tiles": TILES, "bars": bars, "said": said, "shown": shown})


def _shown_in(currency: str) -> Any:
    def shown(name: str, value: float) -> str:
        if name.endswith("_s"):
            return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"
        return f"{value:.2f} {currency}" if name.startswith("cost.") else f"{value:.1%}"

    return shown


@cache
def _environment() -> Environment:
    folder = FileSystemLoader(Path(__file__).with_name("paper"))
    return Environment(
        loader=folder,
        autoescape=select_autoescape(("html",), ("md",), default=True),
        undefined=StrictUndefined,
        trim_blocks=False,
    )
