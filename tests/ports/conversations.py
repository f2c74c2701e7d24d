"""Conversations for the tests of the models; the defaults are boring."""

from datetime import UTC, datetime
from uuid import UUID

from tickets.mail import Address, Mail, MailboxId, MailId, MailKind, Message
from tickets.status import Status
from tickets.ticket import (
    Article,
    Category,
    Conversation,
    Draft,
    Plan,
    Priority,
    Sentiment,
    Source,
    Ticket,
    TicketId,
    Triage,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ANNA = Address("Anna Keller", "anna.keller@customer.example")


def a_mail(text: str, subject: str = "A question", sender: Address = ANNA, **fields: object) -> Mail:
    return Mail("<1@customer.example>", subject, sender, text=text, visible_text=text, **fields)  # type: ignore[arg-type]


def a_conversation(*mails: Mail) -> Conversation:
    ticket = Ticket(
        id=TicketId(UUID(int=1)),
        number=1,
        mailbox_id=MailboxId(UUID(int=2)),
        mailbox="desk@company.example",
        status=Status.NEW,
        subject=mails[0].subject,
        requester=mails[0].sender,
        created_at=NOON,
        updated_at=NOON,
        waiting_since=NOON,
    )
    messages = (Message(MailId(UUID(int=10 + n)), MailKind.CUSTOMER, mail, NOON) for n, mail in enumerate(mails))
    return Conversation(ticket, tuple(messages))


def about(text: str, subject: str = "A question", sender: Address = ANNA) -> Conversation:
    return a_conversation(a_mail(text, subject, sender))


def a_triage(category: Category = Category.TECHNICAL, language: str = "en", confidence: float = 0.8) -> Triage:
    return Triage(
        category, Priority.NORMAL, Sentiment.NEUTRAL, language, True, "Something.", confidence, (), written_by="test"
    )


def a_plan() -> Plan:
    return Plan((), written_by="test")


def an_article(
    article_id: str,
    body: str = "The inverter restarts by itself after five minutes.",
    category: Category = Category.TECHNICAL,
    language: str = "en",
    is_macro: bool = False,
) -> Article:
    return Article(article_id, f"About {article_id}", body, category, language, is_macro)


def a_draft(body: str, *source_ids: str) -> Draft:
    return Draft(
        ticket_id=TicketId(UUID(int=1)),
        revision=1,
        work_seq=1,
        subject="Re: A question",
        body=body,
        to=(ANNA,),
        cc=(),
        made_for="mail:1",
        written_by="test",
        created_at=NOON,
        sources=tuple(Source(source_id, source_id) for source_id in source_ids),
    )
