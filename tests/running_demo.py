"""`make demo` as a newcomer runs it, for tests and for the README's picture."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.service import Rest, eventually, free_port

OURS = ("CA_", "ARCHITECT_", "OPENAI_", "OLLAMA_", "VLLM_", "LANGSMITH_", "LANGCHAIN_", "MAKE", "MFLAGS", "VIRTUAL_ENV")
PROGRAM = (sys.executable, "-m", "entrypoints.cli", "demo")
READY_S = 120.0


@dataclass
class Demo:
    """A demo that serves. `folder` is its data directory."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    output: IO[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def printed(self) -> str:
        """All that it has said so far."""
        self.output.seek(0)
        return self.output.read().decode()

    def password(self) -> str:
        """As it was shown at the first start."""
        found = re.search(r"^Password +(\S+)$", self.printed(), re.MULTILINE)
        assert found, self.printed()
        return found[1]

    def token(self) -> str:
        return (self.folder / "api-token").read_text().strip()

    def rest(self) -> Rest:
        return Rest(self.url, self.token())

    def answers(self) -> bool:
        """Whether the REST API takes the token."""
        assert self.process.poll() is None, self.printed()
        try:
            return self.rest().call("GET", "/tickets?limit=1").status == 200
        except OSError:
            return False

    def at_rest(self) -> Rest:
        """A client of its API, once all mail is in and the agent has nothing left to do."""
        rest = self.rest()
        eventually(lambda: not any(mailbox["busy"] for mailbox in rest.sync(wait_s=0)), READY_S)
        eventually(lambda: rest.tickets() and not rest.tickets(status="NEW"), READY_S)
        return rest

    def interrupt(self) -> None:
        """Ctrl+C: the terminal tells everything that runs in it."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)


@contextmanager
def running(
    command: Sequence[str], cwd: Path, data_dir: Path, environ: dict[str, str], *, port: int | None = None
) -> Iterator[Demo]:
    """Start `command`, wait until the demo in `data_dir` answers on its port, and stop it at the end.

    `{port}` in the command is the port, a free one when none is asked for.
    """
    port = port or free_port()
    words = [word.format(port=port) for word in command]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            words, cwd=cwd, env=environ, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        demo = Demo(data_dir, port, process, output)
        try:
            eventually(demo.answers, READY_S)
            yield demo
        finally:
            if process.poll() is None:
                demo.interrupt()


def newcomers_environment(**more: str) -> dict[str, str]:
    """What is around us, without anything that configures the desk or the tools that build it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(OURS)} | more
