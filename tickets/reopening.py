"""What a customer's mail does to tickets: a new matter, one more mail, a reopening, a follow-up, or only thanks."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from tickets.audit import AuditEvent, EventKind
from tickets.mail import Address, Mail, MailKind
from tickets.people import SYNC
from tickets.received import Arrived, Outcome, Received
from tickets.snoozing import WakeReason, end_snooze
from tickets.status import Event, Status, after
from tickets.storage import Transaction
from tickets.storms import still_told
from tickets.thanks import is_thanks
from tickets.ticket import Ticket, TicketId
from tickets.withdraw import withdraw

ONLY_THANKS: Final = "The customer only says thank you. Close it again?"
_ANSWERED: Final = frozenset({Status.WAITING_OTHERS, Status.DONE})


async def customer_wrote(
    tx: Transaction, received: Received, ticket_id: TicketId, reopen_within: timedelta | None
) -> Arrived:
    """The mail answers on that ticket, or carries on from there in a new one when it was closed too long ago."""
    ticket = await tx.ticket(ticket_id)
    if not is_closed_for_good(ticket, received.at, reopen_within):
        return await _answered(tx, received, ticket)
    follow_up = await _own_follow_up(tx, received, ticket, reopen_within)
    if follow_up is not None:
        return await _answered(tx, received, follow_up)
    if is_thanks(received.mail):
        return await _thanked_late(tx, received, ticket)
    return await open_matter(tx, received, follows=ticket.id)


def is_closed_for_good(ticket: Ticket, at: datetime, reopen_within: timedelta | None) -> bool:
    """Whether an answer at that time comes too late to reopen the ticket."""
    return ticket.status is Status.DONE and reopen_within is not None and at - ticket.updated_at > reopen_within


async def _own_follow_up(
    tx: Transaction, received: Received, ticket: Ticket, reopen_within: timedelta | None
) -> Ticket | None:
    """The ticket that an earlier late answer opened: who answers the old mail twice gets no second one."""
    found = await tx.follow_up_of(ticket.id)
    standing = await tx.standing_ticket(found) if found else None
    if standing is None or received.mail.sender.key not in await tx.participants(standing):
        return None
    follow_up = await tx.ticket(standing)
    return None if is_closed_for_good(follow_up, received.at, reopen_within) else follow_up


async def _answered(tx: Transaction, received: Received, ticket: Ticket) -> Arrived:
    if ticket.status in _ANSWERED and is_thanks(received.mail):
        return await _only_thanked(tx, received, ticket)
    return await _wrote_again(tx, received, ticket)


async def _wrote_again(tx: Transaction, received: Received, ticket: Ticket) -> Arrived:
    was_waiting_for_us = ticket.settled_seq < ticket.work_seq or ticket.status is Status.NEEDS_ACTION
    was_closed = ticket.status is Status.DONE
    told = None if ticket.notice == ONLY_THANKS else ticket.notice
    ticket = await end_snooze(tx, ticket, WakeReason.ANSWER, SYNC.name, received.at)
    ticket = await withdraw(
        tx, replace(ticket, notice=told), reason="the customer wrote again", by=SYNC, at=received.at
    )
    ticket = replace(
        ticket,
        status=after(ticket.status, Event.CUSTOMER_WROTE),
        work_seq=ticket.work_seq + 1,
        updated_at=received.at,
        waiting_since=ticket.waiting_since if was_waiting_for_us else received.at,
        snippet=received.snippet,
        notice=still_told(told, ticket.notice),
    )
    await tx.save(ticket)
    await _keep_customers(tx, received, ticket.id)
    await tx.retry_work(ticket.id, received.at)
    if was_closed:
        await tx.record(AuditEvent(EventKind.REOPENED, SYNC.name, received.at, ticket.id))
    return Arrived(Outcome.APPENDED, ticket.id)


async def _only_thanked(tx: Transaction, received: Received, ticket: Ticket) -> Arrived:
    """Shown, so that nobody misses a word in it; settled, so that the agent drafts no answer to it."""
    ticket = await end_snooze(tx, ticket, WakeReason.ANSWER, SYNC.name, received.at)
    ticket = await withdraw(tx, ticket, reason="the customer wrote again", by=SYNC, at=received.at)
    ticket = replace(
        ticket,
        status=after(ticket.status, Event.CUSTOMER_WROTE),
        work_seq=ticket.work_seq + 1,
        settled_seq=ticket.work_seq + 1,
        updated_at=received.at,
        waiting_since=received.at,
        snippet=received.snippet,
        notice=still_told(ticket.notice, ONLY_THANKS),
    )
    await tx.save(ticket)
    await _keep_customers(tx, received, ticket.id)
    return Arrived(Outcome.APPENDED, ticket.id)


async def _thanked_late(tx: Transaction, received: Received, ticket: Ticket) -> Arrived:
    """Kept where it belongs, moving nothing: a customer's mail would begin the time to reopen anew."""
    await received.keep(tx, ticket.id, MailKind.AUTOMATIC)
    return Arrived(Outcome.AUTOMATIC, ticket.id)


async def open_matter(tx: Transaction, received: Received, *, follows: TicketId | None = None) -> Arrived:
    """A new ticket. One that follows another shows the way to it and holds nothing of it."""
    mail = received.mail
    ticket = await tx.open_ticket(
        Ticket(
            id=TicketId(uuid4()),
            number=0,
            mailbox_id=received.mailbox.id,
            mailbox=received.mailbox.address,
            status=after(None, Event.MAIL_ARRIVED),
            subject=mail.subject or "(no subject)",
            requester=_requester(mail),
            created_at=received.at,
            updated_at=received.at,
            waiting_since=received.incoming.received_at,
            snippet=received.snippet,
            follows=follows,
        )
    )
    await _keep_customers(tx, received, ticket.id)
    await tx.work(ticket.id, received.at)
    return Arrived(Outcome.OPENED, ticket.id)


async def _keep_customers(tx: Transaction, received: Received, ticket_id: TicketId) -> None:
    await received.keep(tx, ticket_id, MailKind.CUSTOMER)
    if key := received.mail.sender.key:
        await tx.clear_bounced(key)


def _requester(mail: Mail) -> Address:
    return mail.sender if mail.sender.address else Address(mail.sender.name or "unknown sender", "")
