"""One mail arrives: is it known, automatic, a bounce, ours, an answer, or a new matter?"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import uuid4

from tickets.audit import AuditEvent, EventKind
from tickets.errors import Unreadable
from tickets.mail import (
    SEND_ID_HEADER,
    Address,
    Mail,
    MailKind,
    Parsed,
    missing_message_id,
    must_not_be_answered,
    sender_verdict,
)
from tickets.matching import find_ticket
from tickets.people import SYNC
from tickets.ports import Incoming, MailboxRecord, NewMail, Skipped, Transaction
from tickets.status import Event, Status, after
from tickets.ticket import Ticket, TicketId
from tickets.withdraw import withdraw

SNIPPET: Final = 160


OTHER_MAILBOX: Final = "the same mail came to another mailbox of the desk"


class Outcome(StrEnum):
    """The exactly one thing that became of a mail."""

    OPENED = "opened"
    APPENDED = "appended"
    AUTOMATIC = "automatic"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of a mail, and on which ticket."""

    outcome: Outcome
    ticket_id: TicketId | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The mailbox the mail came to, and when we look at it."""

    mailbox: MailboxRecord
    authserv_id: str | None
    own_addresses: frozenset[str]
    at: datetime

    async def take(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        """Put one mail where it belongs. Raises Unreadable for one that a person has to look at first."""
        if reason := await self._reason_to_skip(tx, parsed.mail):
            return await self._skip(tx, incoming, reason)
        mail = await self._with_own_id(tx, incoming, parsed.mail)
        if mail is not parsed.mail and (reason := await self._reason_to_skip(tx, mail)):
            return await self._skip(tx, incoming, reason)
        parsed = replace(parsed, mail=mail)
        if mail.bounce is not None:
            return await self._bounced(tx, incoming, parsed)
        if incoming.is_sent:
            return await self._colleague_answered(tx, incoming, parsed)
        if must_not_be_answered(mail):
            return await self._automatic(tx, incoming, parsed)
        if mail.sender.key in self.own_addresses:
            # Answering it would be a loop, and trusting it would let anybody into any ticket.
            raise Unreadable("It says that it comes from this desk's own address. Look at it in the mailbox itself.")
        if match := await find_ticket(tx, self.mailbox.id, mail, incoming):
            return await self._customer_wrote(tx, incoming, parsed, match.ticket_id)
        return await self._new_matter(tx, incoming, parsed)

    async def _reason_to_skip(self, tx: Transaction, mail: Mail) -> str | None:
        if SEND_ID_HEADER.lower() in mail.headers and mail.sender.key in self.own_addresses:
            return "our own reply"
        known = [known for known in await tx.mails_with_id(mail.message_id) if _is_same(known.mail, mail)]
        if any(same.mailbox_id == self.mailbox.id for same in known):
            return "already on record"
        return OTHER_MAILBOX if any(same.ticket_id for same in known) else None

    async def _with_own_id(self, tx: Transaction, incoming: Incoming, mail: Mail) -> Mail:
        """A mail that bears the Message-ID of another one gets an id of its own: nobody may hide a mail behind it."""
        if not await tx.mails_with_id(mail.message_id):
            return mail
        note = "Its Message-ID is that of another mail"
        return replace(mail, message_id=missing_message_id(incoming.raw), defects=(*mail.defects, note))

    async def _skip(self, tx: Transaction, incoming: Incoming, reason: str) -> Arrived:
        await tx.skip(self.mailbox.id, Skipped(incoming.provider_id, reason))
        return Arrived(Outcome.SKIPPED, reason=reason)

    async def _bounced(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        bounce = parsed.mail.bounce
        assert bounce is not None, "the caller checked"
        # Only a report on a mail that we really sent may move a ticket: anybody can write a bounce.
        ticket_id = await tx.sent_reply(bounce.original_message_id) if bounce.original_message_id else None
        await self._keep(tx, incoming, parsed, ticket_id, MailKind.BOUNCE)
        if ticket_id and bounce.is_permanent:
            ticket = await tx.ticket(ticket_id)
            notice = f"The reply could not be delivered: {bounce.reason}. Check the address, then write again or close."
            moved = after(ticket.status, Event.DELIVERY_FAILED)
            await tx.save(replace(ticket, status=moved, notice=notice, updated_at=self.at, waiting_since=self.at))
            await tx.record(AuditEvent(EventKind.BOUNCED, SYNC.name, self.at, ticket_id, {"reason": bounce.reason}))
        return Arrived(Outcome.AUTOMATIC, ticket_id)

    async def _automatic(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        """Kept, on its ticket where it has one, and nothing moves."""
        is_own = parsed.mail.sender.key in self.own_addresses
        match = None if is_own else await find_ticket(tx, self.mailbox.id, parsed.mail, incoming)
        await self._keep(tx, incoming, parsed, match.ticket_id if match else None, MailKind.AUTOMATIC)
        return Arrived(Outcome.AUTOMATIC, match.ticket_id if match else None)

    async def _colleague_answered(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        """A mail sent from the mailbox that we did not send: a human answered there."""
        thread = incoming.provider_thread_id
        ticket_id = await tx.ticket_in_provider_thread(self.mailbox.id, thread) if thread else None
        if ticket_id is None:
            return await self._skip(tx, incoming, "sent from the mailbox outside any ticket")
        await self._keep(tx, incoming, parsed, ticket_id, MailKind.HUMAN_REPLY)
        ticket = await tx.ticket(ticket_id)
        ticket = await withdraw(tx, ticket, reason="a colleague answered in the mailbox", by=SYNC, at=self.at)
        ticket = replace(ticket, status=after(ticket.status, Event.REPLY_SENT), settled_seq=ticket.work_seq)
        await tx.save(replace(ticket, updated_at=self.at, notice="A colleague answered in the mailbox itself."))
        await tx.record(AuditEvent(EventKind.HUMAN_ANSWERED, SYNC.name, self.at, ticket_id))
        return Arrived(Outcome.APPENDED, ticket_id)

    async def _customer_wrote(
        self, tx: Transaction, incoming: Incoming, parsed: Parsed, ticket_id: TicketId
    ) -> Arrived:
        ticket = await tx.ticket(ticket_id)
        was_waiting_for_us = ticket.settled_seq < ticket.work_seq or ticket.status is Status.NEEDS_ACTION
        ticket = await withdraw(tx, ticket, reason="the customer wrote again", by=SYNC, at=self.at)
        ticket = replace(
            ticket,
            status=after(ticket.status, Event.CUSTOMER_WROTE),
            work_seq=ticket.work_seq + 1,
            updated_at=self.at,
            waiting_since=ticket.waiting_since if was_waiting_for_us else self.at,
            snippet=_snippet(parsed.mail),
        )
        await tx.save(ticket)
        await self._keep(tx, incoming, parsed, ticket_id, MailKind.CUSTOMER)
        await tx.retry_work(ticket_id, self.at)
        return Arrived(Outcome.APPENDED, ticket_id)

    async def _new_matter(self, tx: Transaction, incoming: Incoming, parsed: Parsed) -> Arrived:
        mail = parsed.mail
        ticket = await tx.open_ticket(
            Ticket(
                id=TicketId(uuid4()),
                number=0,
                mailbox_id=self.mailbox.id,
                mailbox=self.mailbox.address,
                status=after(None, Event.MAIL_ARRIVED),
                subject=mail.subject or "(no subject)",
                requester=_requester(mail),
                created_at=self.at,
                updated_at=self.at,
                waiting_since=incoming.received_at,
                snippet=_snippet(mail),
            )
        )
        await self._keep(tx, incoming, parsed, ticket.id, MailKind.CUSTOMER)
        await tx.work(ticket.id, self.at)
        return Arrived(Outcome.OPENED, ticket.id)

    async def _keep(
        self, tx: Transaction, incoming: Incoming, parsed: Parsed, ticket_id: TicketId | None, kind: MailKind
    ) -> None:
        new = NewMail(
            mailbox_id=self.mailbox.id,
            ticket_id=ticket_id,
            kind=kind,
            mail=parsed.mail,
            at=incoming.received_at,
            provider_id=incoming.provider_id,
            provider_thread_id=incoming.provider_thread_id,
            raw=incoming.raw,
            blobs=parsed.blobs,
            verdict=sender_verdict(parsed.mail, self.authserv_id),
        )
        mail_id = await tx.add_mail(new)
        fields = {"mail_id": str(mail_id), "kind": kind.value}
        await tx.record(AuditEvent(EventKind.MAIL_ARRIVED, SYNC.name, self.at, ticket_id, fields))


def _is_same(known: Mail, mail: Mail) -> bool:
    """The same mail once more, whatever way it came: the same sender, subject and words."""
    return _said(known) == _said(mail)


def _said(mail: Mail) -> tuple[str, str]:
    words = "".join(letter for letter in f"{mail.subject} {mail.text}" if letter.isalnum())
    return mail.sender.key, words


def _requester(mail: Mail) -> Address:
    return mail.sender if mail.sender.address else Address(mail.sender.name or "unknown sender", "")


def _snippet(mail: Mail) -> str:
    return " ".join((mail.visible_text or mail.text).split())[:SNIPPET]
