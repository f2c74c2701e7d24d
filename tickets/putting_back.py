"""How a ticket stands before mails are moved, and how it comes to stand like that again."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.desk_checks import require_not_leaving
from tickets.errors import Conflict
from tickets.outbox import OutboxState
from tickets.people import Actor
from tickets.regrouping import Before, Move
from tickets.snoozing import UNTIL_ANSWER
from tickets.status import Status
from tickets.storage import Transaction
from tickets.ticket import Decision, DecisionId, DecisionKind, DecisionState, DraftState, Ticket
from tickets.withdraw import withdraw
from tickets.wording import Sentence

WORK: Final = frozenset({Status.NEW, Status.NEEDS_ACTION})
_OFFERED: Final = frozenset({DraftState.OPEN, DraftState.APPROVED})


async def standing(tx: Transaction, ticket: Ticket) -> Before:
    """Everything of the ticket that a move may take away."""
    draft, pending = await tx.current_draft(ticket.id), await tx.pending_decision(ticket.id)
    return Before(
        status=ticket.status,
        work_seq=ticket.work_seq,
        settled_seq=ticket.settled_seq,
        waiting_since=ticket.waiting_since,
        notice=ticket.notice,
        snoozed_until=ticket.snoozed_until,
        snoozed_by=ticket.snoozed_by,
        came_back=ticket.came_back,
        offered=draft.revision if draft and draft.state in _OFFERED else None,
        wish=pending.id if pending and pending.kind is DecisionKind.REDRAFT else None,
    )


async def require_nothing_leaves(tx: Transaction, ticket: Ticket) -> None:
    """Raises InFlight for a reply on its way out, Conflict for one that is approved: it answers the mails as they are.

    Undoing an approval is the operator's to decide, so nothing is withdrawn in passing.
    """
    await require_not_leaving(tx, ticket)
    outgoing = await tx.latest_outgoing(ticket.id)
    if outgoing and outgoing.state is OutboxState.APPROVED:
        raise Conflict(
            Sentence(
                "The reply on ticket #%(number)s is approved and about to leave. Undo the approval first, or wait "
                "until it has left.",
                number=ticket.number,
            )
        )


def stands_as(ticket: Ticket, before: Before, at: datetime) -> Ticket:
    """The status and what goes with it. A snooze whose date is over meanwhile stays over."""
    is_put_off = before.snoozed_until is not None and (
        before.snoozed_until == UNTIL_ANSWER or before.snoozed_until > at
    )
    return replace(
        ticket,
        status=before.status,
        waiting_since=before.waiting_since,
        notice=before.notice,
        snoozed_until=before.snoozed_until if is_put_off else None,
        snoozed_by=before.snoozed_by if is_put_off else None,
        came_back=before.came_back,
        updated_at=at,
    )


async def refilled(tx: Transaction, ticket: Ticket, before: Before, at: datetime) -> Ticket:
    """A ticket that was emptied, as it stood: its thread parks at the same draft, or begins where it was at work."""
    back = replace(stands_as(ticket, before, at), merged_into=None, settled_seq=before.settled_seq)
    if before.was_at_work:
        # Whatever the agent still thinks of may be about a ticket without mails: only work from now on counts.
        back = replace(back, work_seq=back.work_seq + 1)
    await tx.save(back)
    draft = await tx.current_draft(ticket.id)
    if draft and draft.revision == before.offered and not before.was_at_work:
        await tx.set_draft_state(ticket.id, draft.revision, DraftState.OPEN)
    await _wish_again(tx, before.wish, at)
    await tx.retry_work(ticket.id, at)
    return back


async def rest_put_back(tx: Transaction, ticket: Ticket, move: Move, reason: str, by: Actor, at: datetime) -> Ticket:
    """The ticket with mails of its own, as it stood, when nothing decisive happened on it since.

    work_seq goes on rising, so that nothing which knew the moved mails is offered; the draft that was there comes back
    as a new revision.
    """
    before = move.rest
    ticket = await withdraw(tx, ticket, reason=reason, by=by, at=at)
    back = replace(stands_as(ticket, before, at), work_seq=ticket.work_seq + 1)
    if not before.was_at_work:
        back = replace(back, settled_seq=back.work_seq)
    await tx.save(back)
    if before.offered is not None and not before.was_at_work:
        await _offer_again(tx, back, before.offered, move.id, by, at)
    await _wish_again(tx, before.wish, at)
    await tx.retry_work(ticket.id, at)
    return back


async def rest_goes_on(tx: Transaction, ticket: Ticket, move: Move, reason: str, by: Actor, at: datetime) -> Ticket:
    """The ticket with mails of its own, when it was dealt with since: its status stays.

    What was drafted since the move knew other mails, so it is withdrawn and written anew; an older draft stays.
    """
    draft, pending = await tx.current_draft(ticket.id), await tx.pending_decision(ticket.id)
    has_later_draft = draft is not None and draft.state is DraftState.OPEN and draft.revision != move.rest.offered
    if not (has_later_draft or pending or ticket.settled_seq < ticket.work_seq):
        return ticket
    ticket = await withdraw(tx, ticket, reason=reason, by=by, at=at)
    ticket = replace(ticket, work_seq=ticket.work_seq + 1, updated_at=at)
    if ticket.status not in WORK:
        ticket = replace(ticket, settled_seq=ticket.work_seq)
    await tx.save(ticket)
    await tx.retry_work(ticket.id, at)
    return ticket


async def _offer_again(tx: Transaction, ticket: Ticket, revision: int, move: UUID, by: Actor, at: datetime) -> None:
    known, newest = await tx.draft_numbered(ticket.id, revision), await tx.current_draft(ticket.id)
    if known is None or newest is None:
        return
    again = replace(
        known,
        revision=newest.revision + 1,
        work_seq=ticket.work_seq,
        made_for=f"edit:undo:{move}" if known.made_for.startswith("edit:") else f"undo:{move}",
        created_at=at,
        state=DraftState.OPEN,
    )
    await tx.add_draft(again)
    fields: Fields = {
        "revision": again.revision,
        "content_hash": again.content_hash,
        "written_by": again.written_by,
        "again": revision,
    }
    await tx.record(AuditEvent(EventKind.DRAFT_RESTORED, by.name, at, ticket.id, fields))


async def _wish_again(tx: Transaction, wish: DecisionId | None, at: datetime) -> None:
    """Under a new id: a run that still writes for the old one has read other mails."""
    cancelled: Decision | None = await tx.decision(wish) if wish else None
    if cancelled is not None and cancelled.state is DecisionState.CANCELLED:
        again = replace(
            cancelled,
            id=DecisionId(uuid4()),
            created_at=at,
            due_at=at,
            state=DecisionState.PENDING,
            reason=None,
        )
        await tx.add_decision(again)
