"""The boards as values: what a line shows, which tickets a board holds, in which order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from tickets.mail import MailboxId
from tickets.status import Status
from tickets.ticket import TicketId
from tickets.wording import N_


class Board(StrEnum):
    """The boards, by the word in their address: one for each status, and three across them."""

    NEW = "new"
    NEEDS_ACTION = "needs-action"
    WAITING = "waiting"
    DONE = "done"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    SNOOZED = "snoozed"


STATUS_OF: Final[dict[Board, Status]] = {
    Board.NEW: Status.NEW,
    Board.NEEDS_ACTION: Status.NEEDS_ACTION,
    Board.WAITING: Status.WAITING_OTHERS,
    Board.DONE: Status.DONE,
}

TITLE_OF: Final[dict[Board, str]] = {
    Board.NEW: N_("New"),
    Board.NEEDS_ACTION: N_("Needs action"),
    Board.WAITING: N_("Waiting on others"),
    Board.DONE: N_("Done"),
    Board.MINE: N_("Mine"),
    Board.UNASSIGNED: N_("Unassigned"),
    Board.SNOOZED: N_("Snoozed"),
}


class Order(StrEnum):
    """How lines can be sorted."""

    LONGEST_WAIT = "waiting"
    SHORTEST_WAIT = "-waiting"
    FIRST_MOVED = "updated"
    LAST_MOVED = "-updated"
    WAKES_FIRST = "wakes"


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One ticket as a board shows it, read by SQL straight into this."""

    id: UUID
    number: int
    status: Status
    subject: str
    snippet: str
    requester_name: str
    requester_address: str
    mailbox: str
    category: str | None
    priority: str | None
    sentiment: str | None
    language: str | None
    summary: str | None
    confidence: float | None
    assignee: str | None
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime
    mails: int
    open_flags: int
    sender_failed: bool
    is_leaving: bool
    has_draft: bool
    stopped: bool
    notice: str | None
    first_approved_by: str | None  # of the two people who have to approve
    tags: tuple[str, ...]
    snoozed_until: datetime | None
    snoozed_by: str | None
    came_back: str | None


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which lines are wanted; None means all. `q` looks in subject, requester and number.

    An empty `assignee` means the tickets that nobody has. `is_ours` asks for those that it is our turn on (new, or in
    need of action) and that are not put off. `before` is compared with the time that the lines are sorted by. A line
    bears all of `tags`.
    """

    status: Status | None = None
    assignee: str | None = None
    q: str | None = None
    is_ours: bool = False
    is_snoozed: bool | None = None
    category: str | None = None
    priority: str | None = None
    mailbox: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    before: datetime | None = None

    @property
    def natural_order(self) -> Order:
        """Who waits longest comes first where we owe an answer; elsewhere what moved last comes first."""
        if self.is_snoozed and self.status is None:
            return Order.WAKES_FIRST
        owed = self.is_ours or self.status in (Status.NEW, Status.NEEDS_ACTION)
        return Order.LONGEST_WAIT if owed else Order.LAST_MOVED


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Some lines and the opaque cursors of the pages around them (None where there is none)."""

    lines: tuple[BoardLine, ...]
    next_cursor: str | None
    previous_cursor: str | None = None


class MailboxState(StrEnum):
    OK = "ok"
    ERROR = "error"
    RECONNECT_REQUIRED = "reconnect_required"
    DISCONNECTED = "disconnected"  # an administrator took it off the desk: nothing is read, nothing leaves


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long listing of a mailbox has come, in mails, and when it began."""

    done: int
    total: int
    since: datetime


@dataclass(frozen=True, slots=True)
class MailboxLine:
    """A mailbox's health, as every board shows it."""

    id: MailboxId
    kind: str
    address: str
    state: MailboxState
    detail: str | None
    state_since: datetime | None
    last_ok_at: datetime | None
    progress: Progress | None = None  # while a first or a repeated full sync runs
    send_as: str | None = None  # the verified alias that replies bear, instead of the address
    signature: str = ""
    paused_at: datetime | None = None  # since then nothing is fetched; approved replies still leave
    paused_by: str | None = None

    @property
    def is_ill(self) -> bool:
        """Whether it does not work, though nobody wished so. One that is paused need not be readable."""
        if self.paused_at is not None:
            return self.state is MailboxState.RECONNECT_REQUIRED
        return self.state not in (MailboxState.OK, MailboxState.DISCONNECTED)


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """A mail that could not be read or stored; its raw bytes are kept.

    `sender` and `subject` are what its header claims, as far as the header's beginning can be read; nobody checked it.
    """

    id: UUID
    mailbox: str
    reason: str
    received_at: datetime
    size: int
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets each board holds; one that is put off counts as snoozed only.

    `leaving` are approved and on their way out: nobody needs to act on them. `mine` are of the person who asked.
    """

    new: int
    needs_action: int
    waiting: int
    done: int
    leaving: int
    snoozed: int = 0
    unassigned: int = 0
    mine: int = 0


class Boards(Protocol):
    """Reads for the boards: one select each, straight into the line."""

    async def page(
        self, wanted: BoardFilter, *, limit: int, cursor: str | None, order: Order | None = None
    ) -> BoardPage:
        """In that order, or in the filter's natural one. Raises BadInput for a cursor that is none of ours."""
        ...

    async def counts(self, assignee: str | None = None) -> Counts: ...
    async def mailboxes(self) -> tuple[MailboxLine, ...]: ...
    async def quarantined(self, limit: int) -> tuple[QuarantineLine, ...]: ...
    async def numbers(self, ticket_ids: Sequence[TicketId]) -> Mapping[TicketId, int]: ...
    async def numbered(self, numbers: Sequence[int]) -> Mapping[int, TicketId]:
        """Those of the numbers that are a ticket's."""
        ...

    async def version(self) -> int:
        """A number that rises with every recorded event, for live pages in every process."""
        ...
