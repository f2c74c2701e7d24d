"""A clean environment for every test here: nothing of the developer's settings, files or log set-up."""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from entrypoints.cli import main

OURS = ("CA_", "ARCHITECT_", "OPENAI_", "OLLAMA_", "VLLM_", "LANGSMITH_", "LANGCHAIN_")


@dataclass
class Console:
    """An operator's shell in an empty folder; `data_dir` is the desk's."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        return self.folder / "var"

    def run(self, *words: str, stdin: str = "", **settings: str) -> Result:
        """One command in this process; settings are environment variables for this one."""
        return CliRunner().invoke(main, list(words), input=stdin, env=self.environ | settings)

    def does(self, *words: str, stdin: str = "", **settings: str) -> str:
        """What a command prints that must succeed."""
        result = self.run(*words, stdin=stdin, **settings)
        assert result.exit_code == 0, f"{result.output}{result.exception!r}"
        return result.stdout

    def maildir(self, name: str = "mailbox") -> Path:
        """An empty Maildir."""
        for folder in ("new", "cur", "tmp"):
            (self.folder / name / folder).mkdir(parents=True)
        return self.folder / name


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """A shell in a fresh folder."""
    for name in os.environ:
        if name.startswith(OURS) or name == "PORT":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield Console(tmp_path)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
