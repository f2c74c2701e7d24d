"""The house rules that no linter knows: sizes, names, where a thing may be said."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("tickets", "graph", "adapters", "persistence", "api", "entrypoints")
MODULES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
NAMES = [str(file.relative_to(ROOT)) for file in MODULES]

LINT = (sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()")

BANNED_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "data", "info"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("git: this is no checkout")
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("file", MODULES, ids=NAMES)
def test_every_module_says_what_it_is_for_and_fits_in_view(file: Path) -> None:
    text = file.read_text()
    if not text.strip():
        return

    tree = ast.parse(text)

    assert ast.get_docstring(tree), "a module starts by saying what it is for"
    if "migrations" not in file.parts:
        assert len(text.splitlines()) <= 400
    assert file.stem not in BANNED_NAMES


@pytest.mark.parametrize("file", MODULES, ids=NAMES)
def test_functions_are_short(file: Path) -> None:
    if "migrations" in file.parts:
        return

    long = [f.name for f in functions(ast.parse(file.read_text())) if f.end_lineno and f.end_lineno - f.lineno > 60]

    assert long == []


def test_only_the_status_table_decides_a_status() -> None:
    """A status comes from `after`, from a row, or from the table itself."""
    assigned = re.compile(r"replace\([^()]*status=Status\.")

    offenders = [name for name, file in zip(NAMES, MODULES, strict=True) if assigned.search(file.read_text())]

    assert offenders == []


def test_only_the_desk_writes_an_approval() -> None:
    """The gate is in the outbox: whoever could add a row to it could send."""
    writers = [name for name, file in zip(NAMES, MODULES, strict=True) if ".add_outgoing(" in file.read_text()]

    assert writers == ["tickets/approving.py"]


def test_every_test_folder_is_a_package() -> None:
    folders = {file.parent for file in (ROOT / "tests").rglob("*.py")}

    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_nothing_tracked_names_this_machine_or_holds_a_secret() -> None:
    patterns = re.compile(rb"/root/|/work/|/home/[a-z]+/|BEGIN (RSA |EC )?PRIVATE KEY|ya29\.[A-Za-z0-9]")
    texts = [file for file in tracked() if file.suffix not in {".png", ".woff2", ".eml"} and file.is_file()]

    offenders = [str(file.relative_to(ROOT)) for file in texts if patterns.search(file.read_bytes())]

    assert [name for name in offenders if name != "tests/test_house.py"] == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("tickets/status.py", "import sqlalchemy"),
        ("tickets/mail.py", "import persistence.store"),
        ("api/health.py", "import persistence.store"),
        ("graph/draft.py", "import litestar"),
        ("entrypoints/demo.py", "import googleapiclient.discovery"),
    ],
)
def test_a_forbidden_import_breaks_its_contract(module: str, line: str, tmp_path: Path) -> None:
    for package in (*PACKAGES, "templates"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / module
    file.write_text(file.read_text() + f"\n{line}\n")

    linted = subprocess.run(LINT, cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": "."})

    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert "BROKEN" in linted.stdout


def test_the_lock_file_names_only_the_public_index() -> None:
    sources = set(re.findall(r'registry = "([^"]+)"', (ROOT / "uv.lock").read_text()))

    assert sources == {"https://pypi.org/simple"}
