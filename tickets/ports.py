"""What the rules need from the world, in our words. Adapters and persistence fit themselves to this."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from uuid import UUID

from tickets.audit import AuditEvent
from tickets.boards import MailboxState, Progress
from tickets.mail import Address, Mail, MailboxId, MailId, MailKind, Parsed, SenderVerdict
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.related import RelatedReads
from tickets.ticket import (
    Article,
    Conversation,
    Decision,
    DecisionId,
    DecisionState,
    Draft,
    DraftState,
    Plan,
    ProposedReply,
    Ticket,
    TicketId,
    Triage,
)

if TYPE_CHECKING:
    from tickets.drive import Position, WorkView


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...


# --- outside the process -------------------------------------------------------------------------------------------


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

    async def triage(self, conversation: Conversation) -> Triage: ...

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


# --- the database --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to put on record. `ticket_id` is None for automatic mail that belongs to no ticket."""

    mailbox_id: MailboxId
    ticket_id: TicketId | None
    kind: MailKind
    mail: Mail
    at: datetime
    provider_id: str
    provider_thread_id: str | None
    raw: bytes
    blobs: Mapping[str, bytes]
    verdict: SenderVerdict = SenderVerdict.UNVERIFIED


@dataclass(frozen=True, slots=True)
class KnownMail:
    """A mail on record: where it came to, and what it said."""

    mailbox_id: MailboxId
    ticket_id: TicketId | None
    mail: Mail


@dataclass(frozen=True, slots=True)
class SentReply:
    """A reply of ours on record: its ticket, and the address keys it went to."""

    ticket_id: TicketId
    to: frozenset[str]


@dataclass(frozen=True, slots=True)
class BouncedAddress:
    """An address that refused our mail, since when, and what its server said."""

    key: str
    is_permanent: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuarantinedMail:
    """A mail that was put aside, with its raw bytes."""

    id: UUID
    mailbox_id: MailboxId
    reason: str
    incoming: Incoming


@dataclass(frozen=True, slots=True)
class MailboxRecord:
    """A configured mailbox. `settings` is its kind's own (a path, an API root); secrets are kept apart, encrypted."""

    id: MailboxId
    kind: str
    address: str
    settings: Mapping[str, str]
    cursor: str | None
    state: MailboxState
    send_as: str | None = None
    signature: str = ""
    watch_until: datetime | None = None  # when the provider's notices end, unless they are asked for again


class Transaction(Protocol):
    """Everything that is written together. Reads inside it see, and on Postgres lock, what they return."""

    # mail in
    async def taking_mail_in(self) -> None:
        """Wait until no other transaction takes mail in: the same mail may come to two mailboxes at once."""
        ...

    async def mails_with_id(self, message_id: str) -> tuple[KnownMail, ...]:
        """Every mail on record, of any mailbox of the desk, that bears this Message-ID."""
        ...

    async def tickets_holding(self, mailbox_id: MailboxId, message_ids: Sequence[str]) -> Mapping[str, TicketId]:
        """Which of these Message-IDs are on which ticket (of that mailbox)."""
        ...

    async def ticket_in_provider_thread(self, mailbox_id: MailboxId, provider_thread_id: str) -> TicketId | None: ...
    async def ticket_numbered(self, mailbox_id: MailboxId, number: int) -> TicketId | None: ...
    async def participants(self, ticket_id: TicketId) -> frozenset[str]:
        """The keys of all addresses that wrote on this ticket, or that its people wrote to; machines name nobody."""
        ...

    async def sent_reply(self, message_id: str | None, send_id: UUID | None = None) -> SentReply | None:
        """The reply that left, or may have, under this Message-ID or send id."""
        ...

    async def standing_ticket(self, ticket_id: TicketId) -> TicketId | None:
        """That ticket, or the one it was merged into in the end; None when there is none by that id."""
        ...

    async def follow_up_of(self, ticket_id: TicketId) -> TicketId | None:
        """The newest ticket that carries on the given one."""
        ...

    async def move_mails(self, source: TicketId, into: TicketId) -> None:
        """Put every mail and participant of one ticket on another; the boards' counts follow."""
        ...

    async def customers_mails(self, since: datetime, *, sender: Address) -> int:
        """How many customer's mails came from that address since then, among the newest few hundred of the desk."""
        ...

    async def customers_mails_on(self, ticket_id: TicketId, since: datetime) -> int:
        """How many customer's mails came on that ticket since then."""
        ...

    async def mark_bounced(self, address: BouncedAddress) -> None:
        """Remember that an address refused our mail; the latest report stands."""
        ...

    async def clear_bounced(self, address_key: str) -> None:
        """The address writes: it is alive."""
        ...

    async def release_quarantined(self, quarantine_id: UUID) -> bool:
        """Take a mail out of quarantine, in order to file it; False when somebody else did."""
        ...

    async def open_ticket(self, ticket: Ticket) -> Ticket:
        """Insert; the number given back is the next free one."""
        ...

    async def add_mail(self, mail: NewMail) -> MailId: ...
    async def quarantine(self, mailbox_id: MailboxId, incoming: Incoming, reason: str) -> None:
        """Keep the raw bytes and the reason; the provider id counts as known."""
        ...

    async def receive(self, mailbox_id: MailboxId, received: Sequence[tuple[str, datetime]]) -> None:
        """Count these provider ids, with their times, as received: each must end up in one place. Repeats are fine."""
        ...

    async def skip(self, mailbox_id: MailboxId, skipped: Skipped) -> None:
        """Remember why a mail is left out. One that is not final stays unknown, and may become mail later."""
        ...

    async def mark_gone(self, mailbox_id: MailboxId, provider_ids: Sequence[str]) -> None: ...
    async def move_cursor(self, mailbox_id: MailboxId, cursor: str, progress: Progress | None = None) -> None: ...
    async def mailbox_is(self, mailbox_id: MailboxId, state: MailboxState, detail: str | None, at: datetime) -> None:
        """Record the mailbox's health; OK also sets the last good sync."""
        ...

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """An error inside undoes only what was written inside."""
        ...

    # tickets
    async def ticket(self, ticket_id: TicketId) -> Ticket:
        """Raises NotFound."""
        ...

    async def save(self, ticket: Ticket) -> None:
        """Write the ticket's fields; keeps the board counters in step."""
        ...

    async def work(self, ticket_id: TicketId, at: datetime) -> None:
        """Ask for work on the ticket at that time at the latest, and wake the drive after the commit."""
        ...

    async def rest(self, ticket_id: TicketId, version: int, next_at: datetime | None) -> bool:
        """The drive found nothing due; False when work was asked for since `version` was read."""
        ...

    async def work_failed(
        self, ticket_id: TicketId, error: str, at: datetime, delay: Callable[[int], timedelta], max_attempts: int
    ) -> bool:
        """Count a failed drive and plan the next; the last one sets `stopped`, and gives True."""
        ...

    async def is_operator(self, email: str) -> bool:
        """Whether that address has an account at the desk."""
        ...

    async def keep_blob(self, content: bytes) -> str:
        """Store bytes once, under their sha256, which is given back."""
        ...

    async def retry_work(self, ticket_id: TicketId, at: datetime) -> None:
        """Clear `stopped` and the attempts, and ask for work now."""
        ...

    # the agent's results: same key, same row
    async def keep_triage(self, ticket_id: TicketId, work_seq: int, triage: Triage) -> None: ...
    async def keep_plan(self, ticket_id: TicketId, work_seq: int, plan: Plan) -> None: ...

    # drafts and decisions
    async def current_draft(self, ticket_id: TicketId) -> Draft | None:
        """The newest revision, whatever its state."""
        ...

    async def draft_made_for(self, ticket_id: TicketId, made_for: str) -> Draft | None: ...
    async def add_draft(self, draft: Draft) -> None: ...
    async def set_draft_state(self, ticket_id: TicketId, revision: int, state: DraftState) -> None: ...
    async def add_decision(self, decision: Decision) -> None: ...
    async def decision(self, decision_id: DecisionId) -> Decision | None: ...
    async def pending_decision(self, ticket_id: TicketId) -> Decision | None: ...
    async def finish_decision(self, decision_id: DecisionId, state: DecisionState, reason: str | None) -> None: ...

    # the outbox
    async def add_outgoing(self, outgoing: Outgoing) -> None:
        """Raises Conflict when this revision already has a row that is neither cancelled nor failed."""
        ...

    async def outgoing(self, decision_id: DecisionId) -> Outgoing | None: ...
    async def latest_outgoing(self, ticket_id: TicketId) -> Outgoing | None: ...
    async def move_outgoing(self, before: Outgoing, after: Outgoing) -> bool:
        """Compare-and-set on the state and the claim of `before`; False when another run was first."""
        ...

    # the record
    async def record(self, event: AuditEvent) -> None: ...


class TicketStore(RelatedReads, Protocol):
    """The tables. `begin` is the unit of work; the rest are reads that lock nothing."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]:
        """Commits when the block ends, rolls back when it raises; fails with LeaseLost under a lost lease."""
        ...

    async def ticket(self, ticket_id: TicketId) -> Ticket: ...
    async def conversation(self, ticket_id: TicketId) -> Conversation: ...
    async def verdicts(self, ticket_id: TicketId) -> Mapping[MailId, SenderVerdict]: ...
    async def triage(self, ticket_id: TicketId, work_seq: int) -> Triage | None: ...
    async def plan(self, ticket_id: TicketId, work_seq: int) -> Plan | None: ...
    async def current_draft(self, ticket_id: TicketId) -> Draft | None: ...
    async def draft_made_for(self, ticket_id: TicketId, made_for: str) -> Draft | None: ...
    async def decision(self, decision_id: DecisionId) -> Decision | None: ...
    async def pending_decision(self, ticket_id: TicketId) -> Decision | None: ...
    async def latest_outgoing(self, ticket_id: TicketId) -> Outgoing | None: ...
    async def events(self, ticket_id: TicketId) -> tuple[AuditEvent, ...]:
        """The ticket's audit events, oldest first."""
        ...

    async def work_view(self, ticket_id: TicketId, now: datetime) -> "WorkView": ...
    async def due(self, now: datetime, limit: int) -> tuple[TicketId, ...]:
        """Tickets whose work is due, the most urgent first."""
        ...

    async def unrested(self, limit: int, after: UUID | None) -> tuple[TicketId, ...]:
        """Tickets that ought to be parked at an approval, in id order: the sweep checks their threads."""
        ...

    async def next_work_at(self) -> datetime | None:
        """When the earliest piece of work is due."""
        ...

    async def at_rest(self, ticket_ids: Sequence[TicketId]) -> bool:
        """Whether none of these has work due or under way."""
        ...

    async def mailboxes(self) -> tuple[MailboxRecord, ...]: ...
    async def unknown_provider_ids(self, mailbox_id: MailboxId, ids: Sequence[str]) -> frozenset[str]: ...
    async def provider_thread(self, ticket_id: TicketId) -> str | None:
        """The provider thread of the customer's last mail."""
        ...

    async def bounced(self, keys: Collection[str]) -> Mapping[str, BouncedAddress]:
        """Those of these addresses that refused our mail and have not written since."""
        ...

    async def quarantined_mail(self, quarantine_id: UUID) -> QuarantinedMail:
        """Raises NotFound."""
        ...

    async def blob(self, sha256: str) -> bytes: ...
    async def raw_mail(self, ticket_id: TicketId, mail_id: MailId) -> bytes:
        """A mail of the ticket as it came, byte for byte. Raises NotFound."""
        ...

    async def signature_of(self, email: str) -> str:
        """The signature of the operator with that address; "" without one."""
        ...


class MailboxSecrets(Protocol):
    """Refresh tokens, encrypted at rest with the mailbox's id as associated data."""

    async def refresh_token(self, mailbox_id: MailboxId) -> str | None: ...
    async def keep_refresh_token(self, mailbox_id: MailboxId, token: str) -> None: ...


class MailboxRegistry(Protocol):
    """Adds mailboxes to the desk."""

    async def add(self, kind: str, address: str, settings: Mapping[str, str], event: AuditEvent) -> MailboxRecord:
        """Insert, or give back the mailbox with that address after bringing its settings up to date."""
        ...
