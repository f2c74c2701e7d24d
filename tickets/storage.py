"""What the rules need from the database: one transaction over all tables, and reads that lock nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from tickets.audit import AuditEvent
from tickets.automatic_mail import AutomaticReads
from tickets.boards import MailboxState, Progress
from tickets.examples import ExampleWrites
from tickets.mail import Address, Mail, MailboxId, MailId, MailKind, SenderVerdict
from tickets.neighbours import NeighbourReads
from tickets.notes import NoteReads, NoteWrites
from tickets.outbox import Outgoing
from tickets.ports import Incoming, Skipped
from tickets.regrouping import MoveReads, MoveWrites
from tickets.related import RelatedReads
from tickets.revisions import RevisionReads
from tickets.second_person import FirstApprovalReads, FirstApprovalWrites
from tickets.shelves import ShelfReads, TagWrites
from tickets.ticket import (
    Conversation,
    Decision,
    DecisionId,
    DecisionState,
    Draft,
    DraftState,
    Plan,
    Ticket,
    TicketId,
    Triage,
)
from tickets.work_copies import WorkCopyReads, WorkCopyWrites

if TYPE_CHECKING:
    from tickets.drive import WorkView


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
    last_ok_at: datetime | None = None
    paused_at: datetime | None = None  # since when nothing is fetched, as an administrator wished

    @property
    def is_read(self) -> bool:
        """Whether new mail is to be fetched from it."""
        return self.state is not MailboxState.DISCONNECTED and self.paused_at is None


class Transaction(NoteWrites, FirstApprovalWrites, WorkCopyWrites, TagWrites, ExampleWrites, MoveWrites, Protocol):
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

    async def tickets_we_answered(self, message_ids: Sequence[str]) -> Mapping[str, TicketId]:
        """Which of these Message-IDs are replies of ours, from any mailbox of the desk, and on which ticket."""
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

    async def release_quarantined(self, quarantine_id: UUID, dismissed_at: datetime | None = None) -> bool:
        """Take a mail out of quarantine, in order to file it or to let it go; False when somebody else did."""
        ...

    async def open_ticket(self, ticket: Ticket) -> Ticket:
        """Insert; the number given back is the next free one."""
        ...

    async def add_mail(self, mail: NewMail) -> MailId: ...
    async def take_up(self, mail_id: MailId, mail: NewMail) -> bool:
        """Put a mail on record, which is on no ticket, on the ticket of `mail`; False when it is on one already."""
        ...

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
    async def draft_numbered(self, ticket_id: TicketId, revision: int) -> Draft | None: ...
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


class TicketStore(
    RelatedReads,
    AutomaticReads,
    NoteReads,
    FirstApprovalReads,
    RevisionReads,
    WorkCopyReads,
    NeighbourReads,
    ShelfReads,
    MoveReads,
    Protocol,
):
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
