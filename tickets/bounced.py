"""A delivery report arrives: which reply it is about, whether for good, and what that does to the ticket.

Anybody can write a report, so nothing moves unless it names a reply that we sent, and no address is marked unless that
reply went to it.
"""

import re
from dataclasses import replace
from typing import Final
from uuid import UUID

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.mail import Bounce, MailKind
from tickets.matching import answered_ids
from tickets.own_ids import OwnIds
from tickets.people import SYNC
from tickets.received import Arrived, Outcome, Received
from tickets.snoozing import WakeReason, end_snooze
from tickets.status import MOVES, Event, after
from tickets.storage import BouncedAddress, SentReply, Transaction
from tickets.ticket import Ticket

_MAX_REASON: Final = 300
_ADDRESS: Final = re.compile(r"[^\s<>@]{1,80}@[^\s<>@]{1,253}")  # the record is kept when customers are erased


async def take_bounce(tx: Transaction, received: Received, bounce: Bounce, own_ids: OwnIds | None) -> Arrived:
    """Keep the report, on the ticket whose reply it is about where there is one."""
    sent = await _reply(tx, received, bounce, own_ids)
    await received.keep(tx, sent.ticket_id if sent else None, MailKind.BOUNCE)
    if sent is None:
        return Arrived(Outcome.AUTOMATIC)
    ticket = await tx.ticket(sent.ticket_id)
    if not bounce.is_delayed:
        await _came_back(tx, received, ticket, bounce)
        if bounce.is_permanent:
            await _mark(tx, received, bounce, sent)
    else:
        notice = f"The reply may not have arrived: {_said(bounce)}. Look again later; write again if nothing comes."
        await tx.save(replace(ticket, notice=notice, updated_at=received.at))
    return Arrived(Outcome.AUTOMATIC, ticket.id)


async def _reply(tx: Transaction, received: Received, bounce: Bounce, own_ids: OwnIds | None) -> SentReply | None:
    """By the ids that are on record; then by one that only we can have made, which outlives the record."""
    sent = await tx.sent_reply(bounce.original_message_id, _uuid(bounce.original_send_id))
    stated = (bounce.original_message_id, *answered_ids(received.mail))
    if sent is None and own_ids is not None:
        made_for = next((found for each in stated if each and (found := own_ids.ticket_of(each))), None)
        sent = SentReply(made_for, frozenset()) if made_for else None
    standing = await tx.standing_ticket(sent.ticket_id) if sent else None
    return replace(sent, ticket_id=standing) if sent and standing else None


async def _came_back(tx: Transaction, received: Received, ticket: Ticket, bounce: Bounce) -> None:
    can_move = Event.DELIVERY_FAILED in MOVES[ticket.status]
    status = after(ticket.status, Event.DELIVERY_FAILED) if can_move else ticket.status
    notice = f"The reply could not be delivered: {_said(bounce)}. Check the address, then write again or close."
    at = received.at
    ticket = await end_snooze(tx, ticket, WakeReason.NOT_DELIVERED, SYNC.name, at)
    await tx.save(replace(ticket, status=status, notice=notice, updated_at=at, waiting_since=at))
    fields: Fields = {"is_permanent": bounce.is_permanent, "reason": _ADDRESS.sub("(an address)", _said(bounce))}
    await tx.record(AuditEvent(EventKind.BOUNCED, SYNC.name, at, ticket.id, fields))


async def _mark(tx: Transaction, received: Received, bounce: Bounce, sent: SentReply) -> None:
    named = (bounce.recipient or "").strip().casefold()
    only = next(iter(sent.to)) if len(sent.to) == 1 and not named else None
    key = named if named in sent.to else only
    if key:
        reason = bounce.reason[:_MAX_REASON]
        await tx.mark_bounced(BouncedAddress(key, bounce.is_permanent, reason, received.at))


def _said(bounce: Bounce) -> str:
    return bounce.reason[:_MAX_REASON].rstrip(". ") or "its server gives no reason"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
