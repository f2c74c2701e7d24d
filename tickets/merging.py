"""Use case: two tickets are one matter. The mails move, the emptied ticket is closed and points to where they are."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.desk_checks import require_not_leaving
from tickets.errors import BadInput, Conflict
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.putting_back import WORK, standing
from tickets.regrouping import Move, MoveKind
from tickets.snoozing import WakeReason, end_snooze
from tickets.status import Event, Status, after
from tickets.storage import TicketStore, Transaction
from tickets.ticket import Ticket, TicketId
from tickets.withdraw import withdraw
from tickets.wording import Sentence


class OtherRequester(Conflict):
    """The tickets are of different people: what one wrote would be shown to the other's answerer. Confirm it."""


@dataclass(frozen=True, slots=True)
class Merging:
    """Merges tickets."""

    store: TicketStore
    clock: Clock

    async def merge(self, ticket_id: TicketId, into: TicketId, *, by: Actor, confirmed: bool = False) -> Ticket:
        """Move all mails, notes and tags of one ticket to another, in one transaction; gives that other one.

        Raises OtherRequester unless `confirmed`, InFlight while a reply of the first is leaving, BadInput for a ticket
        and itself, Conflict for one that is merged already.
        """
        by.require(Scope.DRAFT)
        if ticket_id == into:
            raise BadInput("A ticket cannot be merged into itself. Choose another one.")
        now = self.clock.now()
        async with self.store.begin() as tx:
            # No mail arrives meanwhile, so nobody else locks two tickets at once; and always in one order.
            await tx.taking_mail_in()
            source, target = await both(tx, ticket_id, into)
            _require_mergeable(source, target, confirmed)
            emptied, rest = await standing(tx, source), await standing(tx, target)
            await close_into(tx, source, target, by, now)
            mails = tuple(each.id for each in await tx.messages(source.id))
            await tx.put_mails(mails, source.id, target.id)
            notes = await tx.put_notes(source.id, target.id)
            target, tags = await with_tags_of(tx, source, target)
            target = await take_over(tx, source, target, by, now) if source.status in WORK else target
            move = Move(
                id=uuid4(),
                kind=MoveKind.MERGE,
                source=source.id,
                into=target.id,
                by=by.name,
                at=now,
                mails=mails,
                rest=rest,
                rest_seq=target.work_seq,
                emptied=emptied,
                notes=notes,
                tags=tags,
            )
            await tx.keep_move(move)
            fields: Fields = {
                "source": source.number,
                "into": target.number,
                "confirmed": confirmed,
                "move": str(move.id),
                "mails": len(mails),
                "notes": len(notes),
                "tags": list(tags),
            }
            for each in (source.id, target.id):
                await tx.record(AuditEvent(EventKind.MERGED, by.name, now, each, fields))
        return target


def require_not_merged(ticket: Ticket) -> None:
    """Raises Conflict for a ticket whose mails are on another one now."""
    if ticket.merged_into is not None:
        raise Conflict("This ticket was merged into another one. Open that one: all its mails are there.")


def _require_mergeable(source: Ticket, target: Ticket, confirmed: bool) -> None:
    require_not_merged(source)
    if target.merged_into is not None:  # also what would make a circle
        raise Conflict(
            Sentence(
                "Ticket #%(number)s was merged into another one itself. Merge into that one.", number=target.number
            )
        )
    if source.requester.key != target.requester.key and not confirmed:
        raise OtherRequester(
            Sentence(
                "Ticket #%(number)s is of %(whose)s, #%(other)s of %(others)s. "
                "Merge them only if both may know what the other wrote; then confirm it.",
                number=source.number,
                whose=source.requester.label,
                other=target.number,
                others=target.requester.label,
            )
        )


async def both(tx: Transaction, first: TicketId, second: TicketId) -> tuple[Ticket, Ticket]:
    """Two tickets, locked in the order that everybody keeps who locks two."""
    locked = {each: await tx.ticket(each) for each in sorted((first, second))}
    return locked[first], locked[second]


async def close_into(tx: Transaction, source: Ticket, target: Ticket, by: Actor, at: datetime) -> None:
    """The source ends as a ticket that only points the way."""
    reason = f"the ticket was merged into #{target.number}"
    source = await withdraw(tx, source, reason=reason, by=by, at=at)
    await require_not_leaving(tx, source)  # an approval that was claimed a moment ago is not withdrawn any more
    source = await end_snooze(tx, source, WakeReason.MERGED, by.name, at)
    is_done = source.status is Status.DONE
    closed = replace(
        source,
        status=source.status if is_done else after(source.status, Event.CLOSED),
        settled_seq=source.work_seq,
        updated_at=at,
        notice=f"Merged into #{target.number}: all its mails are there.",
        merged_into=target.id,
    )
    await tx.save(closed)
    await tx.retry_work(source.id, at)  # its thread ends


async def with_tags_of(tx: Transaction, source: Ticket, target: Ticket) -> tuple[Ticket, tuple[str, ...]]:
    """The target with the source's tags, and which of them are new to it. There may be more than one may put on it."""
    tags = tuple(tag for tag in source.tags if tag not in target.tags)
    if tags:
        target = replace(target, tags=(*target.tags, *tags))
        await tx.set_tags(target.id, target.tags)
    return target, tags


async def take_over(tx: Transaction, source: Ticket, target: Ticket, by: Actor, at: datetime) -> Ticket:
    """What still waits for an answer waits on the other ticket now; a draft there did not know of it."""
    was_waiting_for_us = target.settled_seq < target.work_seq or target.status is Status.NEEDS_ACTION
    target = await withdraw(tx, target, reason=f"ticket #{source.number} was merged into it", by=by, at=at)
    target = await end_snooze(tx, target, WakeReason.ANSWER, by.name, at)
    target = replace(
        target,
        status=after(target.status, Event.CUSTOMER_WROTE),
        work_seq=target.work_seq + 1,
        updated_at=at,
        waiting_since=min(source.waiting_since, target.waiting_since) if was_waiting_for_us else source.waiting_since,
    )
    await tx.save(target)
    await tx.retry_work(target.id, at)
    return target
