"""A folder of real mail (Maildir, with Maildir++ subfolders `.Drafts` and `.Sent`): the demo, imports, local servers.

A mail's provider id is its unique name: the part of the file name before `:2,`, which survives flag changes and the
move from `new/` to `cur/`. Sending is one rename from `.Drafts` to `.Sent`, so it happens once however many try.
"""

import asyncio
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG
from typing import Final

from adapters.maildir_outbox import MaildirOutbox
from tickets.errors import Unavailable
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.portions import chunks, portions
from tickets.ports import Changes, Incoming, Skipped, Unknown

FOLDERS: Final = ("new", "cur")

# File systems stamp directories by a coarse tick: a mail that arrives right after the listing may leave the mtime as it
# was. A stamp this young is therefore not remembered, and the next look lists the folder again.
MTIME_TRUSTED_AFTER_NS: Final = 2_000_000_000

_DELIVERED_AT: Final = re.compile(r"(\d{9,11})\.")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    provider_id: str
    size: int
    delivered: tuple[float, int]  # seconds since the epoch, then the file's own stamp
    is_regular: bool


class Maildir:
    """One Maildir. Files stay where they are; nothing in the folder is marked or moved by reading."""

    settle_s = 0.0

    def __init__(
        self, path: Path, address: str, *, authserv_id: str | None = None, now_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self.address = address
        self.authserv_id = authserv_id
        self._path = path
        self._now_ns = now_ns
        self._outbox = MaildirOutbox(path)

    async def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """Mails nobody has seen, in the order of their delivery; an untouched folder costs two stats.

        Raises Unavailable when the folder is not there.
        """
        stamps = await asyncio.to_thread(self._stamps)
        if cursor is not None and _read_cursor(cursor) == stamps:
            return
        files = await self._unknown_files(unknown)
        is_complete = True
        for portion in portions(files):
            incoming, skipped = await asyncio.to_thread(_read, portion)
            is_complete = is_complete and not skipped
            yield Changes(incoming, cursor or "{}", skipped)
        # A mail that could not be read is looked for again, so the folder must not pass for read.
        after = json.dumps(stamps if is_complete else {})
        if after != cursor:
            yield Changes((), after)

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Lay the reply into `.Drafts`."""
        return await asyncio.to_thread(self._outbox.prepare, outgoing)

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """Rename the draft into `.Sent`."""
        return await asyncio.to_thread(self._outbox.submit, draft, outgoing)

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """Where the file of this reply lies now."""
        return await asyncio.to_thread(self._outbox.lookup, outgoing)

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete its file from `.Drafts`."""
        await asyncio.to_thread(self._outbox.discard, outgoing)

    async def senders(self) -> frozenset[str]:
        """Its own address: a folder has nobody who could verify another one."""
        return frozenset({self.address.casefold()})

    def _stamps(self) -> dict[str, int]:
        """Each folder's mtime, without those that are too young to be trusted."""
        try:
            stamps = {folder: (self._path / folder).stat().st_mtime_ns for folder in FOLDERS}
        except OSError as error:
            raise Unavailable(
                f"{self._path} cannot be read as a Maildir ({error.strerror}). Bring the folder with its new/ and cur/ "
                "back, or register its new place with `communication-agent mailbox add maildir PATH`."
            ) from error
        youngest = self._now_ns() - MTIME_TRUSTED_AFTER_NS
        return {folder: stamp for folder, stamp in stamps.items() if stamp < youngest}

    async def _unknown_files(self, unknown: Unknown) -> list[_File]:
        paths = await asyncio.to_thread(self._paths)
        names = list(paths)
        wanted: set[str] = set()
        for some in chunks(names):
            wanted |= await unknown(some)
        return await asyncio.to_thread(_in_order_of_delivery, {name: paths[name] for name in names if name in wanted})

    def _paths(self) -> dict[str, Path]:
        """Unique name -> file. A mail on its way from new/ to cur/ may show in both and counts once."""
        found = (entry for folder in FOLDERS for entry in (self._path / folder).iterdir())
        return {_unique_name(entry): entry for entry in found if not entry.name.startswith(".")}


def _unique_name(file: Path) -> str:
    """The name without its flags. Bytes that are no UTF-8 are written out: the database holds text."""
    return os.fsencode(file.name).decode("utf-8", "backslashreplace").partition(":")[0]


def _read_cursor(cursor: str) -> dict[str, int] | None:
    """The stamps of a complete cursor; None when the folder has to be listed."""
    stamps: dict[str, int] = json.loads(cursor)
    return stamps if set(stamps) == set(FOLDERS) else None


def _in_order_of_delivery(paths: dict[str, Path]) -> list[_File]:
    files = (_look_at(name, path) for name, path in paths.items())
    return sorted((file for file in files if file), key=lambda file: (file.delivered, file.provider_id))


def _look_at(provider_id: str, path: Path) -> _File | None:
    try:
        found = path.lstat()  # what a link points to is no mail of this folder
    except FileNotFoundError:
        return None
    stamp = _DELIVERED_AT.match(provider_id)
    delivered_s = float(stamp[1]) if stamp else found.st_mtime
    return _File(path, provider_id, found.st_size, (delivered_s, found.st_mtime_ns), S_ISREG(found.st_mode))


def _read(files: list[_File]) -> tuple[tuple[Incoming, ...], tuple[Skipped, ...]]:
    incoming: list[Incoming] = []
    skipped: list[Skipped] = []
    for file in files:
        if not file.is_regular:
            skipped.append(Skipped(file.provider_id, "not a regular file"))
            continue
        try:
            raw = file.path.read_bytes()
        except FileNotFoundError:
            continue  # moved or deleted since the listing; a moved one shows in the next look
        except OSError as error:
            skipped.append(Skipped(file.provider_id, f"cannot be read: {error.strerror}", is_final=False))
            continue
        incoming.append(Incoming(file.provider_id, raw, datetime.fromtimestamp(file.delivered[0], UTC)))
    return tuple(incoming), tuple(skipped)
