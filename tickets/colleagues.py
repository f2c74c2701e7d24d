"""A colleague answers a customer without the desk: from the mailbox itself, or from an address of their own.

Only a mail that goes to somebody who takes part in the ticket answers it. One that hands the matter on to others, or
tells the desk something, is kept on the ticket and moves nothing.
"""

from dataclasses import replace
from typing import Final

from tickets.audit import AuditEvent, EventKind
from tickets.mail import MailKind, SenderVerdict
from tickets.matching import find_colleagues_ticket
from tickets.own_ids import OwnIds
from tickets.people import SYNC
from tickets.received import Received
from tickets.status import Event, after
from tickets.storage import Transaction
from tickets.ticket import TicketId
from tickets.withdraw import withdraw

ANSWERED: Final = "A colleague answered in the mailbox itself."
ANSWERED_OUTSIDE: Final = "A colleague answered from an address of their own."


async def answered_in_mailbox(
    tx: Transaction, received: Received, own_ids: OwnIds | None, own_addresses: frozenset[str]
) -> TicketId | None:
    """A mail sent from the mailbox that we did not send; None when it belongs to no ticket."""
    ticket_id = await find_colleagues_ticket(tx, received, own_ids)
    if ticket_id is not None:
        await _take(tx, received, ticket_id, own_addresses, ANSWERED)
    return ticket_id


async def answered_from_outside(
    tx: Transaction, received: Received, ticket_id: TicketId, own_addresses: frozenset[str]
) -> bool:
    """A mail by an operator's own address; only one that the provider vouches for, and not on their own ticket."""
    sender = received.mail.sender
    if received.verdict is not SenderVerdict.VERIFIED or not await tx.is_operator(sender.address):
        return False
    if (await tx.ticket(ticket_id)).requester.key == sender.key:
        return False
    await _take(tx, received, ticket_id, own_addresses | {sender.key}, ANSWERED_OUTSIDE)
    return True


async def _take(tx: Transaction, received: Received, ticket_id: TicketId, ours: frozenset[str], notice: str) -> None:
    customers = await tx.participants(ticket_id) - ours
    written_to = {each.key for each in (*received.mail.to, *received.mail.cc)}
    await received.keep(tx, ticket_id, MailKind.HUMAN_REPLY)
    if customers.isdisjoint(written_to):
        return
    at = received.at
    ticket = await tx.ticket(ticket_id)
    ticket = await withdraw(tx, ticket, reason="a colleague answered in the mailbox", by=SYNC, at=at)
    ticket = replace(ticket, status=after(ticket.status, Event.REPLY_SENT), settled_seq=ticket.work_seq)
    await tx.save(replace(ticket, updated_at=at, notice=notice, came_back=None))
    await tx.record(AuditEvent(EventKind.HUMAN_ANSWERED, SYNC.name, at, ticket_id))
