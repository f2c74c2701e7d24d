"""What scripts send and get (the wire shapes of /tickets and /sync). Names here are promises; see docs for each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from msgspec import Meta, Struct
from msgspec import field as named

from api.board_schemas import SnoozeOut
from api.message_schemas import AttachmentOut, MessageOut
from api.move_schemas import MoveOut
from tickets.audit import AuditEvent
from tickets.boards import BoardLine
from tickets.choices import AS_IT_IS, MAX_RECIPIENTS, AnswerTo, Choices, typed_addresses
from tickets.desk import TicketView
from tickets.desk_checks import MAX_BODY, MAX_SUBJECT
from tickets.letter import Signing
from tickets.mail import Address
from tickets.outbox import DELIVERY_STATE, OutboxState, Outgoing
from tickets.related import RelatedTicket
from tickets.second_person import TwoNeeded
from tickets.status import Status
from tickets.storage import BouncedAddress
from tickets.sync import SyncReport
from tickets.ticket import Draft, Flag, Plan, Source, Triage
from tickets.writing import MAX_FEEDBACK, MAX_FILES

NO_NUL = r"^[^\x00]*$"  # PostgreSQL stores no NUL in text
NOT_BLANK = r"^[^\x00]*[^\x00\s][^\x00]*$"
ONE_LINE = r"^[^\x00-\x1f]*[^\x00-\x1f\s][^\x00-\x1f]*$"

Recipient = Annotated[str, Meta(max_length=320, pattern=ONE_LINE)]
DeliveryState = Literal["none", "approved", "sending", "sent", "unknown", "needs_human", "failed", "cancelled"]

# --- asked ------------------------------------------------------------------------------------------------------------


class DraftRequest(Struct, forbid_unknown_fields=True):
    """Either nothing or `feedback` (the agent writes), or your own draft in place of `revision`.

    Your own draft is `subject` and `body`, or the current words with other choices around them. Left out, a choice
    stays as it is. `attachments` are the sha256 of the files to keep; new ones are posted to `/attachments`.
    """

    feedback: Annotated[str, Meta(max_length=MAX_FEEDBACK, pattern=NO_NUL)] | None = None
    subject: Annotated[str, Meta(max_length=MAX_SUBJECT, pattern=ONE_LINE)] | None = None
    body: Annotated[str, Meta(max_length=MAX_BODY, pattern=NOT_BLANK)] | None = None
    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None
    answer_to: AnswerTo | None = None
    reply_all: bool = False
    cc: Annotated[list[Recipient], Meta(max_length=MAX_RECIPIENTS)] | None = None
    bcc: Annotated[list[Recipient], Meta(max_length=MAX_RECIPIENTS)] | None = None
    signature: Signing | None = None
    quote_original: bool | None = None
    attachments: Annotated[list[str], Meta(max_length=MAX_FILES)] | None = None

    @property
    def is_own(self) -> bool:
        """Whether the caller brings the draft, rather than asking the agent for one."""
        return self.choices != AS_IT_IS or self.subject is not None or self.body is not None

    @property
    def choices(self) -> Choices:
        """Raises BadInput for an address that is none."""
        return Choices(
            answer_to=self.answer_to,
            reply_all=self.reply_all,
            cc=None if self.cc is None else typed_addresses(",".join(self.cc)),
            bcc=None if self.bcc is None else typed_addresses(",".join(self.bcc)),
            signing=self.signature,
            quotes_original=self.quote_original,
            files=None if self.attachments is None else frozenset(self.attachments),
        )


class Approval(Struct, forbid_unknown_fields=True):
    """What the approver has read: the draft's `revision` and `content_hash`, and the ids of the flags they checked.

    Flags are statements without a source, doubts about the sender, and recipients whose address refused our mail.
    """

    revision: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    content_hash: Annotated[str, Meta(max_length=200)]
    confirm_flags: Annotated[list[str], Meta(max_length=1000)] = []


class Rejection(Struct, forbid_unknown_fields=True):
    reason: Annotated[str, Meta(max_length=MAX_FEEDBACK, pattern=NO_NUL)]


class Assignment(Struct, forbid_unknown_fields=True):
    """`assignee` is the address of somebody at the desk, or null for nobody."""

    assignee: Annotated[str, Meta(max_length=254, pattern=NO_NUL)] | None


class StatusChange(Struct, forbid_unknown_fields=True):
    """DONE closes, NEEDS_ACTION reopens; the other statuses follow from mail alone."""

    status: Status


class MergeRequest(Struct, forbid_unknown_fields=True):
    """`into` is the number or the id of the ticket that takes the mails. `confirm` agrees to merge different people's.

    Whoever answers that ticket reads, and may quote, what both wrote.
    """

    into: Annotated[int, Meta(ge=1, le=2**31 - 1)] | UUID
    confirm: bool = False


# --- answered ---------------------------------------------------------------------------------------------------------


class TicketOut(Struct, kw_only=True):
    """A ticket as lists show it. `snooze` is null for one that is not put off; `came_back` is what ended the last."""

    id: UUID
    number: int
    status: Status
    subject: str
    requester: Address
    mailbox: str
    category: str | None
    priority: str | None
    language: str | None
    sentiment: str | None
    summary: str | None
    confidence: float | None
    assignee: str | None
    first_approved_by: str | None
    tags: tuple[str, ...]
    snooze: SnoozeOut | None
    came_back: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, line: BoardLine) -> Self:
        return cls(**_shared(line), requester=Address(line.requester_name, line.requester_address))


class TicketPage(Struct):
    items: list[TicketOut]
    next_cursor: str | None
    previous_cursor: str | None


class RelatedTicketOut(Struct):
    """Another ticket, to ask for by its `id`."""

    id: UUID
    number: int

    @classmethod
    def of(cls, ticket: RelatedTicket | None) -> Self | None:
        return cls(ticket.id, ticket.number) if ticket else None


class BouncedOut(Struct):
    """A recipient that refused our mail and has not written since; `at` is when the report came."""

    address: str
    is_permanent: bool
    reason: str
    at: datetime

    @classmethod
    def of(cls, bounced: BouncedAddress) -> Self:
        return cls(bounced.key, bounced.is_permanent, bounced.reason, bounced.at)


class DraftOut(Struct, kw_only=True):
    """The newest revision of the reply, exactly as it would leave. `content_hash` is what an approval must name.

    Below `body` (Markdown-lite) come `signature` and `quote`, both plain text, and the files. An approval confirms each
    of `flags`; the kinds `failed`, `look_alike`, `mixed_letters`, `other_address_shown` and `borrowed_name` are about
    the sender, `bounced` is about a recipient, all others are about what the draft states. `prompt` is the version of
    the instructions that the model had; null for what rules or people wrote.
    """

    revision: int
    sender: Address | None = named(name="from")
    subject: str
    body: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    signature: str
    quote: str
    attachments: list[AttachmentOut]
    sources: tuple[Source, ...]
    flags: tuple[Flag, ...]
    content_hash: str
    written_by: str
    state: str
    note: str | None
    prompt: str | None

    @classmethod
    def of(cls, draft: Draft, cautions: tuple[Flag, ...]) -> Self:
        made = ("flags", "attachments")
        same = {name: getattr(draft, name) for name in cls.__struct_fields__ if name not in made}
        files = [AttachmentOut.of(file) for file in draft.attachments]
        return cls(**same, flags=(*draft.flags, *cautions), attachments=files)


class DeliveryOut(Struct):
    """Where the approved reply is. `undo_until` is set while the approval can still be taken back."""

    state: DeliveryState
    undo_until: datetime | None = None
    detail: str | None = None

    @classmethod
    def of(cls, outgoing: Outgoing | None, draft: Draft | None) -> Self:
        """A reply that was sent says nothing of the draft that came after it."""
        is_older = outgoing is not None and draft is not None and draft.revision > outgoing.revision
        if outgoing is None or (is_older and outgoing.state is OutboxState.SENT):
            return cls("none")
        undo_until = outgoing.due_at if outgoing.state is OutboxState.APPROVED else None
        return cls(_delivery_state(outgoing.state), undo_until, outgoing.detail)


class FirstApprovalOut(Struct):
    """Who approved as the first of two, and when."""

    by: str
    at: datetime


class TwoNeededOut(Struct):
    """Two people have to approve the draft. `first` is the first of them, or null while nobody has."""

    reason: str
    first: FirstApprovalOut | None

    @classmethod
    def of(cls, needed: TwoNeeded | None) -> Self | None:
        if needed is None:
            return None
        first = needed.first
        return cls(needed.reason, FirstApprovalOut(first.actor, first.at) if first else None)


class FullTicketOut(TicketOut, kw_only=True):
    """A ticket with its conversation, what the agent made of it, the current draft and its delivery.

    `revision` is the current draft's, or null without one. `notice` tells an operator the last event and the next step.
    `merged_into` is where the mails of an emptied, read-only ticket are; `follows` the closed ticket that this one
    carries on, `followed_by` the newest that carries on this one. `bounced` are those recipients of the draft, or of a
    reply yet to be written, that refused our mail. `moves` are the merges and splits that can be undone, the newest
    first. `two_needed` is why two people have to approve the draft, or null.
    """

    messages: list[MessageOut]
    triage: Triage | None
    plan: Plan | None
    draft: DraftOut | None
    revision: int | None
    delivery: DeliveryOut
    notice: str | None
    merged_into: RelatedTicketOut | None
    follows: RelatedTicketOut | None
    followed_by: RelatedTicketOut | None
    bounced: list[BouncedOut]
    moves: list[MoveOut]
    two_needed: TwoNeededOut | None

    @classmethod
    def of_view(cls, view: TicketView) -> Self:
        return cls(
            **_shared(view.ticket),
            requester=view.ticket.requester,
            messages=[MessageOut.of(message, view) for message in view.messages],
            triage=view.triage,
            plan=view.plan,
            draft=DraftOut.of(view.draft, view.cautions) if view.draft else None,
            revision=view.draft.revision if view.draft else None,
            delivery=DeliveryOut.of(view.outgoing, view.draft),
            notice=view.ticket.notice,
            merged_into=RelatedTicketOut.of(view.related.merged_into),
            follows=RelatedTicketOut.of(view.related.follows),
            followed_by=RelatedTicketOut.of(view.related.followed_by),
            bounced=[BouncedOut.of(each) for each in view.bounced.values()],
            moves=[MoveOut.of(each) for each in view.moves],
            two_needed=TwoNeededOut.of(view.two_needed),
        )


class EventOut(Struct):
    """A line of the audit trail. `fields` depend on the kind."""

    kind: str
    actor: str
    at: datetime
    fields: Mapping[str, Any]

    @classmethod
    def of(cls, event: AuditEvent) -> Self:
        return cls(event.kind, event.actor, event.at, dict(event.fields or {}))


class EventPage(Struct):
    items: list[EventOut]


class MailboxSyncOut(Struct):
    """What one sync did. `reasons` counts why mails were skipped; `busy` means that another process is at it.

    `unfinished` means that a long backfill goes on by itself; the mailboxes page shows how far it is.
    """

    address: str
    opened: int
    appended: int
    automatic: int
    skipped: int
    quarantined: int
    failed: int
    reasons: Mapping[str, int]
    error: str | None
    busy: bool
    unfinished: bool

    @classmethod
    def of(cls, report: SyncReport) -> Self:
        return cls(**{name: getattr(report, name) for name in cls.__struct_fields__})


class SyncOut(Struct):
    mailboxes: list[MailboxSyncOut]


class FieldProblem(Struct):
    field: str
    message: str


class ProblemOut(Struct, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457). The members after `detail` come with the problem types that have them."""

    type: str
    title: str
    status: int
    detail: str
    revision: int | None = None
    flags: list[str] = []
    errors: list[FieldProblem] = []
    request_id: str = ""


_SHARED = tuple(name for name in TicketOut.__struct_fields__ if name not in ("requester", "snooze"))


def _shared(ticket: Any) -> dict[str, Any]:
    """What a `Ticket` and a `BoardLine` have in common, under the same names."""
    return {name: getattr(ticket, name) for name in _SHARED} | {"snooze": SnoozeOut.of(ticket)}


def _delivery_state(state: OutboxState) -> DeliveryState:
    return DELIVERY_STATE[state]  # type: ignore[return-value] # the table's values are exactly those of the Literal
