"""Which ticket a mail belongs to. A stranger never lands in somebody's ticket: every way in asks for a participant.

Participants are the addresses that wrote on the ticket or were written to by its customers and operators. Whoever a
customer put into Cc may so answer on the ticket; a reply still goes to the writer of the last mail alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tickets.mail import Mail, SenderVerdict, plain_subject
from tickets.own_ids import OwnIds
from tickets.received import Received
from tickets.storage import Transaction
from tickets.ticket import TicketId

_NUMBER: Final = re.compile(r"\[#(\d{1,9})\]")
_NEAREST: Final = 50  # of what a mail says it answers


class MatchedBy(StrEnum):
    """What tied a mail to a ticket, the strongest first."""

    OWN_ID = "own id"
    REFERENCES = "references"
    OUR_REPLY = "answers our reply"
    PROVIDER_THREAD = "provider thread"
    NUMBER = "number in subject"


ANSWERS: Final = frozenset({MatchedBy.OWN_ID, MatchedBy.REFERENCES, MatchedBy.OUR_REPLY})
"""The mail says itself which mail it answers."""


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket, and what tied the mail to it."""

    ticket_id: TicketId
    by: MatchedBy


async def find_ticket(tx: Transaction, received: Received, own_ids: OwnIds | None) -> Match | None:
    """The sender's ticket: by our own ids, by what it answers, the provider's thread, `[#12]` in the subject."""
    ways = (
        (MatchedBy.OWN_ID, _by_own_id),
        (MatchedBy.REFERENCES, _by_references),
        (MatchedBy.OUR_REPLY, _by_our_reply),
        (MatchedBy.PROVIDER_THREAD, _by_provider_thread),
        (MatchedBy.NUMBER, _by_number),
    )
    for by, find in ways:
        for found in await find(tx, received, own_ids):
            ticket_id = await tx.standing_ticket(found)
            if ticket_id and received.mail.sender.key in await tx.participants(ticket_id):
                return Match(ticket_id, by)
    return None


async def find_colleagues_ticket(tx: Transaction, received: Received, own_ids: OwnIds | None) -> TicketId | None:
    """The ticket on which somebody answered from the mailbox itself, which nobody else can send from."""
    thread = received.incoming.provider_thread_id
    in_thread = await tx.ticket_in_provider_thread(received.mailbox.id, thread) if thread else None
    found = [in_thread] if in_thread else []
    # One thread of the provider may hold the mails of several tickets, once some were split off.
    for ticket_id in (*await _nearest(tx, received), *found, *_own(received, own_ids)):
        if standing := await tx.standing_ticket(ticket_id):
            return standing
    return None


async def ticket_of_forwarded_mail(tx: Transaction, received: Received, own_ids: OwnIds | None) -> TicketId | None:
    """The ticket whose reply a stranger holds and answers: somebody handed it on. It is linked, never joined."""
    for ticket_id in _own(received, own_ids):
        if standing := await tx.standing_ticket(ticket_id):
            return standing
    return None


def answered_ids(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs this mail says it answers, the nearest first."""
    newest_first = (mail.in_reply_to, *reversed(mail.references))
    return tuple(dict.fromkeys(known for known in newest_first if known))


def _own(received: Received, own_ids: OwnIds | None) -> list[TicketId]:
    if own_ids is None:
        return []
    found = [own_ids.ticket_of(stated) for stated in (*answered_ids(received.mail), received.stated_id)]
    return list(dict.fromkeys(ticket_id for ticket_id in found if ticket_id))


async def _by_own_id(tx: Transaction, received: Received, own_ids: OwnIds | None) -> Sequence[TicketId]:
    """Leads to a ticket of another mailbox of the desk too.

    When mails were split off, the nearest of those that it answers tells on which side it belongs.
    """
    found = _own(received, own_ids)
    for nearest in await _nearest(tx, received) if found else ():
        if found[0] in await tx.split_off_from(nearest) or nearest in await tx.split_off_from(found[0]):
            return list(dict.fromkeys((nearest, *found)))
    return found


async def _nearest(tx: Transaction, received: Received) -> list[TicketId]:
    """Where the nearest mail is now that it says it answers, if that is on record."""
    ids = answered_ids(received.mail)[:_NEAREST]
    held = {**await tx.tickets_we_answered(ids), **await tx.tickets_holding(received.mailbox.id, ids)} if ids else {}
    return [next(held[known] for known in ids if known in held)] if held else []


async def _by_references(tx: Transaction, received: Received, _: OwnIds | None) -> Sequence[TicketId]:
    ids = answered_ids(received.mail)
    held = await tx.tickets_holding(received.mailbox.id, ids) if ids else {}
    return list(dict.fromkeys(held[known] for known in ids if known in held))


async def _by_our_reply(tx: Transaction, received: Received, _: OwnIds | None) -> Sequence[TicketId]:
    """A provider that replaces our Message-IDs leaves only its own; the answer may come to another mailbox."""
    ids = answered_ids(received.mail)[:_NEAREST]
    replied = await tx.tickets_we_answered(ids) if ids else {}
    return list(dict.fromkeys(replied[known] for known in ids if known in replied))


async def _by_provider_thread(tx: Transaction, received: Received, _: OwnIds | None) -> Sequence[TicketId]:
    thread, mail = received.incoming.provider_thread_id, received.mail
    found = await tx.ticket_in_provider_thread(received.mailbox.id, thread) if thread else None
    ticket_id = await tx.standing_ticket(found) if found else None
    if ticket_id is None:
        return []
    # Providers also thread by subject alone; a new subject then means a new matter.
    if not answered_ids(mail) and plain_subject((await tx.ticket(ticket_id)).subject) != plain_subject(mail.subject):
        return []
    return [ticket_id]


async def _by_number(tx: Transaction, received: Received, _: OwnIds | None) -> Sequence[TicketId]:
    """Anybody can guess a number, so it counts for nothing where the provider denies the sender."""
    found = _NUMBER.search(received.mail.subject)
    if found is None or received.verdict is SenderVerdict.FAILED:
        return []
    ticket_id = await tx.ticket_numbered(received.mailbox.id, int(found[1]))
    return [ticket_id] if ticket_id else []
