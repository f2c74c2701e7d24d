"""Mail in files, to be imported: an mbox, or a Maildir with its subfolders.

An archive is looked through once for the time and the identity of every mail, and again, in the order of time, for the
mails themselves: an mbox of years is in no order at all, and does not fit into memory.
"""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Final, Literal

from adapters.mbox import contents_of, mails_in
from adapters.mime_limits import MAX_BYTES, MAX_HEADER_BYTES
from adapters.raw_headers import header
from tickets.errors import BadInput
from tickets.importing import Advance, Archived
from tickets.ports import Incoming

Kind = Literal["mbox", "maildir"]

_LEFT_OUT: Final = frozenset(
    {
        "drafts",
        "trash",
        "junk",
        "spam",
        "bulk mail",
        "deleted items",
        "deleted messages",
        "outbox",
        "templates",
    }
)
_SENT: Final = frozenset({"sent", "sent mail", "sent items", "sent messages", "gesendet", "gesendete elemente"})
_SENT_LABELS: Final = frozenset({"sent", "gesendet"})
_OLDEST: Final = datetime(1980, 1, 1, tzinfo=UTC)  # before it, a Date header is a broken clock
_REPORT_EVERY: Final = 200


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a mail lies. `end` is None for a file that holds only this one."""

    path: Path
    start: int = 0
    end: int | None = None
    is_sent: bool = False

    def bytes(self) -> bytes:
        """At most as much as shows that it is oversized. Raises OSError."""
        if self.end is not None:
            return contents_of(self.path, self.start, self.end, MAX_BYTES + 1)
        with self.path.open("rb") as file:
            return file.read(MAX_BYTES + 1)


class FileArchive:
    """The port Archive. `own` are the desk's address keys: what they wrote left from here."""

    def __init__(self, path: Path, kind: Kind, own: frozenset[str], *, now: Callable[[], datetime]) -> None:
        self._path = path
        self._kind = kind
        self._own = own
        self._now = now
        self._places: dict[str, _Place] = {}

    async def contents(self, advance: Advance) -> Sequence[Archived]:
        """Every mail, the oldest first; a mail that is there twice counts once. Raises BadInput."""
        return await asyncio.to_thread(self._look_through, advance)

    async def read(self, wanted: Sequence[Archived]) -> Sequence[Incoming]:
        """The bytes of these."""
        found = await asyncio.to_thread(lambda: [self._incoming(mail) for mail in wanted])
        return [incoming for incoming in found if incoming is not None]

    def _look_through(self, advance: Advance) -> list[Archived]:
        places = _mbox_places(self._path, advance) if self._kind == "mbox" else _maildir_places(self._path, advance)
        found: dict[str, Archived] = {}
        for place in places:
            try:
                raw = place.bytes()
            except OSError:
                continue  # it vanished, or is nobody's to read; a later import looks again
            mail = Archived(f"import:{hashlib.sha256(raw).hexdigest()}", self._time(raw, place), len(raw))
            if mail.provider_id not in found:
                found[mail.provider_id] = mail
                self._places[mail.provider_id] = place
        return sorted(found.values(), key=lambda mail: (mail.at, mail.provider_id))

    def _incoming(self, mail: Archived) -> Incoming | None:
        place = self._places[mail.provider_id]
        try:
            raw = place.bytes()
        except OSError:
            return None
        return Incoming(mail.provider_id, raw, mail.at, None, place.is_sent or self._is_sent(raw))

    def _is_sent(self, raw: bytes) -> bool:
        """Written in our name, and never travelled: a forged one bears the marks of its way to us."""
        head = raw[:MAX_HEADER_BYTES]
        if parseaddr(header(head, "From") or "")[1].strip().casefold() not in self._own:
            return False
        labels = {label.strip().casefold() for label in (header(head, "X-Gmail-Labels") or "").split(",")}
        return header(head, "Received") is None or not labels.isdisjoint(_SENT_LABELS)

    def _time(self, raw: bytes, place: _Place) -> datetime:
        """When it came: by the topmost Received, else the Date, else the file."""
        head, now = raw[:MAX_HEADER_BYTES], self._now()
        received = (header(head, "Received") or "").rpartition(";")[2]
        stated = (_moment(received), _moment(header(head, "Date") or ""))
        usable = next((at for at in stated if at is not None and at >= _OLDEST), None)
        return min(usable or datetime.fromtimestamp(place.path.stat().st_mtime, UTC), now)


def _mbox_places(path: Path, advance: Advance) -> Iterator[_Place]:
    total = _size(path, Path.is_file, "an mbox file")
    is_any = False
    for number, (start, end) in enumerate(mails_in(path)):
        is_any = True
        yield _Place(path, start, end)
        if number % _REPORT_EVERY == 0:
            advance(end, total)
    if total and not is_any:
        raise BadInput(f"{path} is no mbox: it does not begin with a line 'From ...'. Check the path.")
    advance(total, total)


def _maildir_places(path: Path, advance: Advance) -> Iterator[_Place]:
    _size(path, lambda folder: (folder / "cur").is_dir(), "a Maildir: it has no folder 'cur'")
    files = list(_maildir_files(path))
    for number, place in enumerate(files):
        yield place
        if number % _REPORT_EVERY == 0:
            advance(number, len(files))
    advance(len(files), len(files))


def _maildir_files(path: Path) -> Iterator[_Place]:
    subfolders = sorted(each for each in path.iterdir() if each.name.startswith(".") and (each / "cur").is_dir())
    for folder in (path, *subfolders):
        name = folder.name.rpartition(".")[2].casefold() if folder != path else "inbox"
        if name in _LEFT_OUT:
            continue
        for part in ("cur", "new"):
            with os.scandir(folder / part) as entries:
                names = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
            yield from (_Place(folder / part / each, is_sent=name in _SENT) for each in names if _is_kept(each))


def _is_kept(name: str) -> bool:
    """Not one with the flags D and T: a draft, or on its way into the bin."""
    return not name.startswith(".") and not {"D", "T"}.intersection(name.partition(":2,")[2])


def _size(path: Path, is_right: Callable[[Path], bool], what: str) -> int:
    if not path.exists():
        raise BadInput(f"{path} is not there. Check the path.")
    if not is_right(path):
        raise BadInput(f"{path} is not {what}. Check the path, or the kind of archive.")
    return path.stat().st_size


def _moment(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text.strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
