"""What the repository promises: what stays out of git, what `.env.example` and `langgraph.json` say, what ships."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from adapters.chat_settings import PROFILES
from entrypoints.settings import Settings
from tests.databases import lacking
from tests.repository import ROOT, git, tracked_files
from tests.running_demo import newcomers_environment

SECRETS = ("CA_SECRET_KEY", "CA_MODEL_API_KEY", "CA_MODEL_FALLBACK_API_KEY", "CA_GOOGLE_CLIENT_SECRET")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


# --- git --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [".env", "var/", "var/demo/api-token", "var/desk.sqlite"])
def test_secrets_and_mail_stay_out_of_git(path: str) -> None:
    if not (ROOT / ".git").exists():
        lacking("This is not a git checkout: nothing says what git ignores")

    assert git("check-ignore", "--no-index", path).strip() == path


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    """The lines of `.env.example`, uncommented."""
    lines = re.findall(r"^# ([A-Z][A-Z_]*)=(\S*)$", _env_example(), re.MULTILINE)
    assert len(lines) == len(dict(lines)), "a name stands there twice"
    return dict(lines)


def test_the_example_has_every_setting_and_no_other(example: dict[str, str]) -> None:
    settings = {f"CA_{name.upper()}" for name in Settings.model_fields}
    of_profiles = {f"{profile.prefix}_{of}" for profile in PROFILES.values() for of in ("BASE_URL", "API_KEY", "MODEL")}

    assert set(example) == settings | {f"{name}_FILE" for name in SECRETS} | of_profiles


def test_the_example_shows_the_defaults(example: dict[str, str]) -> None:
    assert Settings.read(example) == Settings.read({})

    for profile in PROFILES.values():
        assert example[f"{profile.prefix}_BASE_URL"] == profile.base_url
        assert example[f"{profile.prefix}_MODEL"] == profile.model
        assert example[f"{profile.prefix}_API_KEY"] == ""


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_describes_each_setting_in_the_words_of_the_code(name: str) -> None:
    assert f"# {Settings.model_fields[name].description}\n# CA_{name.upper()}=" in _env_example()


def test_the_example_sets_nothing_by_itself() -> None:
    assert all(not line or line.startswith("#") for line in _env_example().splitlines())


def _env_example() -> str:
    return (ROOT / ".env.example").read_text(encoding="utf-8")


# --- packages ---------------------------------------------------------------------------------------------------------


def test_what_langgraph_json_names_exists() -> None:
    named = json.loads((ROOT / "langgraph.json").read_text())

    for place in (named["graphs"]["ticket"], named["checkpointer"]["path"], named["http"]["app"]):
        path, _, attribute = place.removeprefix("./").partition(":")
        module = import_module(path.removesuffix(".py").replace("/", "."))
        assert Path(str(module.__file__)) == ROOT / path
        assert hasattr(module, attribute)


@pytest.mark.parametrize("package", PACKAGES)
def test_our_packages_are_the_ones_in_this_repository(package: str) -> None:
    found = find_spec(package)

    assert found is not None
    assert found.origin == str(ROOT / package / "__init__.py")


def test_every_folder_with_code_ships() -> None:
    folders = {name.partition("/")[0] for name in tracked_files() if name.endswith("/__init__.py")}

    assert set(PACKAGES) == folders - {"tests"}


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_our_packages_and_nothing_else(tmp_path: Path) -> None:
    with ZipFile(_wheel(tmp_path)) as wheel:
        shipped = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert shipped == {name for name in tracked_files() if name.partition("/")[0] in PACKAGES}
    assert {"templates/base.html", "templates/static/desk.css", "persistence/migrations/script.py.mako"} <= shipped
    assert any(re.fullmatch(r"persistence/migrations/versions/v\d+_\w+\.py", name) for name in shipped)
    assert any(re.fullmatch(r"entrypoints/sample/mailbox/.+\.eml", name) for name in shipped)
    assert any(re.fullmatch(r"entrypoints/sample/knowledge/.+\.md", name) for name in shipped)


def _wheel(folder: Path) -> Path:
    """Built from what git knows, as a release is."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        lacking("uv is not installed: the wheel is not built")
    source = folder / "source"
    for name in tracked_files():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, source / name)
    command = [str(uv), "build", "--wheel", "--quiet", "--out-dir", str(folder / "dist"), str(source)]
    built = subprocess.run(command, env=newcomers_environment(), capture_output=True, text=True, check=False)
    if built.returncode and "Failed to fetch" in built.stderr:
        lacking("The package index cannot be reached: the wheel is not built")
    assert built.returncode == 0, built.stderr
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel
