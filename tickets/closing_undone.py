"""Use case: somebody takes a closing of their own back, as long as nobody has touched the ticket since."""

from dataclasses import dataclass, replace
from datetime import datetime

from tickets.audit import AuditEvent, EventKind
from tickets.errors import Conflict
from tickets.merging import require_not_merged
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.status import Event, Status, after
from tickets.storage import TicketStore
from tickets.ticket import Ticket, TicketId


@dataclass(frozen=True, slots=True)
class ClosingUndone:
    """Reopens what this person closed. The customer has waited all the while: the time of waiting goes on."""

    store: TicketStore
    clock: Clock

    async def undo(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Raises Conflict for a ticket whose last event is not a closing by this person."""
        by.require(Scope.DRAFT)
        closed_at = await self._closed_at(ticket_id, by)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            require_not_merged(ticket)
            if ticket.status is not Status.DONE or ticket.updated_at != closed_at:
                raise _changed()
            ticket = replace(ticket, status=after(ticket.status, Event.REOPENED), updated_at=now)
            await tx.save(ticket)
            await tx.record(AuditEvent(EventKind.REOPENED, by.name, now, ticket_id))
        return ticket

    async def _closed_at(self, ticket_id: TicketId, by: Actor) -> datetime:
        await self.store.ticket(ticket_id)
        events = await self.store.events(ticket_id)
        if not events or events[-1].kind is not EventKind.CLOSED or events[-1].actor != by.name:
            raise _changed()
        return events[-1].at


def _changed() -> Conflict:
    return Conflict("This ticket changed since you closed it. Open it and see whether it is to be reopened.")
