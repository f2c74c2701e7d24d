"""Forgetting: closed tickets that are old enough, and everything of one customer.

A ticket goes with its mails, raw bytes, drafts, notes, decisions, replies, search index and workflow. The place of each
of its mails stays, as skipped: the mailboxes' account still adds up, and no mail comes back with the next listing.
The audit trail stays as it is: it names operators, ids and decisions, and calls the customer by nothing but the ids.

Tickets are erased in small transactions, each on its own, so that the running desk is never held up; what is stopped
half-way is finished by running it again. A reply on its way out is waited for: its ticket is left and counted.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput
from tickets.mail import Address
from tickets.people import Actor
from tickets.ports import Clock
from tickets.ticket import TicketId

BATCH: Final = 20

EndThread = Callable[[TicketId], Awaitable[None]]
"""Delete every checkpoint of the ticket's workflow."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many tickets and mails went (or would go), and how many tickets stay because a reply is under way."""

    tickets: int = 0
    mails: int = 0
    waiting: int = 0


class Erasure(Protocol):
    """The rows themselves."""

    async def closed_before(self, before: datetime, after: TicketId | None, limit: int) -> tuple[TicketId, ...]:
        """Closed tickets that nothing has moved since then, in the order of their ids."""
        ...

    async def tickets_of(self, address_key: str) -> tuple[TicketId, ...]:
        """Those that the address opened."""
        ...

    async def count(self, ticket_ids: Sequence[TicketId]) -> Erased: ...

    async def erase_ticket(self, ticket_id: TicketId, closed_before: datetime | None) -> int | None:
        """Delete it with all its mail; how many mails went.

        None when it stays: a reply is under way, or it is not, or no longer, closed for that long.
        """
        ...

    async def erase_mails_of(self, address_key: str, limit: int) -> int:
        """Mails of the address on no ticket, or on other people's; how many went."""
        ...

    async def forget_address(self, address_key: str) -> None:
        """What else is kept by address: participants, refusals."""
        ...

    async def record(self, event: AuditEvent) -> None: ...

    async def scrub(self) -> None:
        """Make sure that what was deleted cannot be read from the database's files."""
        ...


@dataclass(frozen=True, slots=True)
class Erasing:
    """The use cases of administrators and of the console."""

    erasure: Erasure
    end_thread: EndThread
    clock: Clock

    async def would_purge(self, days: int) -> Erased:
        """How much is older than that; nothing is changed."""
        total, last = Erased(), None
        while found := await self.erasure.closed_before(self._before(days), last, BATCH):
            total, last = _sum(total, await self.erasure.count(found)), found[-1]
        return total

    async def purge(self, days: int, by: Actor) -> Erased:
        """Erase closed tickets that nothing has moved for so many days."""
        before, total, last = self._before(days), Erased(), None
        while found := await self.erasure.closed_before(before, last, BATCH):
            for ticket_id in found:
                total = _sum(total, await self._erase(ticket_id, before))
            last = found[-1]
        if total.tickets:
            await self._record(EventKind.TICKETS_PURGED, by, {"older_than_days": days, **_counted(total)})
            await self.erasure.scrub()
        return total

    async def would_erase(self, address: str) -> Erased:
        """How much is kept of a customer; nothing is changed."""
        return await self.erasure.count(await self.erasure.tickets_of(_key(address)))

    async def erase_customer(self, address: str, by: Actor) -> Erased:
        """Erase every ticket that the address opened, and its mails anywhere else."""
        key, total = _key(address), Erased()
        for ticket_id in await self.erasure.tickets_of(key):
            total = _sum(total, await self._erase(ticket_id, None))
        while gone := await self.erasure.erase_mails_of(key, BATCH):
            total = replace(total, mails=total.mails + gone)
        if not total.waiting:
            await self.erasure.forget_address(key)
        await self._record(EventKind.CUSTOMER_ERASED, by, _counted(total))
        await self.erasure.scrub()
        return total

    async def _erase(self, ticket_id: TicketId, closed_before: datetime | None) -> Erased:
        mails = await self.erasure.erase_ticket(ticket_id, closed_before)
        if mails is None:
            return Erased(waiting=1)
        # The thread goes last: without its ticket it is never run again, and a second try finds nothing to do.
        await self.end_thread(ticket_id)
        return Erased(tickets=1, mails=mails)

    async def _record(self, kind: EventKind, by: Actor, fields: Fields) -> None:
        await self.erasure.record(AuditEvent(kind, by.name, self.clock.now(), fields=fields))

    def _before(self, days: int) -> datetime:
        if not 0 < days <= 36_500:
            raise BadInput("The age is a number of days, at least one.")
        return self.clock.now() - timedelta(days=days)


def _key(address: str) -> str:
    key = Address("", address).key
    if "@" not in key or len(key) > 320 or not key.isprintable() or " " in key:
        raise BadInput("That is no mail address. Write it like ada@example.org.")
    return key


def _sum(one: Erased, other: Erased) -> Erased:
    return Erased(one.tickets + other.tickets, one.mails + other.mails, one.waiting + other.waiting)


def _counted(erased: Erased) -> dict[str, int]:
    return {"tickets": erased.tickets, "mails": erased.mails}
