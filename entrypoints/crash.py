"""Ends the process at a named point, as SIGKILL would: for the tests of recovery (`CA_CRASH_AT`)."""

import os
import signal
import threading
from collections.abc import Callable


def crasher(point: str | None) -> Callable[[str], None]:
    """A function to call at every named point; it does nothing unless `point` is set.

    `name` ends the process at the first passage, `name:3` at the third. `hold:name` says so on standard output and
    stands still there, until somebody else ends the process.
    """
    if not point:
        return lambda _name: None
    holds = point.startswith("hold:")
    name, _, passage = point.removeprefix("hold:").partition(":")
    left = [int(passage or 1)]

    def crash(reached: str) -> None:
        if reached != name:
            return
        left[0] -= 1
        if left[0] != 0:
            return
        if holds:
            print(f"holding at {name}", flush=True)  # noqa: T201 - the test reads this line
            threading.Event().wait()
        os.kill(os.getpid(), signal.SIGKILL)

    return crash
