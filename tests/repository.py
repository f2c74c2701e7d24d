"""The repository that the tests run in."""

import subprocess
from functools import cache
from pathlib import Path

from tests.databases import lacking

ROOT = Path(__file__).resolve().parents[1]


@cache
def tracked_files() -> tuple[str, ...]:
    """What git knows and what is there; a copy of it is what a clone of the next commit would be."""
    if not (ROOT / ".git").exists():
        lacking("This is not a git checkout: nothing says which files belong to it")
    listed = git("ls-files", "-z").split("\0")
    return tuple(name for name in listed if name and (ROOT / name).is_file())


def git(*words: str) -> str:
    """Its standard output; raises CalledProcessError when it fails."""
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout
