"""A mail as it came: read, judged, and not yet in its place."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tickets.audit import AuditEvent, EventKind
from tickets.mail import Mail, MailKind, Parsed, SenderVerdict
from tickets.people import SYNC
from tickets.ports import Incoming
from tickets.storage import MailboxRecord, NewMail, Transaction
from tickets.ticket import TicketId

SNIPPET = 160


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
class Received:
    """One mail, the mailbox it came to, and when we look at it.

    `stated_id` is the Message-ID that it came with; the mail itself bears another one when that was taken already.
    """

    mailbox: MailboxRecord
    incoming: Incoming
    parsed: Parsed
    verdict: SenderVerdict
    at: datetime
    stated_id: str

    @property
    def mail(self) -> Mail:
        return self.parsed.mail

    def with_mail(self, mail: Mail) -> "Received":
        """The same arrival, the mail read differently."""
        return replace(self, parsed=replace(self.parsed, mail=mail))

    @property
    def snippet(self) -> str:
        """The first words of what its author wrote this time, on one line."""
        return " ".join((self.mail.visible_text or self.mail.text).split())[:SNIPPET]

    async def keep(self, tx: Transaction, ticket_id: TicketId | None, kind: MailKind) -> None:
        """Put it on record, on a ticket or on none."""
        mail_id = await tx.add_mail(self.to_store(ticket_id, kind))
        fields = {"mail_id": str(mail_id), "kind": kind.value}
        await tx.record(AuditEvent(EventKind.MAIL_ARRIVED, SYNC.name, self.at, ticket_id, fields))

    def to_store(self, ticket_id: TicketId | None, kind: MailKind) -> NewMail:
        """What the record will hold of it."""
        return NewMail(
            mailbox_id=self.mailbox.id,
            ticket_id=ticket_id,
            kind=kind,
            mail=self.mail,
            at=self.incoming.received_at,
            provider_id=self.incoming.provider_id,
            provider_thread_id=self.incoming.provider_thread_id,
            raw=self.incoming.raw,
            blobs=self.parsed.blobs,
            verdict=self.verdict,
        )
