"""Boring rows for the tests of the tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from persistence.engine import Database
from persistence.mailboxes import SqlMailboxes
from persistence.store import SqlStore
from tickets.audit import AuditEvent, EventKind
from tickets.mail import Address, Mail, MailKind, SenderVerdict
from tickets.outbox import OutboxState, Outgoing
from tickets.status import Status
from tickets.storage import MailboxRecord, NewMail
from tickets.ticket import Decision, DecisionId, DecisionKind, Draft, Flag, Ticket, TicketId

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECRET = bytes(range(32))
ADA = Address("Ada Meier", "Ada@Example.org")


class StillClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


class Desk:
    """A store with one mailbox, and short ways to fill it."""

    def __init__(self, database: Database, mailbox: MailboxRecord) -> None:
        self.database = database
        self.mailbox = mailbox
        self.clock = StillClock()
        self.woken = 0
        self.store = SqlStore(database, on_work=self._wake, clock=self.clock)

    def _wake(self) -> None:
        self.woken += 1

    @classmethod
    async def on(cls, database: Database, address: str = "support@helios.example") -> "Desk":
        return cls(database, await new_mailbox(database, address))

    def ticket(self, **changes: Any) -> Ticket:
        fresh = Ticket(
            id=TicketId(uuid4()),
            number=0,
            mailbox_id=self.mailbox.id,
            mailbox=self.mailbox.address,
            status=Status.NEW,
            subject="Inverter shows E07",
            requester=ADA,
            created_at=NOW,
            updated_at=NOW,
            waiting_since=NOW,
        )
        return replace(fresh, **changes)

    async def opened(self, **changes: Any) -> Ticket:
        async with self.store.begin() as tx:
            return await tx.open_ticket(self.ticket(**changes))

    def mail(self, ticket: Ticket | None, mail: Mail | None = None, **changes: Any) -> NewMail:
        mail = mail or a_mail()
        fresh = NewMail(
            mailbox_id=self.mailbox.id,
            ticket_id=ticket.id if ticket else None,
            kind=MailKind.CUSTOMER,
            mail=mail,
            at=NOW,
            provider_id=f"provider-{mail.message_id}",
            provider_thread_id=None,
            raw=f"raw {mail.message_id}".encode(),
            blobs={},
            verdict=SenderVerdict.UNVERIFIED,
        )
        return replace(fresh, **changes)

    async def received(self, ticket: Ticket | None, mail: Mail | None = None, **changes: Any) -> UUID:
        async with self.store.begin() as tx:
            return await tx.add_mail(self.mail(ticket, mail, **changes))

    async def drafted(self, ticket: Ticket, revision: int = 1, **changes: Any) -> Draft:
        draft = replace(a_draft(ticket, revision), **changes)
        async with self.store.begin() as tx:
            await tx.add_draft(draft)
        return draft

    async def approved(self, ticket: Ticket, revision: int = 1, **changes: Any) -> Outgoing:
        """A pending decision to send, and its outbox row."""
        outgoing = replace(self.outgoing(ticket, revision), **changes)
        async with self.store.begin() as tx:
            await tx.add_decision(
                a_decision(ticket, id=outgoing.decision_id, kind=DecisionKind.SEND, due_at=outgoing.due_at)
            )
            await tx.add_outgoing(outgoing)
        return outgoing

    def outgoing(self, ticket: Ticket, revision: int = 1) -> Outgoing:
        return Outgoing(
            id=uuid4(),
            decision_id=DecisionId(uuid4()),
            ticket_id=ticket.id,
            mailbox_id=self.mailbox.id,
            revision=revision,
            work_seq=1,
            state=OutboxState.APPROVED,
            due_at=NOW + 10 * SECOND,
            next_at=NOW + 10 * SECOND,
            mime=b"Subject: Re: Inverter\r\n\r\nHello",
            message_id=f"<{uuid4()}@helios.example>",
            to=(ADA,),
            approved_by="operator:bo@helios.example",
        )


async def new_mailbox(database: Database, address: str) -> MailboxRecord:
    event = AuditEvent(EventKind.MAILBOX_ADDED, "console", NOW)
    return await SqlMailboxes(database, SECRET).add("maildir", address, {"path": "/mail"}, event)


def a_mail(**changes: Any) -> Mail:
    mail = Mail(
        message_id=f"<{uuid4()}@example.org>",
        subject="Inverter shows E07",
        sender=ADA,
        to=(Address("", "support@helios.example"),),
        text="Hello,\nthe inverter shows E07.",
        visible_text="Hello,\nthe inverter shows E07.",
    )
    return replace(mail, **changes)


def a_draft(ticket: Ticket, revision: int = 1) -> Draft:
    return Draft(
        ticket_id=ticket.id,
        revision=revision,
        work_seq=1,
        subject="Re: Inverter shows E07",
        body="Please restart it.",
        to=(ADA,),
        cc=(),
        made_for=f"mail:{revision}",
        written_by="local",
        created_at=NOW,
    )


def a_flag(name: str = "f1") -> Flag:
    return Flag(name, "amount", "99 EUR", "in no source")


def a_decision(ticket: Ticket, **changes: Any) -> Decision:
    decision = Decision(
        id=DecisionId(uuid4()),
        ticket_id=ticket.id,
        kind=DecisionKind.REDRAFT,
        revision=1,
        actor="operator:bo@helios.example",
        created_at=NOW,
        due_at=NOW,
    )
    return replace(decision, **changes)


def an_event(ticket: Ticket | None = None, **changes: Any) -> AuditEvent:
    event = AuditEvent(EventKind.REOPENED, "operator:bo@helios.example", NOW, ticket.id if ticket else None, {"n": 1})
    return replace(event, **changes)
