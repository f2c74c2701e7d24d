"""The services of the torture as seen from outside: started by the zygote, killed by their process descriptor."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

# Below the range from which the kernel gives ports to connections: nobody takes one before the service listens.
_PORTS: Final = count(12_000 + os.getpid() % 15_000)


def quiet_port() -> int:
    """A port that nobody listens on, and that no connection will be given."""
    while True:
        port = next(_PORTS)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@dataclass
class Zygote:
    """The process that forks services; a context manager."""

    process: "subprocess.Popen[str] | None" = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.torture.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # an interrupt from the keyboard is for us: we end the services ourselves
        )
        assert self._heard() == "ready", "the zygote did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def ask(self, asked: dict[str, Any]) -> Any:
        """One request and its answer."""
        assert self.process is not None
        assert self.process.stdin is not None
        with self._turn:
            self.process.stdin.write(json.dumps(asked) + "\n")
            self.process.stdin.flush()
            return self._heard()

    def _heard(self) -> Any:
        assert self.process is not None
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline() or "null")


class Forked:
    """One running service."""

    def __init__(self, zygote: Zygote, environ: dict[str, str], cwd: Path, output: Path) -> None:
        self.port = quiet_port()
        self.output = output
        self.started = time.monotonic()
        self._zygote = zygote
        asked = {"environ": environ | {"CA_PORT": str(self.port)}, "cwd": str(cwd), "output": str(output)}
        self.pid: int = zygote.ask(asked)["pid"]
        try:
            self._descriptor: int | None = os.pidfd_open(self.pid)
        except ProcessLookupError:  # it is over already
            self._descriptor = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def is_dead(self) -> bool:
        """Whether the process has ended, by whatever cause."""
        return self._descriptor is None or bool(select.select([self._descriptor], [], [], 0)[0])

    def kill(self) -> None:
        """SIGKILL from outside."""
        if self._descriptor is not None and not self.is_dead():
            signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)

    def buried(self) -> int:
        """Wait for the end; the exit code, negative for a signal."""
        code: int = self._zygote.ask({"wait": self.pid})["status"]
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        return code

    def said_last(self, lines: int = 20) -> str:
        """The end of its output, for whoever looks at a failure."""
        return "\n".join(self.output.read_text(errors="replace").splitlines()[-lines:])
