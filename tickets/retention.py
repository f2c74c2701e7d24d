"""Forgetting by the clock, as administrators have set it: once a day, whichever process comes first.

Closed tickets go as with `purge` (see `erasing`). Of others only the mails as they came and their files go; what people
read stays. Nothing of a ticket is touched that is not closed, or whose reply is on its way.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.desk_settings import DeskSettings, Retention
from tickets.erasing import Erasing
from tickets.leases import Leases
from tickets.people import RETENTION
from tickets.ports import Clock
from tickets.ticket import TicketId

LEASE_S: Final = 120.0
BATCH: Final = 50
EVERY: Final = timedelta(days=1)
_ADDRESS: Final = re.compile(r"[^\s@:,;<>()\"]+@[^\s@:,;<>()\"]+")


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much went, or would go; `waiting` tickets stay because a reply is under way.

    `originals` are mails of which only the bytes and files went, `dismissed` are of quarantine, `events` of the record.
    """

    tickets: int = 0
    mails: int = 0
    waiting: int = 0
    originals: int = 0
    dismissed: int = 0
    events: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.tickets or self.originals or self.dismissed or self.events)


@dataclass(frozen=True, slots=True)
class Run:
    """One run; `forgotten` is None until it has ended."""

    began_at: datetime
    ended_at: datetime | None
    forgotten: Forgotten | None


class RetentionRows(Protocol):
    """The rows themselves."""

    async def with_originals(self, before: datetime, after: TicketId | None, limit: int) -> tuple[TicketId, ...]:
        """Tickets closed since then, without a reply under way, that still have mails as they came; by their ids."""
        ...

    async def originals(self, before: datetime) -> int:
        """How many mails of such tickets still are as they came."""
        ...

    async def drop_originals(self, ticket_id: TicketId, before: datetime) -> int:
        """The bytes and files of its mails go, if all that still holds; of how many."""
        ...

    async def dismissed(self, before: datetime) -> int: ...
    async def drop_dismissed(self, before: datetime, limit: int) -> int:
        """How many of the oldest went; 0 when none is left."""
        ...

    async def named_events(self, before: datetime) -> int:
        """Events of that age with an address in them, of the desk and of closed tickets."""
        ...

    async def take_names_out(self, before: datetime, older_than_days: int, at: datetime, limit: int) -> int:
        """Put pseudonyms into some of them, sealed and on record; of how many."""
        ...

    async def record(self, event: AuditEvent) -> None: ...
    async def last_run(self) -> Run | None: ...
    async def begin_run(self, at: datetime) -> int: ...
    async def end_run(self, run: int, at: datetime, forgotten: Forgotten) -> None: ...


@dataclass(frozen=True, slots=True)
class Retaining:
    """The use cases of the settings page, and of the clock."""

    rows: RetentionRows
    erasing: Erasing
    settings: DeskSettings
    leases: Leases
    clock: Clock
    log: Callable[..., object]

    async def would(self, wanted: Retention) -> Forgotten:
        """How much would go today; nothing is changed."""
        total, now = Forgotten(), self.clock.now()
        if days := wanted.closed_after_days:
            erased = await self.erasing.would_purge(days)
            total = replace(total, tickets=erased.tickets, mails=erased.mails, waiting=erased.waiting)
        if days := wanted.originals_after_days:
            total = replace(total, originals=await self.rows.originals(now - timedelta(days=days)))
        if days := wanted.dismissed_after_days:
            total = replace(total, dismissed=await self.rows.dismissed(now - timedelta(days=days)))
        if days := wanted.names_after_days:
            total = replace(total, events=await self.rows.named_events(now - timedelta(days=days)))
        return total

    async def run_if_due(self) -> Forgotten | None:
        """None when nothing is set, or it ran within a day, or another process is at it."""
        if await self.settings.read(Retention) == Retention() or not await self._is_due():
            return None
        async with self.leases.hold("retention", LEASE_S) as lease:
            if lease is None or not await self._is_due():  # another process was first
                return None
            run = await self.rows.begin_run(self.clock.now())
            forgotten = await self._run(await self.settings.read(Retention))
            await self.rows.end_run(run, self.clock.now(), forgotten)
        if not forgotten.is_nothing:
            self.log("retention", **asdict(forgotten))
        return forgotten

    async def last_run(self) -> Run | None:
        return await self.rows.last_run()

    async def _is_due(self) -> bool:
        last = await self.rows.last_run()
        return last is None or last.ended_at is None or self.clock.now() - last.began_at >= EVERY

    async def _run(self, wanted: Retention) -> Forgotten:
        total, now = Forgotten(), self.clock.now()
        if days := wanted.closed_after_days:
            erased = await self.erasing.purge(days, RETENTION)
            total = replace(total, tickets=erased.tickets, mails=erased.mails, waiting=erased.waiting)
        if days := wanted.originals_after_days:
            total = replace(total, originals=await self._originals(now - timedelta(days=days)))
        if days := wanted.dismissed_after_days:
            total = replace(total, dismissed=await self._dismissed(now - timedelta(days=days)))
        if total.originals or total.dismissed:
            fields: Fields = {"mails": total.originals, "dismissed": total.dismissed}
            await self.rows.record(AuditEvent(EventKind.ORIGINALS_PURGED, RETENTION.name, now, fields=fields))
        if days := wanted.names_after_days:
            total = replace(total, events=await self._names(now - timedelta(days=days), days))
        return total

    async def _originals(self, before: datetime) -> int:
        gone, last = 0, None
        while found := await self.rows.with_originals(before, last, BATCH):
            for ticket_id in found:
                gone += await self.rows.drop_originals(ticket_id, before)
            last = found[-1]
        return gone

    async def _dismissed(self, before: datetime) -> int:
        gone = 0
        while some := await self.rows.drop_dismissed(before, BATCH):
            gone += some
        return gone

    async def _names(self, before: datetime, days: int) -> int:
        gone = 0
        while some := await self.rows.take_names_out(before, days, self.clock.now(), BATCH):
            gone += some
        return gone


def without_names(event: AuditEvent, secret: bytes) -> AuditEvent:
    """The event with a pseudonym for every address: the same one for the same person, and no way back."""

    def plain(text: str) -> str:
        return _ADDRESS.sub(lambda found: _pseudonym(found[0], secret), text)

    fields = {
        key: [plain(item) for item in value]
        if isinstance(value, list)
        else plain(value)
        if isinstance(value, str)
        else value
        for key, value in (event.fields or {}).items()
    }
    return replace(event, actor=plain(event.actor), fields=fields if event.fields is not None else None)


def _pseudonym(address: str, secret: bytes) -> str:
    digest = hmac.new(secret, b"pseudonym:" + address.casefold().encode(), hashlib.sha256)
    return f"person-{digest.hexdigest()[:12]}"
