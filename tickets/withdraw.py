"""Taking back what is offered or approved, while nothing of it has left."""

from dataclasses import replace
from datetime import datetime

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.outbox import OutboxState
from tickets.people import Actor
from tickets.second_person import void_first_approval
from tickets.storage import Transaction
from tickets.ticket import DecisionState, DraftState, Ticket


async def withdraw(
    tx: Transaction, ticket: Ticket, *, reason: str, by: Actor, at: datetime, into: DraftState = DraftState.SUPERSEDED
) -> Ticket:
    """Cancel an unclaimed approval, the pending decision and the open draft of a ticket.

    A reply that is already leaving is not touched. Gives back the ticket with its notice; the caller saves it.
    """
    await void_first_approval(tx, ticket.id, reason, by, at)
    outgoing = await tx.latest_outgoing(ticket.id)
    if outgoing and outgoing.is_in_flight:
        return ticket
    if outgoing and outgoing.state is OutboxState.APPROVED:
        cancelled = replace(outgoing, state=OutboxState.CANCELLED, next_at=None, detail=f"Not sent: {reason}.")
        if not await tx.move_outgoing(outgoing, cancelled):
            return ticket  # it was claimed a moment ago and leaves
        ticket = replace(ticket, is_leaving=False, notice=f"The approved reply was not sent: {reason}.")
        fields: Fields = {"revision": outgoing.revision, "send_id": str(outgoing.id), "reason": reason}
        await tx.record(AuditEvent(EventKind.SEND_CANCELLED, by.name, at, ticket.id, fields))
    if decision := await tx.pending_decision(ticket.id):
        await tx.finish_decision(decision.id, DecisionState.CANCELLED, reason)
    draft = await tx.current_draft(ticket.id)
    if draft and draft.state in (DraftState.OPEN, DraftState.APPROVED):
        await tx.set_draft_state(ticket.id, draft.revision, into)
        said: Fields = {"revision": draft.revision, "reason": reason}
        await tx.record(AuditEvent(EventKind.DRAFT_SUPERSEDED, by.name, at, ticket.id, said))
    return ticket
