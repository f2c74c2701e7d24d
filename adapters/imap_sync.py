"""What is new in an IMAP account: in each folder the UIDs above the last one, oldest mails first over all folders.

A folder that is new to us, or that the server has numbered anew (UIDVALIDITY), is listed over the last `window_days`.
A mail's id is folder, UIDVALIDITY and UID. After a new numbering the same mails come under new ids, and the desk knows
them by their Message-ID. Reading marks nothing as seen.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from adapters.imap_cursor import Cursor
from adapters.imap_folders import Folder
from adapters.imap_line import ImapLine
from adapters.imap_settings import ImapSettings
from adapters.imap_survey import News, provider_id, survey
from adapters.mime_limits import MAX_BYTES
from adapters.raw_headers import send_id
from tickets.boards import Progress
from tickets.errors import Disconnected, MailboxError, Rejected, Unavailable
from tickets.portions import PORTION_BYTES, chunks, portions
from tickets.ports import Changes, Clock, Incoming, Skipped, Unknown

if TYPE_CHECKING:
    from imapclient import IMAPClient

log = structlog.get_logger()

Item = TypeVar("Item")
Answer = TypeVar("Answer")

NOT_GIVEN: Final = "the server has it and does not give it out"
_DELETED: Final = b"\\Deleted"
_BODY: Final = "BODY.PEEK[]"  # BODY[] would mark the mail as seen


class _NumberedAnew(Unavailable):
    """The folder's UIDs mean other mails than a moment ago."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """A mail as the listing names it."""

    folder: Folder
    validity: int
    uid: int
    at: datetime
    size: int

    @property
    def id(self) -> str:
        return provider_id(self.folder.name, self.validity, self.uid)


@dataclass(slots=True)
class _Left:
    """What is left out of this run, by folder: to look at again next time."""

    uids: dict[str, set[int]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)

    def out(self, folder: str, validity: int, uid: int, reason: str, known: Cursor) -> None:
        """Said once; then it is only waited for."""
        self.uids.setdefault(folder, set()).add(uid)
        before = known.folders.get(folder)
        if before is None or before.look.validity != validity or uid not in before.pending:
            self.skipped.append(Skipped(provider_id(folder, validity, uid), reason, is_final=False))


class ImapSync:
    """Reads one account's news on the line it is given."""

    def __init__(self, line: ImapLine, settings: ImapSettings, clock: Clock, *, window_days: int) -> None:
        self._line = line
        self._settings = settings
        self._clock = clock
        self._window_days = window_days

    async def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """Portions of at most 50 mails and 32 MB; a run that is killed lists again and skips what is known by then."""
        known = Cursor.read(cursor)
        since = (self._clock.now() - timedelta(days=self._window_days)).date()
        news, missing = await self._line.run(partial(survey, settings=self._settings, known=known, since=since))
        total = sum(len(each.uids) for each in news if each.is_listing)
        listing_since = (known.listing_since or int(self._clock.now().timestamp())) if total else 0
        during = replace(known, listing_since=listing_since).text
        for gone in chunks([each.id(uid) for each in news for uid in each.gone]):
            yield Changes((), during, gone=tuple(gone))
        left = _Left()
        cut = portions(await self._wanted(news, unknown, known, left), max_bytes=PORTION_BYTES)
        remaining = sum(len(portion) for portion in cut)
        for portion in cut[:-1]:
            incoming, skipped = await self._read(portion, known, left)
            remaining -= len(portion)
            progress = Progress(max(total - remaining, 0), total, _moment(listing_since)) if total else None
            yield Changes(incoming, during, skipped, progress=progress)
        incoming, skipped = await self._read(cut[-1], known, left) if cut else ((), ())
        after = _after(news, left).text
        if incoming or skipped or left.skipped or after != cursor:
            yield Changes(incoming, after, (*skipped, *left.skipped))
        if missing:
            # Said last, so that one wrong name keeps no mail back.
            raise Rejected(f"There is no folder {', '.join(missing)}. Correct the folders of this mailbox.")

    async def _wanted(self, news: Sequence[News], unknown: Unknown, known: Cursor, left: _Left) -> list[_Listed]:
        """Those nobody knows, oldest first whatever folder they lie in: an answer comes after what it answers."""
        listed: list[_Listed] = []
        for each in news:
            wanted: set[str] = set()
            for ids in chunks([each.id(uid) for uid in each.uids]):
                wanted |= await unknown(ids)
            uids = [uid for uid in each.uids if each.id(uid) in wanted]
            name, validity = each.folder.name, each.after.look.validity
            found, broken = await self._asked(partial(_described, news=each), uids)
            for uid in [mail.uid for mail, is_deleted in found if is_deleted]:
                left.out(name, validity, uid, "marked as deleted", known)
            for uid in broken:
                left.out(name, validity, uid, NOT_GIVEN, known)
            listed += [mail for mail, is_deleted in found if not is_deleted]
        return sorted(listed, key=lambda mail: (mail.at, mail.folder.is_sent, mail.folder.name, mail.uid))

    async def _read(
        self, portion: Sequence[_Listed], known: Cursor, left: _Left
    ) -> tuple[tuple[Incoming, ...], tuple[Skipped, ...]]:
        found, broken = await self._asked(_bodies, portion)
        for mail in broken:
            left.out(mail.folder.name, mail.validity, mail.uid, NOT_GIVEN, known)
        incoming: list[Incoming] = []
        skipped: list[Skipped] = []
        for mail, raw in sorted(found, key=lambda each: portion.index(each[0])):
            if mail.folder.is_sent and send_id(raw):
                skipped.append(Skipped(mail.id, "our own reply", received_at=mail.at))
            else:
                incoming.append(Incoming(mail.id, raw, mail.at, None, mail.folder.is_sent))
        return tuple(incoming), tuple(skipped)

    async def _asked(
        self, ask: Callable[["IMAPClient", Sequence[Item]], list[Answer]], items: Sequence[Item]
    ) -> tuple[list[Answer], list[Item]]:
        """What the server answers; then the items that it stumbles over.

        Some servers hang up over one broken mail. It is narrowed down by halves, so that it keeps no other back.
        """
        if not items:
            return [], []
        try:
            return await self._line.run(lambda client: ask(client, items)), []
        except (_NumberedAnew, Disconnected):
            raise
        except MailboxError as error:
            await self._line.run(lambda client: client.noop())  # a server that is down is no mail's fault
            log.warning("imap_mail_not_given", among=len(items), error=type(error).__name__)
        if len(items) == 1:
            return [], list(items)
        middle = len(items) // 2
        answers, broken = await self._asked(ask, items[:middle])
        more_answers, more_broken = await self._asked(ask, items[middle:])
        return answers + more_answers, broken + more_broken


# --- on the line's thread ------------------------------------------------------------------------------------------


def _described(client: "IMAPClient", uids: Sequence[int], *, news: News) -> list[tuple[_Listed, bool]]:
    """Time and size of each, and whether it is marked as deleted; what is gone meanwhile is left out."""
    folder, validity = news.folder, news.after.look.validity
    _open(client, folder.name, validity)
    described: list[tuple[_Listed, bool]] = []
    for some in chunks(uids):
        for uid, item in client.fetch(list(some), ["INTERNALDATE", "RFC822.SIZE", "FLAGS"]).items():
            at = item[b"INTERNALDATE"].astimezone(UTC)
            mail = _Listed(folder, validity, uid, at, item[b"RFC822.SIZE"])
            described.append((mail, _DELETED in item[b"FLAGS"]))
    client.close_folder()
    return described


def _bodies(client: "IMAPClient", portion: Sequence[_Listed]) -> list[tuple[_Listed, bytes]]:
    """The bytes of each; what is gone since the listing is left out."""
    found: list[tuple[_Listed, bytes]] = []
    for folder in dict.fromkeys(mail.folder for mail in portion):
        by_uid = {mail.uid: mail for mail in portion if mail.folder == folder}
        _open(client, folder.name, next(iter(by_uid.values())).validity)
        for uid, item in client.fetch(list(by_uid), [_part(by_uid)]).items():
            raw = next((value for key, value in item.items() if key.startswith(b"BODY[]")), None)
            found += [(by_uid[uid], raw)] if raw is not None else []
        client.close_folder()
    return found


def _part(mails: Mapping[int, _Listed]) -> str:
    # Nobody will parse an oversized mail, which comes alone: as much as shows its size is enough for the quarantine.
    is_oversized = any(mail.size > MAX_BYTES for mail in mails.values())
    return f"{_BODY}<0.{MAX_BYTES + 1}>" if is_oversized else _BODY


def _open(client: "IMAPClient", name: str, validity: int) -> None:
    if client.select_folder(name, readonly=True)[b"UIDVALIDITY"] != validity:
        raise _NumberedAnew("The server numbered a folder anew while it was read. It begins anew by itself.")


# --- small things --------------------------------------------------------------------------------------------------


def _after(news: Iterable[News], left: _Left) -> Cursor:
    pending = {name: frozenset(uids) for name, uids in left.uids.items()}
    nothing: frozenset[int] = frozenset()
    folders = {each.folder.name: replace(each.after, pending=pending.get(each.folder.name, nothing)) for each in news}
    return Cursor(folders)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
