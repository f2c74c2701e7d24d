"""Reads for the boards: keyset pages, one select each, and counts that nobody has to count."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Row,
    Select,
    TextClause,
    bindparam,
    func,
    literal,
    select,
    text,
    tuple_,
    type_coerce,
)

from persistence.columns import UtcDateTime, beginning_of
from persistence.engine import Database
from persistence.packing import progress_from
from persistence.rows import OURS, blobs, mailboxes, quarantine, tallies, tickets
from persistence.rows_boards import burdens, ticket_tags
from persistence.unit import NOBODY
from tickets.boards import (
    BoardFilter,
    BoardLine,
    BoardPage,
    Counts,
    MailboxLine,
    MailboxState,
    Order,
    QuarantineLine,
)
from tickets.errors import BadInput
from tickets.mail_headers import first_value
from tickets.status import Status
from tickets.ticket import TicketId

_HEAD: Final = 32 * 1024  # bytes of a held mail in which its sender and subject are looked for
_PACKED_HEAD: Final = 16 * 1024
MAX_CLAIM: Final = 300  # characters of each

LINE: Final = tuple(tickets.c[name] for name in BoardLine.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class _Sorting:
    """By which column lines are sorted, and in which direction."""

    column: Column[Any]
    is_ascending: bool

    @property
    def turned(self) -> "_Sorting":
        return _Sorting(self.column, not self.is_ascending)

    def sort(self, query: Select[Any]) -> Select[Any]:
        if self.is_ascending:
            return query.order_by(self.column, tickets.c.id)
        return query.order_by(self.column.desc(), tickets.c.id.desc())

    def beyond(self, at: datetime, ticket_id: UUID) -> ColumnElement[bool]:
        here = tuple_(literal(at, UtcDateTime), literal(ticket_id, tickets.c.id.type))
        place = tuple_(self.column, tickets.c.id)
        return place > here if self.is_ascending else place < here


_SORTINGS: Final = {
    Order.LONGEST_WAIT: _Sorting(tickets.c.waiting_since, is_ascending=True),
    Order.SHORTEST_WAIT: _Sorting(tickets.c.waiting_since, is_ascending=False),
    Order.FIRST_MOVED: _Sorting(tickets.c.updated_at, is_ascending=True),
    Order.LAST_MOVED: _Sorting(tickets.c.updated_at, is_ascending=False),
    Order.WAKES_FIRST: _Sorting(tickets.c.snoozed_until, is_ascending=True),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: beyond a line, onwards or backwards. Written into the address as a cursor."""

    order: Order
    is_onwards: bool
    at: datetime
    ticket_id: UUID

    @classmethod
    def beyond(cls, line: BoardLine, order: Order, *, onwards: bool) -> "_Place":
        return cls(order, onwards, getattr(line, _SORTINGS[order].column.name), line.id)

    @classmethod
    def read(cls, cursor: str, order: Order) -> "_Place":
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            name, direction, at, ticket_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if name != order or direction not in ("after", "before"):
                raise ValueError("a cursor of another order")
            return cls(order, direction == "after", datetime.fromisoformat(at).astimezone(UTC), UUID(ticket_id))
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            raise BadInput("The cursor is none of this list's. Begin again without one.") from error

    def __str__(self) -> str:
        direction = "after" if self.is_onwards else "before"
        place = json.dumps([self.order, direction, self.at.isoformat(), self.ticket_id.hex])
        return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def lines_query(wanted: BoardFilter, order: Order, place: _Place | None, limit: int) -> Select[Any]:
    """The one select of a page. From a place backwards, the lines come in reverse."""
    sorting = _SORTINGS[order]
    query = select(*LINE).where(*_conditions(wanted, sorting.column)).limit(limit)
    if place is None:
        return sorting.sort(query)
    sorting = sorting if place.is_onwards else sorting.turned
    return sorting.sort(query.where(sorting.beyond(place.at, place.ticket_id)))


class SqlBoards:
    """The port Boards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, wanted: BoardFilter, *, limit: int, cursor: str | None, order: Order | None = None
    ) -> BoardPage:
        """Raises BadInput for a cursor that is none of ours, or of a list in another order."""
        order = order or wanted.natural_order
        place = _Place.read(cursor, order) if cursor is not None else None
        found = await self._lines(wanted, order, place, limit + 1)
        lines, has_more = found[:limit], len(found) > limit
        if place is None or place.is_onwards:
            return _page(lines, order, has_next=has_more, has_previous=place is not None)
        if not has_more:  # the first page, or less than one: whole it is of more use
            return await self.page(wanted, limit=limit, cursor=None, order=order)
        return _page(tuple(reversed(lines)), order, has_next=True, has_previous=True)

    async def _lines(
        self, wanted: BoardFilter, order: Order, place: _Place | None, limit: int
    ) -> tuple[BoardLine, ...]:
        async with self._database.read() as connection:
            found = await connection.execute(lines_query(wanted, order, place, limit))
            return tuple(line_from(row) for row in found)

    async def counts(self, assignee: str | None = None) -> Counts:
        """None of them is counted here: each transaction keeps those that it moves."""
        kept = (tallies.c[name] for name in ("new", "needs_action", "waiting", "done", "leaving", "snoozed"))
        query = select(*kept, _burden_of(NOBODY).label("unassigned"), _burden_of(assignee or NOBODY).label("mine"))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one()
        return Counts(**{**row._mapping, "mine": row.mine if assignee else 0})

    async def mailboxes(self) -> tuple[MailboxLine, ...]:
        names = (mailboxes.c[name] for name in MailboxLine.__dataclass_fields__)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(*names).order_by(mailboxes.c.address_key))).all()
        return tuple(_mailbox_line(row) for row in rows)

    async def quarantined(self, limit: int) -> tuple[QuarantineLine, ...]:
        """The newest first."""
        held = quarantine.c
        packed = func.substr(type_coerce(blobs.c.content, LargeBinary), 1, _PACKED_HEAD, type_=LargeBinary)
        query = (
            select(held.id, mailboxes.c.address, held.reason, held.received_at, held.size, packed)
            .join(mailboxes, mailboxes.c.id == held.mailbox_id)
            .join(blobs, blobs.c.sha256 == held.raw_sha256)
            .order_by(held.received_at.desc(), held.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return tuple(_quarantine_line(row) for row in await connection.execute(query))

    async def numbers(self, ticket_ids: Sequence[TicketId]) -> Mapping[TicketId, int]:
        return dict(await self._numbers(tickets.c.id.in_(ticket_ids)))

    async def numbered(self, numbers: Sequence[int]) -> Mapping[int, TicketId]:
        return {number: ticket_id for ticket_id, number in await self._numbers(tickets.c.number.in_(numbers))}

    async def _numbers(self, those: ColumnElement[bool]) -> Sequence[tuple[TicketId, int]]:
        async with self._database.read() as connection:
            found = await connection.execute(select(tickets.c.id, tickets.c.number).where(those))
            return [(TicketId(line.id), line.number) for line in found]

    async def version(self) -> int:
        async with self._database.read() as connection:
            newest: int = (await connection.execute(select(tallies.c.events))).scalar_one()
        return newest


def _quarantine_line(row: Row[*tuple[Any, ...]]) -> QuarantineLine:
    *known, packed = row
    head = beginning_of(packed, _HEAD)
    said = (first_value(head, name)[:MAX_CLAIM] for name in ("From", "Subject"))
    return QuarantineLine(*known, *said)


def _bearing(tag: str) -> Select[Any]:
    return select(ticket_tags.c.ticket_id).where(ticket_tags.c.tag == tag)


def _burden_of(assignee: str) -> ColumnElement[int]:
    theirs = select(burdens.c.tickets).where(burdens.c.assignee == assignee).scalar_subquery()
    return func.coalesce(theirs, 0)


def _conditions(wanted: BoardFilter, sorted_by: Column[Any]) -> list[ColumnElement[bool] | TextClause]:
    conditions: list[ColumnElement[bool] | TextClause] = []
    if wanted.is_ours:
        conditions.append(text(OURS))
    elif wanted.is_snoozed is not None:
        until = tickets.c.snoozed_until
        conditions.append(until.is_not(None) if wanted.is_snoozed else until.is_(None))
    if wanted.status is not None:
        # Spelt out, or no partial index would serve the query.
        conditions.append(tickets.c.status == bindparam(None, wanted.status.value, literal_execute=True))
    if wanted.assignee is not None:
        conditions.append(tickets.c.assignee == wanted.assignee if wanted.assignee else tickets.c.assignee.is_(None))
    facets = {name: getattr(wanted, name) for name in ("category", "priority", "mailbox", "language")}
    conditions += [tickets.c[name] == value for name, value in facets.items() if value is not None]
    if wanted.before is not None:
        conditions.append(sorted_by < wanted.before)
    conditions += [tickets.c.id.in_(_bearing(tag)) for tag in wanted.tags]
    if wanted.q and (words := wanted.q.casefold().split()):
        conditions += [tickets.c.search_text.contains(word, autoescape=True) for word in words]
    return conditions


def _mailbox_line(row: Row[Any]) -> MailboxLine:
    own = {"state": MailboxState(row.state), "progress": progress_from(row.progress)}
    return MailboxLine(**{**row._mapping, **own})


def line_from(row: Row[Any]) -> BoardLine:
    return BoardLine(**{**row._mapping, "status": Status(row.status), "tags": tuple(row.tags)})


def _page(lines: tuple[BoardLine, ...], order: Order, *, has_next: bool, has_previous: bool) -> BoardPage:
    return BoardPage(
        lines,
        next_cursor=str(_Place.beyond(lines[-1], order, onwards=True)) if has_next else None,
        previous_cursor=str(_Place.beyond(lines[0], order, onwards=False)) if has_previous and lines else None,
    )
