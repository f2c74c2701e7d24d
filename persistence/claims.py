"""Names for running processes, so that a claim left behind by a killed one is recognised at once.

A name holds the machine's boot, the process-id namespace, the process id, when that process started, and a random
part for one run. Another host, or a container that counts its own process ids, never matches: nothing can be said
of its processes, and their claims end by their time alone.
"""

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_SEPARATOR: Final = "|"
_ENDED_STATES: Final = frozenset("ZXx")  # killed, and only not yet collected by its parent
_UNKNOWN: Final = "-"


@dataclass(frozen=True, slots=True)
class Process:
    """One process on one boot of one machine."""

    boot_id: str
    namespace: str
    pid: int
    started: str

    @classmethod
    def read(cls, claimant: str) -> "Process | None":
        """The process that a claimant's name speaks of; None for a name of another make."""
        parts = claimant.split(_SEPARATOR)
        if len(parts) != 5 or not parts[2].isdecimal():
            return None
        return cls(parts[0], parts[1], int(parts[2]), parts[3])


def claimant() -> str:
    """A new name for one run in this process."""
    me = _me(os.getpid())
    return _SEPARATOR.join((me.boot_id, me.namespace, str(me.pid), me.started, secrets.token_hex(6)))


def is_gone(name: str) -> bool:
    """Whether the process behind the name has certainly ended; False whenever that cannot be known from here."""
    process = Process.read(name)
    if process is None or _UNKNOWN in (process.boot_id, process.namespace, process.started):
        return False
    if (process.boot_id, process.namespace) != _host():
        return False
    return _started(process.pid) != process.started


@cache
def _me(pid: int) -> Process:
    """This process, looked up once; a forked child has another pid."""
    return Process(*_host(), pid, _started(pid) or _UNKNOWN)


@cache
def _host() -> tuple[str, str]:
    """The boot id and the process-id namespace; unknown where there is no /proc."""
    try:
        boot_id = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return boot_id, os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - the link's text is wanted, it names no file
    except OSError:
        return _UNKNOWN, _UNKNOWN


def _started(pid: int) -> str | None:
    """When the process started, in clock ticks since boot (field 22 of proc_pid_stat(5)); None when it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    except OSError:
        return _UNKNOWN
    fields = stat.rpartition(")")[2].split()  # the command before it may contain anything
    return None if fields[0] in _ENDED_STATES else fields[19]
