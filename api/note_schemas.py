"""What scripts send and get of notes and calls."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from api.schemas import NO_NUL, NOT_BLANK
from tickets.notes import MentionKind, MentionLine, MentionPage, Note
from tickets.noting import MAX_NOTE

Text = Annotated[str, Meta(max_length=MAX_NOTE, pattern=NOT_BLANK)]
Email = Annotated[str, Meta(max_length=254, pattern=NO_NUL)]


class NoteRequest(Struct, forbid_unknown_fields=True):
    """`@` and the local part of an operator's address, the whole address or the name calls that operator."""

    text: Text


class NoteChange(Struct, forbid_unknown_fields=True):
    """New words. With `revision` the change is refused (409) when somebody changed the note since."""

    text: Text
    revision: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class NoteOut(Struct):
    """A note between colleagues. It is in no mail, no draft and no prompt.

    `came_from` is the ticket that it was left on, when a merge brought it here.
    """

    id: UUID
    ticket_id: UUID
    author: str
    text: str
    created_at: datetime
    edited_at: datetime | None
    revision: int
    came_from: UUID | None

    @classmethod
    def of(cls, note: Note) -> Self:
        return cls(**{name: getattr(note, name) for name in cls.__struct_fields__})


class NotePage(Struct):
    items: list[NoteOut]


class MentionOut(Struct):
    """A call for one operator: a note that names them (`note`), or a ticket that was given to them (`assigned`)."""

    id: UUID
    kind: MentionKind
    by: str
    at: datetime
    read_at: datetime | None
    ticket_id: UUID
    ticket_number: int
    ticket_subject: str
    note_id: UUID | None
    text: str

    @classmethod
    def of(cls, line: MentionLine) -> Self:
        return cls(**{name: getattr(line, name) for name in cls.__struct_fields__})


class MentionsOut(Struct):
    """The newest first. `unread` counts all calls of that operator that are not read yet."""

    items: list[MentionOut]
    unread: int
    next_cursor: str | None

    @classmethod
    def of(cls, page: MentionPage, unread: int) -> Self:
        return cls([MentionOut.of(line) for line in page.lines], unread, page.next_cursor)


class ReadRequest(Struct, forbid_unknown_fields=True):
    """Whose calls are read: those in `ids`, or all of that operator when it is left out."""

    email: Email
    ids: Annotated[list[UUID], Meta(max_length=200)] | None = None


class ReadOut(Struct):
    """How many of them were unread."""

    read: int
