"""Storms: two machines that answer each other, or one that never stops, must not keep the agent writing drafts.

Only mail of the last hour counts. What a first sync brings is history, however much of it there is.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from tickets.arrival_policy import ArrivalPolicy
from tickets.audit import AuditEvent, EventKind
from tickets.errors import Unreadable
from tickets.mail import MailKind
from tickets.people import SYNC
from tickets.received import Arrived, Outcome, Received
from tickets.storage import Transaction
from tickets.ticket import TicketId

WINDOW: Final = timedelta(hours=1)
NOTICE: Final = (
    "A storm of mails: so many came within an hour that the newest are kept here without a draft. "
    "Read them, then ask for a draft or close the ticket."
)


async def is_storm(tx: Transaction, received: Received, ticket_id: TicketId | None, policy: ArrivalPolicy) -> bool:
    """Whether this mail is one too many, from its sender or on its ticket."""
    since = received.at - WINDOW
    if received.incoming.received_at < since:
        return False
    if await tx.customers_mails(since, sender=received.mail.sender) >= policy.max_per_sender_and_hour:
        return True
    return ticket_id is not None and (await tx.customers_mails_on(ticket_id, since) >= policy.max_per_ticket_and_hour)


async def calm(tx: Transaction, received: Received, ticket_id: TicketId | None) -> Arrived:
    """Keep the mail where it asks for no draft. Raises Unreadable for one that would open yet another ticket."""
    if ticket_id is None:
        raise Unreadable("Too many mails came from this sender within an hour. Retry this one if a person wrote it.")
    await received.keep(tx, ticket_id, MailKind.AUTOMATIC)
    ticket = await tx.ticket(ticket_id)
    if not _tells(ticket.notice):
        await tx.save(replace(ticket, notice=_beside(ticket.notice), updated_at=received.at))
        await tx.record(AuditEvent(EventKind.STORM_CALMED, SYNC.name, received.at, ticket_id))
    return Arrived(Outcome.AUTOMATIC, ticket_id)


def still_told(before: str | None, notice: str | None) -> str | None:
    """The newer notice, and what an operator has not seen yet: that mails were kept without a draft.

    For what the desk does by itself. What an operator does (a close, an approval) clears the notice.
    """
    return _beside(notice) if _tells(before) and not _tells(notice) else notice


def _tells(notice: str | None) -> bool:
    return NOTICE in (notice or "")


def _beside(notice: str | None) -> str:
    return f"{notice} {NOTICE}" if notice else NOTICE
