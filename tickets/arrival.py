"""One mail arrives: is it known, automatic, a bounce, ours, an answer, or a new matter?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tickets.arrival_policy import USUAL, ArrivalPolicy
from tickets.authenticity import sender_verdict
from tickets.automatic import is_from_a_machine, is_list, is_own_list
from tickets.bounced import take_bounce
from tickets.colleagues import answered_from_outside, answered_in_mailbox
from tickets.errors import Unreadable
from tickets.forwards import as_the_customers, original_sender, written_by_form
from tickets.mail import SEND_ID_HEADER, Mail, MailKind, Parsed, SenderVerdict, missing_message_id
from tickets.matching import ANSWERS, Match, find_ticket, ticket_of_forwarded_mail
from tickets.ports import Incoming, Skipped
from tickets.received import Arrived, Outcome, Received
from tickets.reopening import customer_wrote, open_matter
from tickets.storage import MailboxRecord, Transaction
from tickets.storms import calm, is_storm

__all__ = ["Arrival", "ArrivalPolicy", "Arrived", "Outcome"]

OWN_ADDRESS: Final = (
    "It says that it comes from this desk's own address. Retry it if a form of yours sent it: it is then filed for "
    "whom its Reply-To names. Otherwise dismiss it."
)
OWN_AND_NOBODY_ELSE: Final = (
    "It says that it comes from this desk's own address, and names nobody else to answer. Dismiss it, or answer it in "
    "the mailbox itself."
)
OTHER_MAILBOX: Final = "the same mail came to another mailbox of the desk"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The mailbox the mail came to, and when we look at it.

    `is_asked_for`: somebody wants this mail filed. `is_vouched_for`: an operator has looked at this very mail.
    """

    mailbox: MailboxRecord
    authserv_id: str | None
    own_addresses: frozenset[str]
    at: datetime
    policy: ArrivalPolicy = USUAL
    is_asked_for: bool = False
    is_vouched_for: bool = False

    async def take(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        """Put one mail where it belongs. Raises Unreadable for one that a person has to look at first."""
        received = await self._judged(tx, incoming, parsed)
        if reason := await self._reason_to_skip(tx, received):
            return await self._skip(tx, received, reason)
        received, has_new_id = await self._with_own_id(tx, received)
        if has_new_id and (reason := await self._reason_to_skip(tx, received)):
            return await self._skip(tx, received, reason)
        if received.mail.bounce is not None:
            return await take_bounce(tx, received, received.mail.bounce, self.policy.own_ids)
        if incoming.is_sent:
            ticket_id = await answered_in_mailbox(tx, received, self.policy.own_ids, self.own_addresses)
            if ticket_id is None:
                return await self._skip(tx, received, "sent from the mailbox outside any ticket")
            return Arrived(Outcome.APPENDED, ticket_id)
        return await self._from_outside(tx, received)

    async def _from_outside(self, tx: Transaction, received: Received) -> Arrived:
        mail = received.mail
        is_own = mail.sender.key in self.own_addresses
        match = None if is_own else await find_ticket(tx, received, self.policy.own_ids)
        if is_from_a_machine(mail) or self._is_sent_to_many(mail, match):
            await received.keep(tx, match.ticket_id if match else None, MailKind.AUTOMATIC)
            return Arrived(Outcome.AUTOMATIC, match.ticket_id if match else None)
        self._require_trusted(received, is_own)
        if match and await answered_from_outside(tx, received, match.ticket_id, self.own_addresses):
            return Arrived(Outcome.APPENDED, match.ticket_id)
        if not self.is_asked_for and await is_storm(tx, received, match.ticket_id if match else None, self.policy):
            return await calm(tx, received, match.ticket_id if match else None)
        if match:
            return await customer_wrote(tx, received, match.ticket_id, self.policy.reopen_within)
        follows = await ticket_of_forwarded_mail(tx, received, self.policy.own_ids)
        return await open_matter(tx, received, follows=follows)

    async def _judged(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Received:
        verdict = sender_verdict(parsed.mail, self.authserv_id)
        received = Received(self.mailbox, incoming, parsed, verdict, self.at, parsed.mail.message_id)
        if self.is_vouched_for and not incoming.is_sent and parsed.mail.sender.key in self.own_addresses:
            form = written_by_form(parsed.mail, self.own_addresses)
            return replace(received.with_mail(form), verdict=SenderVerdict.UNVERIFIED) if form else received
        if verdict is not SenderVerdict.VERIFIED or incoming.is_sent:
            return received
        customer = original_sender(parsed.mail, parsed.blobs)
        if customer is None or customer.key in self.own_addresses or customer.key == parsed.mail.sender.key:
            return received
        if not await tx.is_operator(parsed.mail.sender.address):
            return received
        # Of the customer, nobody has checked anything.
        return replace(received.with_mail(as_the_customers(parsed.mail, customer)), verdict=SenderVerdict.UNVERIFIED)

    async def _reason_to_skip(self, tx: Transaction, received: Received) -> str | None:
        mail = received.mail
        if mail.sender.key in self.own_addresses and await self._is_own_reply(tx, received):
            return "our own reply"
        known = [known for known in await tx.mails_with_id(mail.message_id) if _is_same(known.mail, mail)]
        if any(same.mailbox_id == self.mailbox.id for same in known):
            return "already on record"
        return OTHER_MAILBOX if any(same.ticket_id for same in known) else None

    async def _is_own_reply(self, tx: Transaction, received: Received) -> bool:
        """Anybody can write our marker and our address; only our mailbox, our ids and our record prove it."""
        if received.incoming.is_sent and SEND_ID_HEADER.lower() in received.mail.headers:
            return True
        own_ids = self.policy.own_ids
        if own_ids is not None and own_ids.ticket_of(received.stated_id):
            return True
        return await tx.sent_reply(received.stated_id) is not None

    async def _with_own_id(self, tx: Transaction, received: Received) -> tuple[Received, bool]:
        """A mail that bears the Message-ID of another one gets an id of its own: nobody may hide a mail behind it."""
        mail = received.mail
        if not await tx.mails_with_id(mail.message_id):
            return received, False
        note = "Its Message-ID is that of another mail"
        own_id = missing_message_id(received.incoming.raw)
        return received.with_mail(replace(mail, message_id=own_id, defects=(*mail.defects, note))), True

    async def _skip(self, tx: Transaction, received: Received, reason: str) -> Arrived:
        await tx.skip(self.mailbox.id, Skipped(received.incoming.provider_id, reason))
        return Arrived(Outcome.SKIPPED, reason=reason)

    def _is_sent_to_many(self, mail: Mail, match: Match | None) -> bool:
        """A customer's answer counts as one even by way of a list; so does all that comes by the desk's own list."""
        answers_us = match is not None and match.by in ANSWERS
        return is_list(mail) and not answers_us and not is_own_list(mail, self.own_addresses)

    def _require_trusted(self, received: Received, is_own: bool) -> None:
        if is_own:
            # Answering it would be a loop, and trusting it would let anybody into any ticket.
            raise Unreadable(OWN_AND_NOBODY_ELSE if self.is_vouched_for else OWN_ADDRESS)
        is_refused = self.policy.quarantine_failed_senders and not self.is_asked_for
        if is_refused and received.verdict is SenderVerdict.FAILED:
            raise Unreadable("Its sender failed the provider's check. Retry it if you know that it is genuine.")


def own_addresses(records: Iterable[MailboxRecord]) -> frozenset[str]:
    """The address keys that are the desk's: of its mailboxes, and those that its replies bear instead."""
    stated = (each for record in records for each in (record.address, record.send_as))
    return frozenset(each.strip().casefold() for each in stated if each)


def _is_same(known: Mail, mail: Mail) -> bool:
    """The same mail once more, whatever way it came: the same sender, subject and words."""
    return _said(known) == _said(mail)


def _said(mail: Mail) -> tuple[str, str]:
    words = "".join(letter for letter in f"{mail.subject} {mail.text}" if letter.isalnum())
    return mail.sender.key, words
