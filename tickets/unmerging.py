"""Use case: a merge is undone. What came with the merged ticket goes back to it; what came later stays."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Conflict
from tickets.merging import both
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.putting_back import refilled, require_nothing_leaves, rest_goes_on, rest_put_back
from tickets.regrouping import Before, Move, MoveKind, happened_since
from tickets.storage import TicketStore, Transaction
from tickets.ticket import Ticket, TicketId
from tickets.wording import N_, Sentence

NOT_MERGED: Final = N_("This ticket is not merged into another one any more. Reload the page.")
TOO_OLD: Final = N_("This merge is from before merges could be undone. Split the mails off the other ticket instead.")
_ANSWERED: Final = frozenset({EventKind.SENT, EventKind.HUMAN_ANSWERED})


@dataclass(frozen=True, slots=True)
class Unmerging:
    """Undoes merges."""

    store: TicketStore
    clock: Clock

    async def undo(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Bring the merged ticket back as it was: mails, notes, tags, status, draft and place in the workflow.

        An approval that the merge withdrew is not given again: its draft is offered. Raises InFlight or Conflict while
        a reply is on its way on the other ticket, Conflict when that was merged itself, when some of the mails were
        split off since, or when there is no such merge (any more).
        """
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            move = await _merge_of(tx, ticket_id)
            source, target = await both(tx, move.source, move.into)
            await _require_undoable(tx, move, target)
            since = happened_since(move, await tx.recorded_on(target.id))
            await tx.put_mails(move.mails, target.id, source.id)
            await tx.put_notes(target.id, source.id, move.notes)
            if move.tags:
                await tx.set_tags(target.id, [tag for tag in target.tags if tag not in move.tags])
            source = await refilled(tx, source, _emptied(move, target, answered=bool(since & _ANSWERED)), now)
            await _rest(tx, target, move, by, now, untouched_since=not since)
            await tx.undo_move(move, by.name, now)
            fields: Fields = {"source": source.number, "into": target.number, "undone": str(move.id)}
            for each in (source.id, target.id):
                await tx.record(AuditEvent(EventKind.MERGE_UNDONE, by.name, now, each, fields))
        return source


async def _merge_of(tx: Transaction, ticket_id: TicketId) -> Move:
    for move in await tx.standing_moves(ticket_id):
        if move.kind is MoveKind.MERGE and move.source == ticket_id:
            return move
    ticket = await tx.ticket(ticket_id)
    raise Conflict(TOO_OLD if ticket.merged_into else NOT_MERGED)


async def _require_undoable(tx: Transaction, move: Move, target: Ticket) -> None:
    if target.merged_into is not None:
        raise Conflict(
            Sentence("Ticket #%(number)s was merged on into another one. Undo that merge first.", number=target.number)
        )
    if not await tx.are_on(move.mails, target.id):
        raise Conflict(
            Sentence(
                "Some of the mails were split off ticket #%(number)s since. Undo that split first.",
                number=target.number,
            )
        )
    await require_nothing_leaves(tx, target)


def _emptied(move: Move, target: Ticket, *, answered: bool) -> Before:
    """How the merged ticket stood; whoever answers it has to know of an answer that was sent meanwhile."""
    before = move.emptied
    assert before is not None, "a merge keeps how the emptied ticket stood"
    if not answered:
        return before
    told = f"While this ticket was merged into #{target.number}, a reply was sent there. Read it before you answer."
    return replace(before, notice=told)


async def _rest(
    tx: Transaction, target: Ticket, move: Move, by: Actor, at: datetime, *, untouched_since: bool
) -> Ticket:
    reason = "a merge was undone"
    if untouched_since and move.touched_rest:
        return await rest_put_back(tx, target, move, reason, by, at)
    return await rest_goes_on(tx, target, move, reason, by, at)
