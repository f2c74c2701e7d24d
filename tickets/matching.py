"""Which ticket a mail belongs to. A stranger never lands in somebody's ticket: every way in asks for a participant."""

import re
from dataclasses import dataclass
from typing import Final

from tickets.mail import Mail, MailboxId, plain_subject
from tickets.ports import Incoming, Transaction
from tickets.ticket import TicketId

_NUMBER: Final = re.compile(r"\[#(\d{1,9})\]")


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket, and what tied the mail to it."""

    ticket_id: TicketId
    by: str


async def find_ticket(tx: Transaction, mailbox_id: MailboxId, mail: Mail, incoming: Incoming) -> Match | None:
    """In-Reply-To and References first (newest first), then the provider's thread, then `[#12]` in the subject."""
    candidates = [
        Match(ticket_id, by)
        for ticket_id, by in (
            *[(found, "references") for found in await _by_references(tx, mailbox_id, mail)],
            (await _by_provider_thread(tx, mailbox_id, mail, incoming), "provider thread"),
            (await _by_number(tx, mailbox_id, mail), "number in subject"),
        )
        if ticket_id is not None
    ]
    for match in candidates:
        if mail.sender.key in await tx.participants(match.ticket_id):
            return match
    return None


def answered_ids(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs this mail says it answers, the nearest first."""
    newest_first = (mail.in_reply_to, *reversed(mail.references))
    return tuple(dict.fromkeys(known for known in newest_first if known))


async def _by_references(tx: Transaction, mailbox_id: MailboxId, mail: Mail) -> list[TicketId]:
    ids = answered_ids(mail)
    held = await tx.tickets_holding(mailbox_id, ids) if ids else {}
    return list(dict.fromkeys(held[known] for known in ids if known in held))


async def _by_provider_thread(
    tx: Transaction, mailbox_id: MailboxId, mail: Mail, incoming: Incoming
) -> TicketId | None:
    if not incoming.provider_thread_id:
        return None
    ticket_id = await tx.ticket_in_provider_thread(mailbox_id, incoming.provider_thread_id)
    if ticket_id is None or answered_ids(mail):
        return ticket_id
    # Providers also thread by subject alone; a new subject then means a new matter.
    same_matter = plain_subject((await tx.ticket(ticket_id)).subject) == plain_subject(mail.subject)
    return ticket_id if same_matter else None


async def _by_number(tx: Transaction, mailbox_id: MailboxId, mail: Mail) -> TicketId | None:
    found = _NUMBER.search(mail.subject)
    return await tx.ticket_numbered(mailbox_id, int(found[1])) if found else None
