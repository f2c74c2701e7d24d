"""The Parser port: `ProcessParser` for production, `InlineParser` for small tools and tests.

A mail is hostile input. It is read in a process of its own with limits on time and memory, which holds none of our
sockets, files or secrets; what hangs or kills that process is Unreadable, and the next mail is read by a new one.
"""

import asyncio
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import structlog

from adapters import mime
from adapters.mime_limits import MAX_BYTES
from adapters.mime_oversized import head_of
from adapters.mime_wire import unpacked
from adapters.parser_worker import HEAD, PARSED, UNREADABLE, WHOLE, head_frame, receive, send
from tickets.errors import Unavailable, Unreadable
from tickets.mail import Parsed, missing_message_id

log = structlog.get_logger()

TIME_LIMIT_S: Final = 8
MEMORY_LIMIT_BYTES: Final = 1 << 30
_START_LIMIT_S: Final = 30
_WORKER_ARGUMENTS: Final = ("-P", "-W", "ignore", "-m", "adapters.parser_worker")
_PACKAGE_ROOT: Final = Path(__file__).resolve().parent.parent
# Only what an interpreter needs to start: no key, token or database URL reaches the process.
_PASSED_ON: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")


class InlineParser:
    """Parses in a thread of this process: no limit on time or memory. Of more than `max_bytes` only the header."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes

    async def parse(self, raw: bytes) -> Parsed:
        """Raises Unreadable when the message exceeds the limits."""
        return await asyncio.to_thread(mime.parse, raw, max_bytes=self._max_bytes)


class ProcessParser:
    """Parses in one worker process, started with the first mail; mails wait their turn.

    `time_limit_s` is per mail, whole seconds. Of a mail of more than `max_bytes` only the header is read.
    """

    def __init__(
        self,
        *,
        time_limit_s: int = TIME_LIMIT_S,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._time_limit_s = time_limit_s
        self._memory_limit_bytes = memory_limit_bytes
        self._max_bytes = max_bytes
        self._turn = ThreadPoolExecutor(max_workers=1, thread_name_prefix="parser")
        self._worker: _Worker | None = None
        self._is_closed = False

    async def parse(self, raw: bytes) -> Parsed:
        """Raises Unreadable for what exceeds the limits, Unavailable when no worker process can be started."""
        return await asyncio.get_running_loop().run_in_executor(self._turn, self._parse, raw)

    async def warm_up(self) -> None:
        """Start the worker now, so that the first mail does not wait for it."""
        await asyncio.get_running_loop().run_in_executor(self._turn, self._running)

    @property
    def worker_pid(self) -> int | None:
        """The process that reads mail now; None before the first one and after a fault."""
        worker = self._worker
        return worker.process.pid if worker else None

    def close(self) -> None:
        """End the worker; a parse that is under way ends with it."""
        self._is_closed = True
        self._turn.shutdown(wait=False, cancel_futures=True)
        self._drop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _parse(self, raw: bytes) -> Parsed:
        kind, frame = WHOLE, raw
        if len(raw) > self._max_bytes:
            # The worker's memory is for reading; a body that is not read stays here.
            kind, head = HEAD, head_of(raw)
            limit, fallback_id = self._max_bytes, missing_message_id(raw)
            frame = head_frame(head, size=len(raw), limit=limit, fallback_id=fallback_id)
        return self._answered(kind, frame)

    def _answered(self, kind: bytes, frame: bytes) -> Parsed:
        try:
            return self._ask(kind, frame)
        except (EOFError, ConnectionError):
            self._drop()
        # The worker may have died of something else between two mails: only one that dies again is this mail's doing.
        try:
            return self._ask(kind, frame)
        except (EOFError, ConnectionError) as error:
            self._drop()
            log.warning("parser_died", size=len(frame))
            raise Unreadable(
                "Reading the message ended the process that reads mail. Look at the raw mail; retry after an update."
            ) from error

    def _ask(self, kind: bytes, frame: bytes) -> Parsed:
        worker = self._running()
        try:
            answer, contents = worker.ask(kind, frame, self._time_limit_s)
        except TimeoutError as error:
            self._drop()
            log.warning("parser_timed_out", size=len(frame), limit_s=self._time_limit_s)
            raise Unreadable(
                f"Reading the message takes more than {self._time_limit_s} seconds. Look at the raw mail."
            ) from error
        if answer == PARSED:
            return unpacked(contents)
        raise Unreadable(contents.decode("utf-8", "replace") if answer == UNREADABLE else "The message cannot be read.")

    def _running(self) -> "_Worker":
        if self._is_closed:
            raise Unavailable("The desk is stopping; the mail is fetched again at the next start.")
        if self._worker is None:
            self._worker = _started(self._memory_limit_bytes, self._time_limit_s)
        return self._worker

    def _drop(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()


@dataclass(frozen=True, slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    channel: socket.socket

    def ask(self, kind: bytes, frame: bytes, limit_s: float) -> tuple[bytes, bytes]:
        """Raises TimeoutError, or EOFError and ConnectionError when the process has ended."""
        # The limit holds for each wait on the socket: the worker reads all, computes, then answers in one go.
        self.channel.settimeout(limit_s)
        send(self.channel, kind, frame)
        return receive(self.channel)

    def end(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.wait()


def _started(memory_limit_bytes: int, time_limit_s: int) -> _Worker:
    """A worker that has said it is ready; raises Unavailable when it does not."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            # Popen closes every other descriptor in the child: the listening sockets stay here.
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, *_WORKER_ARGUMENTS, str(memory_limit_bytes), str(time_limit_s)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
                close_fds=True,
            )
        except OSError as error:
            ours.close()
            raise _no_start() from error
    worker = _Worker(process, ours)
    try:
        ours.settimeout(_START_LIMIT_S)
        receive(ours)
    except (OSError, EOFError) as error:
        worker.end()
        raise _no_start() from error
    return worker


def _no_start() -> Unavailable:
    return Unavailable(
        "The process that reads mail does not start. Look at the error it printed to the console; "
        "the mails are fetched again when it is mended."
    )


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    places = [str(_PACKAGE_ROOT), *(place for place in sys.path if place and Path(place).is_dir())]
    return {**kept, "PYTHONPATH": os.pathsep.join(dict.fromkeys(places)), "PYTHONDONTWRITEBYTECODE": "1"}
