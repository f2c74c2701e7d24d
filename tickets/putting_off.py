"""Use case: an operator puts a ticket off, or takes it back before its time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput, Conflict
from tickets.merging import require_not_merged
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.snoozing import UNTIL_ANSWER, WakeReason, end_snooze, in_record
from tickets.status import Status
from tickets.storage import TicketStore
from tickets.ticket import Ticket, TicketId

LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PuttingOff:
    """Puts tickets off and takes them back."""

    store: TicketStore
    clock: Clock

    async def snooze(self, ticket_id: TicketId, until: datetime, *, by: Actor) -> Ticket:
        """Off the boards until then (or UNTIL_ANSWER). Raises BadInput for the past or more than a year ahead."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        _require_sensible(until, now)
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            _require_open(ticket)
            snoozed = replace(ticket, snoozed_until=until, snoozed_by=by.name, came_back=None, updated_at=now)
            await tx.save(snoozed)
            fields: Fields = {"until": in_record(until)}
            await tx.record(AuditEvent(EventKind.SNOOZED, by.name, now, ticket_id, fields))
        return snoozed

    async def wake(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Back on the boards now; one that is not put off stays as it is."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if ticket.snoozed_until is None:
                return ticket
            woken = replace(await end_snooze(tx, ticket, WakeReason.BY_HAND, by.name, now), updated_at=now)
            await tx.save(woken)
        return woken


def _require_sensible(until: datetime, now: datetime) -> None:
    if until == UNTIL_ANSWER:
        return
    if until <= now:
        raise BadInput("That time is over. Choose a later one.")
    if until - now > LONGEST:
        raise BadInput("A ticket can be put off for a year at most. Choose an earlier date.")


def _require_open(ticket: Ticket) -> None:
    require_not_merged(ticket)
    if ticket.status is Status.DONE:
        raise Conflict("This ticket is closed: there is nothing to put off. Reopen it first.")
