"""What the rules need from the world, in our words. Adapters and persistence fit themselves to this."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tickets.boards import Progress
from tickets.categories import SHIPPED, Categories
from tickets.mail import Parsed
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.ticket import (
    Article,
    Conversation,
    DecisionId,
    Draft,
    Plan,
    ProposedReply,
    TicketId,
    Triage,
)

if TYPE_CHECKING:
    from tickets.drive import Position


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail as the mailbox has it. `provider_id` is the mailbox's own id; `is_sent` marks one that left from there."""

    provider_id: str
    raw: bytes
    received_at: datetime
    provider_thread_id: str | None = None
    is_sent: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """A mail that is left out on purpose. Only a `is_final` one is remembered as known."""

    provider_id: str
    reason: str
    is_final: bool = True
    received_at: datetime | None = None  # None for one whose bytes were never asked for


@dataclass(frozen=True, slots=True)
class Changes:
    """A bounded portion of what is new, and the cursor to store with it, in the same transaction.

    `progress` is how far a long listing has come with this portion; None when none is under way.
    """

    incoming: tuple[Incoming, ...]
    cursor: str
    skipped: tuple[Skipped, ...] = ()
    gone: tuple[str, ...] = ()  # provider ids that were deleted there
    progress: Progress | None = None


Unknown = Callable[[Sequence[str]], Awaitable[frozenset[str]]]
"""Given provider ids, those that the desk does not know yet."""


class Mailbox(Protocol):
    """One mailbox: what is new in it, and one reply out of it, once.

    Methods raise Unavailable (nothing was done, try later), Rejected, Disconnected; `submit` also AnswerLost.
    """

    @property
    def address(self) -> str: ...

    @property
    def authserv_id(self) -> str | None:
        """The name its own provider signs Authentication-Results with; None when nobody does."""
        ...

    @property
    def settle_s(self) -> float:
        """How long after a lost answer the provider's own view can still be behind; 0 for a local one."""
        ...

    def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        """What is new since `cursor`, in portions of at most 50 mails; None means from the beginning."""
        ...

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        """Lay the frozen MIME into the drafts; adopts the draft that an earlier, killed attempt left there."""
        ...

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        """Send the prepared draft; never retries by itself. Raises AnswerLost when the answer did not come."""
        ...

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        """What the mailbox shows of this reply now."""
        ...

    async def discard(self, outgoing: Outgoing) -> None:
        """Delete the draft of a reply that ended without it; one that is gone already is fine."""
        ...

    async def senders(self) -> frozenset[str]:
        """The address keys that replies may bear as From: its own and its verified aliases."""
        ...


@runtime_checkable
class Announcing(Protocol):
    """A mailbox that says by itself when something is new, for example IMAP's IDLE."""

    async def announced(self, timeout_s: float) -> bool:
        """Wait until it announces something, at most that long; False when nothing came."""
        ...


@runtime_checkable
class Watched(Protocol):
    """A mailbox whose provider calls us when something is new, once asked to (Gmail's watch)."""

    async def watch(self, topic: str) -> datetime:
        """Ask for notices on that Pub/Sub topic; gives the time at which the provider forgets it."""
        ...


class Parser(Protocol):
    """The one place where bytes become a Mail."""

    async def parse(self, raw: bytes) -> Parsed:
        """Raises Unreadable when the message exceeds the limits; otherwise always gives a usable Mail."""
        ...


class Model(Protocol):
    """What reads and writes for the desk. No answer of a model chooses a recipient or moves a status.

    Raises ModelUnavailable only when there is no fallback behind it.
    """

    name: str

    async def triage(self, conversation: Conversation, categories: Categories = SHIPPED) -> Triage:
        """Its category is one of those that a ticket can get."""
        ...

    async def plan(self, conversation: Conversation, triage: Triage, articles: Sequence[Article]) -> Plan: ...

    async def draft(
        self,
        conversation: Conversation,
        triage: Triage,
        plan: Plan,
        articles: Sequence[Article],
        feedback: str | None = None,
        previous: Draft | None = None,
    ) -> ProposedReply: ...


class Knowledge(Protocol):
    """The company's articles and macros."""

    async def search(self, text: str, *, language: str, category: str, limit: int) -> tuple[Article, ...]:
        """The articles and macros that fit best, best first."""
        ...

    async def article(self, article_id: str) -> Article | None:
        """The article or macro by that id, as it says now; None when it is not there any more."""
        ...

    def all_text(self) -> str:
        """Everything that may be stated without a flag: the text of all articles and macros."""
        ...


class Workflow(Protocol):
    """The ticket's LangGraph thread, moved from outside."""

    async def position(self, ticket_id: TicketId) -> "Position": ...

    async def start(self, ticket_id: TicketId, work_seq: int) -> None:
        """New input at the first node; whatever was pending is dropped."""
        ...

    async def carry_on(self, ticket_id: TicketId) -> None:
        """Finish the pending tasks. May raise Unsettled."""
        ...

    async def resume(self, ticket_id: TicketId, decision_id: DecisionId) -> None:
        """Answer the approval interrupt, by its id, with a decision. May raise Unsettled."""
        ...

    async def park(self, ticket_id: TicketId) -> None:
        """Put the thread (back) at the approval interrupt without calling a model."""
        ...

    async def end(self, ticket_id: TicketId) -> None: ...

    async def prune(self, ticket_id: TicketId) -> None:
        """Keep only the latest checkpoint."""
        ...
