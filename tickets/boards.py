"""The boards as values: what a line shows, which tickets a board holds, in which order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from tickets.mail import MailboxId
from tickets.status import Status


class Board(StrEnum):
    """The four boards, by the word in their address."""

    NEW = "new"
    NEEDS_ACTION = "needs-action"
    WAITING = "waiting"
    DONE = "done"


STATUS_OF: Final[dict[Board, Status]] = {
    Board.NEW: Status.NEW,
    Board.NEEDS_ACTION: Status.NEEDS_ACTION,
    Board.WAITING: Status.WAITING_OTHERS,
    Board.DONE: Status.DONE,
}

TITLE_OF: Final[dict[Board, str]] = {
    Board.NEW: "New",
    Board.NEEDS_ACTION: "Needs action",
    Board.WAITING: "Waiting on others",
    Board.DONE: "Done",
}

# Who waits longest comes first where we owe an answer; elsewhere what moved last comes first.
OLDEST_FIRST: Final = frozenset({Board.NEW, Board.NEEDS_ACTION})


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


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which lines are wanted; None means all. `q` looks in subject, requester and number.

    An empty `assignee` means the tickets that nobody has.
    """

    status: Status | None = None
    assignee: str | None = None
    q: str | None = None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Some lines and the opaque cursor of the page after them (None on the last)."""

    lines: tuple[BoardLine, ...]
    next_cursor: str | None


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


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """A mail that could not be read or stored; its raw bytes are kept."""

    id: UUID
    mailbox: str
    reason: str
    received_at: datetime
    size: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets each board holds. `leaving` are approved and on their way out: nobody needs to act on them."""

    new: int
    needs_action: int
    waiting: int
    done: int
    leaving: int


class Boards(Protocol):
    """Reads for the boards: one select each, straight into the line."""

    async def page(self, wanted: BoardFilter, *, limit: int, cursor: str | None) -> BoardPage:
        """Raises BadInput for a cursor that is none of ours."""
        ...

    async def counts(self) -> Counts: ...
    async def mailboxes(self) -> tuple[MailboxLine, ...]: ...
    async def quarantined(self, limit: int) -> tuple[QuarantineLine, ...]: ...
    async def version(self) -> int:
        """A number that rises with every recorded event, for live pages in every process."""
        ...
