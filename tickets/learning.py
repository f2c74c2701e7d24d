"""Making an example of a decision: read and redacted before the transaction, kept within it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from tickets.examples import Example, ExampleWrites, Outcome
from tickets.people import Actor
from tickets.redaction import redacted
from tickets.ticket import Conversation, Draft, Ticket, TicketId, Triage

MAX_QUESTION: Final = 2_000  # characters; what a mail is about, it says near its beginning
MAX_ANSWER: Final = 8_000


class TriageReads(Protocol):
    async def triage(self, ticket_id: TicketId, work_seq: int) -> Triage | None: ...


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a decision about a ticket will teach, apart from the decision itself."""

    work_seq: int
    question: str
    names: tuple[str, ...]
    proposed: str | None
    confidence: float | None
    language: str

    def answer(self, draft: Draft) -> str:
        """What the reply said, redacted."""
        return redacted(draft.body[:MAX_ANSWER], self.names)


async def lesson_of(triages: TriageReads, conversation: Conversation) -> Lesson:
    """Of the ticket's mails up to the last one of the customer."""
    ticket = conversation.ticket
    triage = await triages.triage(ticket.id, ticket.work_seq)
    last = conversation.last_from_customer
    names = tuple({name for message in conversation.messages for name in (message.mail.sender.name,) if name})
    names = (*names, *((ticket.requester.name,) if ticket.requester.name else ()))
    text = f"{last.mail.subject}\n{last.mail.visible_text or last.mail.text}" if last else ticket.subject
    return Lesson(
        work_seq=ticket.work_seq,
        question=redacted(text[:MAX_QUESTION], names).strip(),
        names=names,
        proposed=triage.proposed if triage else None,
        confidence=triage.confidence if triage else None,
        language=triage.language if triage else ticket.language or "",
    )


async def learn(
    tx: ExampleWrites,
    ticket: Ticket,
    lesson: Lesson,
    *,
    by: Actor,
    at: datetime,
    outcome: Outcome | None = None,
    answer: str | None = None,
    is_edited: bool = False,
    is_resorted: bool = False,
) -> None:
    """Keep the example; what earlier decisions about the same mails said of it stays. Nothing once mail came after."""
    if ticket.work_seq != lesson.work_seq or ticket.category is None or not lesson.question:
        return
    before = await tx.example(ticket.id, ticket.work_seq) or _fresh(ticket, lesson, by, at)
    example = replace(
        before,
        category=ticket.category,
        outcome=outcome or before.outcome,
        answer=before.answer if answer is None else answer,
        is_edited=before.is_edited or is_edited,
        is_resorted=before.is_resorted or is_resorted,
        actor=by.name,
        at=at,
    )
    await tx.keep_example(example)


async def unlearn_approval(tx: ExampleWrites, ticket: Ticket, work_seq: int, by: Actor, at: datetime) -> None:
    """An approval that is taken back teaches nothing."""
    example = await tx.example(ticket.id, work_seq)
    if example and example.outcome is Outcome.APPROVED:
        await tx.keep_example(replace(example, outcome=Outcome.OPEN, actor=by.name, at=at))


def _fresh(ticket: Ticket, lesson: Lesson, by: Actor, at: datetime) -> Example:
    return Example(
        ticket_id=ticket.id,
        work_seq=lesson.work_seq,
        category=ticket.category or "",
        language=lesson.language,
        question=lesson.question,
        actor=by.name,
        at=at,
        proposed=lesson.proposed,
        confidence=lesson.confidence,
    )
