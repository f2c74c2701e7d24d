"""What scripts send and get of merges and splits."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from msgspec import Meta, Struct

from tickets.regrouping import MoveKind, MoveLine


class SplitRequest(Struct, forbid_unknown_fields=True):
    """The mails, by their ids, that get a ticket of their own: at least one of the customer's, and not all of those."""

    mails: Annotated[list[UUID], Meta(min_length=1, max_length=500)]


class OtherTicketOut(Struct):
    """The other ticket of a merge or a split, to ask for by its `id`."""

    id: UUID
    number: int


class MoveOut(Struct):
    """A merge or a split that stands, and so can be undone.

    `from_here` tells whether the mails went from this ticket to `other`, or came from there.
    """

    kind: MoveKind
    from_here: bool
    other: OtherTicketOut
    mails: int
    by: str
    at: datetime

    @classmethod
    def of(cls, line: MoveLine) -> Self:
        other = OtherTicketOut(line.other.id, line.other.number)
        return cls(line.kind, line.is_source, other, line.mails, line.by, line.at)
