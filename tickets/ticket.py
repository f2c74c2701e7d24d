"""The nouns of the desk: ticket, triage, plan, draft, decision. Frozen; a change is a new value."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from tickets.errors import StaleDraft
from tickets.mail import Address, Attachment, MailboxId, Message
from tickets.status import Status
from tickets.wording import Sentence

TicketId = NewType("TicketId", UUID)  # also the id of the ticket's LangGraph thread
DecisionId = NewType("DecisionId", UUID)


class Category(StrEnum):
    """The keys of the categories that are shipped; those of a desk are in `tickets.categories`."""

    TECHNICAL = "technical"
    SALES = "sales"
    BILLING = "billing"
    SCHEDULING = "scheduling"
    COMPLAINT = "complaint"
    WARRANTY = "warranty"
    ACCOUNT = "account"
    OTHER = "other"


class Priority(StrEnum):
    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Sentiment(StrEnum):
    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class Triage:
    """What a mail is about and what it asks for.

    `language` is ISO 639-1. `confidence` is 0..1 and computed by code, never read from a model. `reasons` are short
    sentences for the operator. `written_by` names the model; `note` says why a fallback was used, if one was; `prompt`
    is the version of the instructions the model had, None for rules and people.
    """

    category: str
    priority: Priority
    sentiment: Sentiment
    language: str
    needs_reply: bool
    summary: str
    confidence: float
    reasons: tuple[str, ...]
    written_by: str
    needs_human: bool = False
    note: str | None = None
    prompt: str | None = None
    proposed: str | None = None  # the category before rules of routing, or a person, changed it


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing the reply should do, and what is still missing to do it."""

    action: str
    detail: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of the answer, in order."""

    steps: tuple[PlanStep, ...]
    written_by: str
    note: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """A piece of the company's knowledge: a fact sheet (`article`) or a ready text (`macro`)."""

    id: str
    title: str
    body: str
    category: str
    language: str
    is_macro: bool = False
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedReply:
    """What a model writes. It has no recipients on purpose: those come from code."""

    subject: str
    body: str
    source_ids: tuple[str, ...]
    written_by: str
    needs_human: bool = False
    note: str | None = None
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A statement of a draft that is in no source; an operator confirms it or takes it out. `id` is stable per text."""

    id: str
    kind: str
    text: str
    reason: str


class DraftState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    SENT = "sent"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a statement of a draft comes from."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One revision of the reply, exactly as it would leave.

    `work_seq` is the ticket's when it was written: a draft answers the mails up to there. `made_for` is unique in a
    ticket and makes offering idempotent (`mail:3`, `decision:<id>`, `edit:<revision>`). `body` is Markdown-lite; below
    it come `signature`, then `quote` (the customer's mail, "" for none), both plain text. `sender` is what From will
    say; None in drafts from before it was kept: the mailbox's own address. `prompt` is as in Triage.
    """

    ticket_id: TicketId
    revision: int
    work_seq: int
    subject: str
    body: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    made_for: str
    written_by: str
    created_at: datetime
    sources: tuple[Source, ...] = ()
    flags: tuple[Flag, ...] = ()
    state: DraftState = DraftState.OPEN
    needs_human: bool = False
    note: str | None = None
    bcc: tuple[Address, ...] = ()
    signature: str = ""
    quote: str = ""
    attachments: tuple[Attachment, ...] = ()
    sender: Address | None = None
    prompt: str | None = None

    @property
    def content_hash(self) -> str:
        """sha256 over exactly what an operator approves: sender, recipients, subject, every text and every file."""
        seen = [
            self.sender.address if self.sender else "",
            *([each.address for each in people] for people in (self.to, self.cc, self.bcc)),
            self.subject,
            self.body,
            self.signature,
            self.quote,
            [[file.filename, file.sha256] for file in self.attachments],
        ]
        return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the approver had before their eyes."""

    revision: int
    content_hash: str
    confirmed_flags: frozenset[str] = frozenset()

    def require_current(self, draft: Draft) -> None:
        """Raises StaleDraft unless the draft is, to the letter, what was seen."""
        if self.revision == draft.revision and self.content_hash != draft.content_hash:
            raise StaleDraft(
                Sentence(
                    "That is not what draft %(revision)s says. Review it again, then approve.", revision=draft.revision
                ),
                draft.revision,
            )
        if self.revision != draft.revision:
            raise StaleDraft(
                Sentence(
                    "Draft %(revision)s is not the current one. Review draft %(revision_2)s, then approve.",
                    revision=self.revision,
                    revision_2=draft.revision,
                ),
                draft.revision,
            )


class DecisionKind(StrEnum):
    SEND = "send"
    REDRAFT = "redraft"


class DecisionState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an operator decided about a draft; the workflow is resumed with its id once it is due."""

    id: DecisionId
    ticket_id: TicketId
    kind: DecisionKind
    revision: int | None
    actor: str
    created_at: datetime
    due_at: datetime
    feedback: str | None = None
    state: DecisionState = DecisionState.PENDING
    reason: str | None = None


class CameBack(StrEnum):
    """What ended a snooze by itself."""

    DATE = "date"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Ticket:
    """A customer's matter. `requester` wrote the first mail.

    `work_seq` counts the customer's mails; `settled_seq` is the last one whose outcome (a draft, no reply needed, an
    answer, a close) is on record. `waiting_since` is when the customer began to wait for us. `notice` tells the
    operator about the last delivery or fallback and what to do; `stopped` that the workflow gave up until Retry.
    `merged_into` is the ticket that this one's mails are on now; `follows` the closed one that this one carries on.
    `first_approved_by` is the first of two people who have to approve the draft; the store keeps it in step.
    `snoozed_until` puts it off the boards (see `snoozing`); `came_back` tells what ended the last snooze.
    `spoken_at` is when a person last wrote on it, the customer or the desk.
    """

    id: TicketId
    number: int
    mailbox_id: MailboxId
    mailbox: str
    status: Status
    subject: str
    requester: Address
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime
    work_seq: int = 1
    settled_seq: int = 0
    snippet: str = ""
    category: str | None = None
    priority: Priority | None = None
    sentiment: Sentiment | None = None
    language: str | None = None
    summary: str | None = None
    confidence: float | None = None
    assignee: str | None = None
    notice: str | None = None
    stopped: bool = False
    is_leaving: bool = False
    merged_into: TicketId | None = None
    follows: TicketId | None = None
    first_approved_by: str | None = None
    tags: tuple[str, ...] = ()
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    came_back: CameBack | None = None
    spoken_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A ticket and its mails, oldest first: all that the agent may read."""

    ticket: Ticket
    messages: tuple[Message, ...]

    @property
    def last_from_customer(self) -> Message | None:
        """The mail a reply answers."""
        return next((m for m in reversed(self.messages) if m.is_from_customer), None)
