"""What comes back by the clock: tickets whose snooze is over, and answered ones whose customer stays silent.

The database says which are due. Each is looked at again under its lock, so two processes may look at once.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tickets.audit import AuditEvent, EventKind
from tickets.desk_settings import DeskSettings, FollowUp
from tickets.people import AGENT
from tickets.ports import Clock
from tickets.snoozing import time_is_up
from tickets.status import Event, Status, after
from tickets.storage import TicketStore
from tickets.storms import still_told
from tickets.ticket import Ticket, TicketId

PAGE: Final = 100
NO_ANSWER: Final = "No answer yet"  # how the notice begins


@dataclass(frozen=True, slots=True)
class Rousing:
    """Runs now and then. After how much silence an answered ticket comes back is in the settings."""

    store: TicketStore
    clock: Clock
    settings: DeskSettings

    async def run(self) -> int:
        """How many tickets came back."""
        return await self._wake_all() + await self._remind_all()

    async def _wake_all(self) -> int:
        return await _each(lambda: self.store.snoozes_over(self.clock.now(), PAGE), self._wake)

    async def _wake(self, ticket_id: TicketId) -> bool:
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if ticket.snoozed_until is None or ticket.snoozed_until > now:
                return False
            await tx.save(await time_is_up(tx, ticket, AGENT.name, now))
        return True

    async def _remind_all(self) -> int:
        days = (await self.settings.read(FollowUp)).after_days
        if not days:
            return 0
        before = self.clock.now() - timedelta(days=days)
        return await _each(
            lambda: self.store.silent_since(before, PAGE), lambda ticket_id: self._remind(ticket_id, before, days)
        )

    async def _remind(self, ticket_id: TicketId, before: datetime, days: int) -> bool:
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if not _is_silent(ticket, before):
                return False
            await tx.save(_reminded(ticket, days, now))
            event = AuditEvent(EventKind.FOLLOW_UP_DUE, AGENT.name, now, ticket_id, {"silent_days": days})
            await tx.record(event)
        return True


async def _each(look: Callable[[], Awaitable[Sequence[TicketId]]], move: Callable[[TicketId], Awaitable[bool]]) -> int:
    """Move what is due, page after page, while something moves."""
    moved = 0
    while due := await look():
        in_page = sum([await move(ticket_id) for ticket_id in due])
        if not in_page:
            break
        moved += in_page
    return moved


def _is_silent(ticket: Ticket, before: datetime) -> bool:
    if ticket.status is not Status.WAITING_OTHERS or ticket.snoozed_until is not None or ticket.is_leaving:
        return False
    return ticket.spoken_at is not None and ticket.spoken_at <= before


def _reminded(ticket: Ticket, days: int, now: datetime) -> Ticket:
    spell = "a day" if days == 1 else f"{days} days"
    return replace(
        ticket,
        status=after(ticket.status, Event.FOLLOW_UP_DUE),
        waiting_since=now,
        updated_at=now,
        notice=still_told(ticket.notice, f"{NO_ANSWER}, for {spell} now. Write again, snooze the ticket, or close it."),
    )
