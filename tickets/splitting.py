"""Use case: one ticket is two matters. The chosen mails get a ticket, and a thread, of their own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput
from tickets.mail import Address, MailId, Message
from tickets.merging import require_not_merged
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.putting_back import WORK, require_nothing_leaves, standing
from tickets.regrouping import Before, Move, MoveKind, unanswered
from tickets.status import Event, after
from tickets.storage import TicketStore, Transaction
from tickets.ticket import Ticket, TicketId
from tickets.withdraw import withdraw


@dataclass(frozen=True, slots=True)
class Splitting:
    """Splits tickets."""

    store: TicketStore
    clock: Clock

    async def split(self, ticket_id: TicketId, mail_ids: Collection[MailId], *, by: Actor) -> Ticket:
        """Open a ticket with these mails, in one transaction; gives the new one, which later answers to them follow.

        What was approved and sent stays on the record of the first ticket. Raises BadInput unless each of the two has
        a customer's mail in the end, InFlight or Conflict while a reply is on its way.
        """
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            source = await tx.ticket(ticket_id)
            require_not_merged(source)
            messages = await tx.messages(ticket_id)
            going = _chosen(messages, mail_ids)
            staying = tuple(each for each in messages if each not in going)
            _require_sensible(going, staying)
            await require_nothing_leaves(tx, source)
            rest = await standing(tx, source)
            opened = await _open(tx, source, going, now)
            await tx.put_mails([each.id for each in going], source.id, opened.id)
            if _changes_rest(rest, source, messages, going):
                source = await _rest(tx, source, opened, staying, by, now)
            move = Move(
                id=uuid4(),
                kind=MoveKind.SPLIT,
                source=source.id,
                into=opened.id,
                by=by.name,
                at=now,
                mails=tuple(each.id for each in going),
                rest=rest,
                rest_seq=source.work_seq,
            )
            await tx.keep_move(move)
            fields: Fields = {
                "source": source.number,
                "into": opened.number,
                "mails": len(going),
                "mail_ids": [str(each.id) for each in going],
                "move": str(move.id),
            }
            for each in (source.id, opened.id):
                await tx.record(AuditEvent(EventKind.SPLIT, by.name, now, each, fields))
        return opened


def _chosen(messages: Sequence[Message], mail_ids: Collection[MailId]) -> tuple[Message, ...]:
    wanted = set(mail_ids)
    if not wanted:
        raise BadInput("No mail is chosen. Tick those that are another matter, then split.")
    if wanted - {each.id for each in messages}:
        raise BadInput("A mail that you chose is not on this ticket any more. Reload, then choose again.")
    return tuple(each for each in messages if each.id in wanted)


def _require_sensible(going: Sequence[Message], staying: Sequence[Message]) -> None:
    if not staying:
        raise BadInput("All mails are chosen: nothing would be left of this ticket. Leave at least one.")
    if not any(each.is_from_customer for each in going):
        raise BadInput("No mail of the customer is chosen: there would be nobody to answer. Choose one of theirs too.")
    if not any(each.is_from_customer for each in staying):
        raise BadInput("No mail of the customer would be left on this ticket. Leave at least one of theirs.")


async def _open(tx: Transaction, source: Ticket, going: Sequence[Message], at: datetime) -> Ticket:
    """NEW and worked on by the agent, or waiting on others when our answer is the last word among the mails."""
    first = next(each for each in going if each.is_from_customer)
    waiting = unanswered(going)
    status = after(None, Event.MAIL_ARRIVED)
    sender = first.mail.sender
    opened = await tx.open_ticket(
        Ticket(
            id=TicketId(uuid4()),
            number=0,
            mailbox_id=source.mailbox_id,
            mailbox=source.mailbox,
            status=status if waiting else after(status, Event.REPLY_SENT),
            subject=first.mail.subject or "(no subject)",
            requester=sender if sender.address else Address(sender.name or "unknown sender", ""),
            created_at=at,
            updated_at=at,
            waiting_since=(waiting or going)[0].at,
            settled_seq=0 if waiting else 1,
            category=source.category,
            priority=source.priority,
            language=source.language,
            assignee=source.assignee,
        )
    )
    await tx.work(opened.id, at)
    return opened


def _changes_rest(rest: Before, source: Ticket, messages: Sequence[Message], going: Sequence[Message]) -> bool:
    """Whether what the ticket waits with, or what the agent is thinking about, knew mails that go."""
    if rest.wish is not None or rest.was_at_work:
        return True
    customers = [each for each in messages if each.is_from_customer]
    answered_by_draft = (*unanswered(messages), *customers[-1:])
    return source.status in WORK and any(each in going for each in answered_by_draft)


async def _rest(
    tx: Transaction, source: Ticket, opened: Ticket, staying: Sequence[Message], by: Actor, at: datetime
) -> Ticket:
    """The ticket goes on with the mails that stay: drafted anew, or waiting on others when all of them are answered."""
    source = await withdraw(tx, source, reason=f"some of its mails were split off into #{opened.number}", by=by, at=at)
    waiting = unanswered(staying)
    source = replace(source, work_seq=source.work_seq + 1, updated_at=at)
    if source.status in WORK and waiting:
        source = replace(source, waiting_since=waiting[0].at)
    elif source.status in WORK:
        source = replace(source, status=after(source.status, Event.REPLY_SENT))
    if source.status not in WORK:
        source = replace(source, settled_seq=source.work_seq)
    await tx.save(source)
    await tx.retry_work(source.id, at)
    return source
