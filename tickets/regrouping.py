"""Mails that were moved between tickets, by a merge or a split, and what is kept so that it can be undone.

One rule holds for both: what was moved goes back, what came later stays where it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from tickets.audit import AuditEvent, EventKind
from tickets.mail import MailId, MailKind, Message
from tickets.notes import NoteId
from tickets.related import RelatedTicket
from tickets.status import Status
from tickets.ticket import CameBack, DecisionId, TicketId


class MoveKind(StrEnum):
    """What moved the mails. A merge empties its source; a split opens the ticket that they go to."""

    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Before:
    """How a ticket stood before mails were moved.

    `offered` is the draft that was open or approved, `wish` the one for another draft that was under way.
    """

    status: Status
    work_seq: int
    settled_seq: int
    waiting_since: datetime
    notice: str | None = None
    snoozed_until: datetime | None = None
    snoozed_by: str | None = None
    came_back: CameBack | None = None
    offered: int | None = None
    wish: DecisionId | None = None

    @property
    def was_at_work(self) -> bool:
        """Whether the agent had mails to work on."""
        return self.settled_seq < self.work_seq


@dataclass(frozen=True, slots=True)
class Move:
    """A merge or a split that stands.

    `mails`, `notes` and `tags` are what went from `source` to `into`. `rest` is how that ticket stood which keeps
    mails of its own (of a merge `into`, of a split `source`), `rest_seq` its work_seq afterwards; `emptied` how the
    source of a merge stood.
    """

    id: UUID
    kind: MoveKind
    source: TicketId
    into: TicketId
    by: str
    at: datetime
    mails: tuple[MailId, ...]
    rest: Before
    rest_seq: int
    emptied: Before | None = None
    notes: tuple[NoteId, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def touched_rest(self) -> bool:
        """Whether the ticket with mails of its own had to be worked on anew."""
        return self.rest_seq > self.rest.work_seq


@dataclass(frozen=True, slots=True)
class MoveLine:
    """A move that stands, as the page of one of its two tickets tells it; `other` is the other one."""

    id: UUID
    kind: MoveKind
    is_source: bool
    other: RelatedTicket
    by: str
    at: datetime
    mails: int


# What an operator or the customer did since a move, so that the ticket must not be put back to how it stood.
_DECISIVE: Final = frozenset(
    {
        EventKind.SENT,
        EventKind.HUMAN_ANSWERED,
        EventKind.BOUNCED,
        EventKind.CLOSED,
        EventKind.REJECTED,
        EventKind.REOPENED,
        EventKind.SNOOZED,
        EventKind.FOLLOW_UP_DUE,
        EventKind.MERGED,
        EventKind.MERGE_UNDONE,
        EventKind.SPLIT,
        EventKind.SPLIT_UNDONE,
    }
)
_PERSONS: Final = frozenset({MailKind.CUSTOMER.value, MailKind.REPLY.value, MailKind.HUMAN_REPLY.value})
_OURS: Final = frozenset({MailKind.REPLY, MailKind.HUMAN_REPLY})


def happened_since(move: Move, events: Sequence[AuditEvent]) -> frozenset[EventKind]:
    """Which of a ticket's events since the move decided something."""
    places = [place for place, event in enumerate(events) if (event.fields or {}).get("move") == str(move.id)]
    later = events[places[0] + 1 :] if places else events
    return frozenset(event.kind for event in later if event.kind in _DECISIVE or _is_from_a_person(event))


def _is_from_a_person(event: AuditEvent) -> bool:
    return event.kind is EventKind.MAIL_ARRIVED and (event.fields or {}).get("kind") in _PERSONS


def unanswered(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The customer's mails after our last answer; `messages` are in the order of time."""
    answered = max((place for place, each in enumerate(messages) if each.kind in _OURS), default=-1)
    return tuple(each for each in messages[answered + 1 :] if each.is_from_customer)


class MoveReads(Protocol):
    """The store's reads of what was merged and split."""

    async def moves(self, ticket_id: TicketId) -> tuple[MoveLine, ...]:
        """The merges and splits of the ticket that stand, the newest first."""
        ...


class MoveWrites(Protocol):
    """The part of a transaction that moves mails between tickets. The caller holds both tickets' rows."""

    async def messages(self, ticket_id: TicketId) -> tuple[Message, ...]:
        """The ticket's mails, oldest first."""
        ...

    async def recorded_on(self, ticket_id: TicketId) -> tuple[AuditEvent, ...]:
        """The ticket's events that are on record, oldest first; not those of this transaction."""
        ...

    async def keep_move(self, move: Move) -> None: ...
    async def standing_moves(self, ticket_id: TicketId) -> tuple[Move, ...]:
        """The moves from or to that ticket that are not undone, oldest first."""
        ...

    async def undo_move(self, move: Move, by: str, at: datetime) -> None:
        """It stands no more."""
        ...

    async def split_off_from(self, ticket_id: TicketId) -> frozenset[TicketId]:
        """The ticket that it was split off from, the one that this was split off from, and so on."""
        ...

    async def put_mails(self, mails: Collection[MailId], source: TicketId, into: TicketId) -> None:
        """Put those of these mails that are on `source` on `into`; people, counts and last words of both follow."""
        ...

    async def put_notes(
        self, source: TicketId, into: TicketId, those: Collection[NoteId] | None = None
    ) -> tuple[NoteId, ...]:
        """Put the notes of one ticket, or those of them, on another; which ones it were."""
        ...

    async def are_on(self, mails: Collection[MailId], ticket_id: TicketId) -> bool:
        """Whether each of these mails is on that ticket, as far as it was not erased."""
        ...
