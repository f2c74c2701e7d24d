"""Use case: a split is undone. Everything on the new ticket goes back, and that one only points the way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Conflict
from tickets.merging import both, close_into, take_over, with_tags_of
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.putting_back import WORK, require_nothing_leaves, rest_put_back
from tickets.regrouping import Move, MoveKind, happened_since
from tickets.storage import TicketStore, Transaction
from tickets.ticket import Ticket, TicketId
from tickets.wording import N_, Sentence

NOT_SPLIT: Final = N_("This ticket was not split off another one, or somebody undid that. Reload the page.")


@dataclass(frozen=True, slots=True)
class Unsplitting:
    """Undoes splits."""

    store: TicketStore
    clock: Clock

    async def undo(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Put all mails of a ticket that was split off back, also those that came since; gives the first ticket.

        When nothing was decided on either meanwhile, that one stands as before the split, draft and all; otherwise
        the two are one matter again as after a merge. Raises InFlight or Conflict while a reply is on its way on
        either, Conflict when one of them was merged or split further since, or when there is no such split (any more).
        """
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            move = await _split_of(tx, ticket_id)
            source, opened = await both(tx, move.source, move.into)
            await _require_undoable(tx, move, source, opened)
            since = happened_since(move, await tx.recorded_on(source.id))
            since |= happened_since(move, await tx.recorded_on(opened.id))
            still_waits = opened.status in WORK
            await close_into(tx, opened, source, by, now)
            await tx.put_mails([each.id for each in await tx.messages(opened.id)], opened.id, source.id)
            await tx.put_notes(opened.id, source.id)
            source, _ = await with_tags_of(tx, opened, source)
            source = await _rejoined(tx, source, opened, move, by, now, is_as_before=not since, still_waits=still_waits)
            await tx.undo_move(move, by.name, now)
            fields: Fields = {"source": source.number, "into": opened.number, "undone": str(move.id)}
            for each in (source.id, opened.id):
                await tx.record(AuditEvent(EventKind.SPLIT_UNDONE, by.name, now, each, fields))
        return source


async def _split_of(tx: Transaction, ticket_id: TicketId) -> Move:
    for move in await tx.standing_moves(ticket_id):
        if move.kind is MoveKind.SPLIT and move.into == ticket_id:
            return move
    await tx.ticket(ticket_id)
    raise Conflict(NOT_SPLIT)


async def _require_undoable(tx: Transaction, move: Move, source: Ticket, opened: Ticket) -> None:
    for ticket in (source, opened):
        if ticket.merged_into is not None:
            raise Conflict(
                Sentence(
                    "Ticket #%(number)s was merged on into another one. Undo that merge first.", number=ticket.number
                )
            )
    if any(other.id != move.id for other in await tx.standing_moves(opened.id)):
        raise Conflict(
            Sentence(
                "Ticket #%(number)s took part in another merge or split since. Undo that one first.",
                number=opened.number,
            )
        )
    for ticket in (source, opened):
        await require_nothing_leaves(tx, ticket)


async def _rejoined(
    tx: Transaction,
    source: Ticket,
    opened: Ticket,
    move: Move,
    by: Actor,
    at: datetime,
    *,
    is_as_before: bool,
    still_waits: bool,
) -> Ticket:
    if is_as_before and move.touched_rest:
        return await rest_put_back(tx, source, move, "a split was undone", by, at)
    if is_as_before or not still_waits:
        return source
    return await take_over(tx, opened, source, by, at)
