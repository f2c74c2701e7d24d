"""An operator's word on what a ticket is about: it stands for the next draft, and the desk learns from it."""

from dataclasses import dataclass, replace

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.categories import Categories
from tickets.desk_settings import DeskSettings
from tickets.errors import BadInput
from tickets.learning import learn, lesson_of
from tickets.merging import require_not_merged
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.storage import TicketStore
from tickets.ticket import Ticket, TicketId


@dataclass(frozen=True, slots=True)
class Resorting:
    """Puts tickets into another category."""

    store: TicketStore
    settings: DeskSettings
    clock: Clock

    async def resort(self, ticket_id: TicketId, category: str, *, by: Actor) -> Ticket:
        """The category that it has already is confirmed by this. Raises BadInput for one that no ticket can get."""
        by.require(Scope.DRAFT)
        if category not in (await self.settings.read(Categories)).keys:
            raise BadInput("There is no such category, or it is out of use. Choose one of the list.")
        conversation = await self.store.conversation(ticket_id)
        triage = await self.store.triage(ticket_id, conversation.ticket.work_seq)
        lesson = await lesson_of(self.store, conversation)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            require_not_merged(ticket)
            known = await tx.example(ticket_id, ticket.work_seq)
            if ticket.category == category and known and known.is_resorted:
                return ticket
            fields: Fields = {"category": category, "before": ticket.category}
            ticket = replace(ticket, category=category, updated_at=now)
            await tx.save(ticket)
            if triage and ticket.work_seq == conversation.ticket.work_seq:
                # The next draft is written for what the operator says.
                await tx.keep_triage(ticket_id, ticket.work_seq, replace(triage, category=category))
            await learn(tx, ticket, lesson, by=by, at=now, is_resorted=True)
            await tx.record(AuditEvent(EventKind.SORTED, by.name, now, ticket_id, fields))
        return ticket
