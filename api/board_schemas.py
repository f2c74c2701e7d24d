"""What scripts send and get about tags, snoozes, many tickets at once, and saved views."""

from datetime import datetime, tzinfo
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from api.language import is_zone
from tickets.boards import Board, Counts
from tickets.bulk import MAX_TICKETS, BulkReport
from tickets.errors import BadInput
from tickets.snoozing import UNTIL_ANSWER, SnoozeFor
from tickets.tags import MAX_LENGTH, MAX_TAGS
from tickets.views import MAX_NAME, MAX_QUERY, SavedView

Tag = Annotated[str, Meta(max_length=MAX_LENGTH, pattern=r"^[^\x00-\x1f,]*[^\x00-\x1f\s,][^\x00-\x1f,]*$")]
Name = Annotated[str, Meta(max_length=MAX_NAME, pattern=r"^[^\x00-\x1f]*[^\x00-\x1f\s][^\x00-\x1f]*$")]
Filters = Annotated[str, Meta(max_length=MAX_QUERY, pattern=r"^[^\x00]*$")]


class SnoozeRequest(Struct, forbid_unknown_fields=True):
    """Either `until`, a moment with its offset, or `length`, which ends at nine in the morning of `time_zone`.

    A length of `answer` lasts until the customer writes. A customer's mail ends every snooze.
    """

    until: datetime | None = None
    length: SnoozeFor | None = None
    time_zone: Annotated[str, Meta(max_length=64)] = "UTC"

    def ends_at(self, now: datetime) -> datetime:
        """Raises BadInput."""
        if (self.until is None) == (self.length is None):
            raise BadInput("Send 'until' or 'length', and not both.")
        if self.length is not None:
            return self.length.until(now, self._zone())
        assert self.until is not None
        if self.until.tzinfo is None:
            raise BadInput("The time 'until' needs an offset, as in 2026-11-30T09:00:00+01:00.")
        return self.until

    def _zone(self) -> tzinfo:
        if not is_zone(self.time_zone):
            raise BadInput("There is no such time zone. Use a name like Europe/Berlin.")
        return ZoneInfo(self.time_zone)


class SnoozeOut(Struct):
    """Off the boards until then; `until` is null for one that waits for the customer's answer."""

    until: datetime | None
    by: str

    @classmethod
    def of(cls, ticket: Any) -> Self | None:
        if ticket.snoozed_until is None:
            return None
        return cls(None if ticket.snoozed_until == UNTIL_ANSWER else ticket.snoozed_until, ticket.snoozed_by or "")


class TagChange(Struct, forbid_unknown_fields=True):
    """Tags to put on and to take off; the others stay."""

    add: Annotated[list[Tag], Meta(max_length=MAX_TAGS)] = []
    remove: Annotated[list[Tag], Meta(max_length=MAX_TAGS)] = []


class TagsOut(Struct):
    """The tags in use, the most used first."""

    items: list[str]


class CountsOut(Struct):
    """How many tickets each board holds; one that is put off counts as `snoozed` only."""

    new: int
    needs_action: int
    waiting: int
    done: int
    leaving: int
    snoozed: int
    unassigned: int

    @classmethod
    def of(cls, counts: Counts) -> Self:
        return cls(**{name: getattr(counts, name) for name in cls.__struct_fields__})


class BulkRequest(Struct, forbid_unknown_fields=True):
    """One step for many tickets. `assignee` goes with `assign` (null for nobody), `tags` with `tag` and `untag`, and
    `snooze` with `snooze`. `undo_close` reopens what you closed and nobody has touched since.
    """

    tickets: Annotated[list[UUID], Meta(min_length=1, max_length=MAX_TICKETS)]
    step: Literal["assign", "tag", "untag", "close", "undo_close", "snooze", "wake"]
    assignee: Annotated[str, Meta(max_length=254, pattern=r"^[^\x00]*$")] | None = None
    tags: Annotated[list[Tag], Meta(max_length=MAX_TAGS)] = []
    snooze: SnoozeRequest | None = None


class RefusedOut(Struct):
    """A ticket on which nothing was done, and why. `number` is null for one that does not exist."""

    id: UUID
    number: int | None
    reason: str


class BulkOut(Struct):
    """What became of each ticket: every one of the request is in one of the two lists."""

    done: list[UUID]
    refused: list[RefusedOut]

    @classmethod
    def of(cls, report: BulkReport) -> Self:
        refused = [RefusedOut(each.ticket_id, each.number, each.reason) for each in report.refused]
        return cls(list(report.done), refused)


class ViewRequest(Struct, forbid_unknown_fields=True):
    """A board with its filters, as its address bears them after the question mark: `category=billing&tag=vip`."""

    name: Name
    board: Board
    filters: Filters = ""
    is_shared: bool = False


class ViewChange(Struct, forbid_unknown_fields=True):
    name: Name | None = None
    is_shared: bool | None = None


class ViewOut(Struct):
    """A saved view. `owner` is who saved it, as the audit trail names them."""

    id: UUID
    name: str
    owner: str
    is_shared: bool
    board: Board
    filters: str
    created_at: datetime

    @classmethod
    def of(cls, view: SavedView) -> Self:
        return cls(view.id, view.name, view.owner, view.is_shared, view.board, view.query, view.created_at)


class ViewPage(Struct):
    items: list[ViewOut]
