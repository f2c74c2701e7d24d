"""Reads for the boards: keyset pages, one select each, and counts that nobody has to count."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, Select, literal, select, tuple_

from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.packing import progress_from
from persistence.rows import mailboxes, quarantine, tallies, tickets
from tickets.boards import (
    OLDEST_FIRST,
    STATUS_OF,
    BoardFilter,
    BoardLine,
    BoardPage,
    Counts,
    MailboxLine,
    MailboxState,
    QuarantineLine,
)
from tickets.errors import BadInput
from tickets.status import Status

_LINE: Final = tuple(tickets.c[name] for name in BoardLine.__dataclass_fields__)
_LONGEST_WAIT_FIRST: Final = frozenset(STATUS_OF[board] for board in OLDEST_FIRST)


@dataclass(frozen=True, slots=True)
class _Order:
    """In which order a board runs, and what of a line says where the next page begins."""

    name: str
    column: Column[Any]
    is_ascending: bool

    def sort(self, query: Select[Any]) -> Select[Any]:
        if self.is_ascending:
            return query.order_by(self.column, tickets.c.id)
        return query.order_by(self.column.desc(), tickets.c.id.desc())

    def beyond(self, at: datetime, ticket_id: UUID) -> ColumnElement[bool]:
        here = tuple_(literal(at, UtcDateTime), literal(ticket_id, tickets.c.id.type))
        place = tuple_(self.column, tickets.c.id)
        return place > here if self.is_ascending else place < here


_BY_WAIT: Final = _Order("w", tickets.c.waiting_since, is_ascending=True)
_BY_MOVE: Final = _Order("u", tickets.c.updated_at, is_ascending=False)


class SqlBoards:
    """The port Boards."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, wanted: BoardFilter, *, limit: int, cursor: str | None) -> BoardPage:
        """Raises BadInput for a cursor that is none of ours, or of a board in another order."""
        order = _BY_WAIT if wanted.status in _LONGEST_WAIT_FIRST else _BY_MOVE
        query = order.sort(select(*_LINE)).where(*_conditions(wanted)).limit(limit + 1)
        if cursor is not None:
            query = query.where(order.beyond(*_read_cursor(cursor, order)))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        lines = tuple(_line(row) for row in rows[:limit])
        return BoardPage(lines, _cursor_after(lines[-1], order) if len(rows) > limit else None)

    async def counts(self) -> Counts:
        query = select(tallies.c.new, tallies.c.needs_action, tallies.c.waiting, tallies.c.done, tallies.c.leaving)
        async with self._database.read() as connection:
            return Counts(*(await connection.execute(query)).one())

    async def mailboxes(self) -> tuple[MailboxLine, ...]:
        names = (mailboxes.c[name] for name in MailboxLine.__dataclass_fields__)
        async with self._database.read() as connection:
            rows = (await connection.execute(select(*names).order_by(mailboxes.c.address_key))).all()
        return tuple(_mailbox_line(row) for row in rows)

    async def quarantined(self, limit: int) -> tuple[QuarantineLine, ...]:
        """The newest first."""
        query = (
            select(
                quarantine.c.id, mailboxes.c.address, quarantine.c.reason, quarantine.c.received_at, quarantine.c.size
            )
            .join(mailboxes, mailboxes.c.id == quarantine.c.mailbox_id)
            .order_by(quarantine.c.received_at.desc(), quarantine.c.id)
            .limit(limit)
        )
        async with self._database.read() as connection:
            return tuple(QuarantineLine(*row) for row in await connection.execute(query))

    async def version(self) -> int:
        async with self._database.read() as connection:
            newest: int = (await connection.execute(select(tallies.c.events))).scalar_one()
        return newest


def _conditions(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.status is not None:
        conditions.append(tickets.c.status == wanted.status.value)
    if wanted.assignee is not None:
        conditions.append(tickets.c.assignee == wanted.assignee if wanted.assignee else tickets.c.assignee.is_(None))
    if wanted.q and (words := wanted.q.casefold().split()):
        conditions += [tickets.c.search_text.contains(word, autoescape=True) for word in words]
    return conditions


def _mailbox_line(row: Row[Any]) -> MailboxLine:
    own = {"state": MailboxState(row.state), "progress": progress_from(row.progress)}
    return MailboxLine(**{**row._mapping, **own})


def _line(row: Row[Any]) -> BoardLine:
    return BoardLine(**{**row._mapping, "status": Status(row.status)})


def _cursor_after(line: BoardLine, order: _Order) -> str:
    at = line.waiting_since if order is _BY_WAIT else line.updated_at
    place = json.dumps([order.name, at.isoformat(), line.id.hex])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, order: _Order) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        name, at, ticket_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if name != order.name:
            raise ValueError("a cursor of another order")
        return datetime.fromisoformat(at).astimezone(UTC), UUID(ticket_id)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput("The cursor is none of this list's. Begin again without one.") from error
