"""Notes that colleagues leave each other on a ticket, and whom they call for. Nothing of them ever leaves the desk."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol
from uuid import UUID

from tickets.errors import Conflict
from tickets.people import Operator, OperatorId
from tickets.ticket import TicketId

NoteId = NewType("NoteId", UUID)


class StaleNote(Conflict):
    """The note was changed since the caller read it."""


@dataclass(frozen=True, slots=True)
class Note:
    """An internal remark on a ticket. `author` is named as the record names actors; `revision` rises with each edit.

    `came_from` is the ticket that it was left on, when a merge brought it here; its number is known to readers.
    """

    id: NoteId
    ticket_id: TicketId
    author: str
    text: str
    created_at: datetime
    revision: int = 1
    edited_at: datetime | None = None
    came_from: TicketId | None = None
    came_from_number: int | None = None


class MentionKind(StrEnum):
    """Why somebody is called."""

    NOTE = "note"  # a colleague named them in a note
    ASSIGNED = "assigned"  # a colleague gave them the ticket


@dataclass(frozen=True, slots=True)
class Mention:
    """A call for one operator. `by` is the actor who called; `note_id` is None for an assignment."""

    id: UUID
    operator_id: OperatorId
    ticket_id: TicketId
    kind: MentionKind
    by: str
    at: datetime
    note_id: NoteId | None = None


@dataclass(frozen=True, slots=True)
class MentionLine:
    """A call as its operator reads it, with its ticket and the note's text ("" for an assignment)."""

    id: UUID
    kind: MentionKind
    by: str
    at: datetime
    read_at: datetime | None
    ticket_id: TicketId
    ticket_number: int
    ticket_subject: str
    note_id: NoteId | None
    text: str


@dataclass(frozen=True, slots=True)
class MentionPage:
    """Some calls, the newest first, and the opaque cursor of the page after them (None on the last)."""

    lines: tuple[MentionLine, ...]
    next_cursor: str | None


class NoteReads(Protocol):
    """The store's reads of notes and calls."""

    async def notes(self, ticket_id: TicketId) -> tuple[Note, ...]:
        """The ticket's notes, oldest first; deleted ones are gone."""
        ...

    async def mentions(
        self, operator_id: OperatorId, *, limit: int, cursor: str | None = None, unread_only: bool = False
    ) -> MentionPage:
        """Raises BadInput for a cursor that is none of ours."""
        ...

    async def unread_mentions(self, operator_id: OperatorId) -> int:
        """How many calls the operator has not read."""
        ...

    async def mark_read(self, operator_id: OperatorId, ids: Collection[UUID] | None, at: datetime) -> int:
        """Mark these calls of the operator, or all, as read; gives how many were unread. Nobody else's are touched."""
        ...


class NoteWrites(Protocol):
    """The part of a transaction that writes notes and calls."""

    async def colleagues(self) -> tuple[Operator, ...]:
        """Everybody who can be called or given a ticket."""
        ...

    async def add_note(self, note: Note) -> None: ...
    async def note(self, ticket_id: TicketId, note_id: NoteId) -> Note:
        """Raises NotFound for one that is deleted or of another ticket."""
        ...

    async def change_note(self, note: Note) -> None:
        """Write its text, revision and time of edit."""
        ...

    async def drop_note(self, note: Note) -> None:
        """Delete its text for good, and the calls it made."""
        ...

    async def call(self, mentions: Sequence[Mention]) -> None:
        """Add these calls; one that the same note made already stays as it is."""
        ...

    async def called_by(self, note_id: NoteId) -> frozenset[OperatorId]: ...
    async def uncall(self, note_id: NoteId, people: Collection[OperatorId]) -> None:
        """Take these calls of the note back."""
        ...

    async def answered_calls(self, ticket_id: TicketId, email: str, at: datetime) -> None:
        """Who writes on the ticket has read what called them to it."""
        ...
