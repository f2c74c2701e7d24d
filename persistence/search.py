"""Reads of the search: newest hit first, each ticket once, without ranking and without counting to the end.

Words are looked up in the index by falling ids, in chunks, until the page is full; what operators ask of tickets is
checked chunk by chunk. A search that has seen its share of hits stops and says how far it looked.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.boards import LINE, line_from
from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.packing import message_from
from persistence.rows import mails, tickets
from persistence.rows_notes import notes
from persistence.rows_search import first_id_of, search_entries, time_of
from persistence.search_conditions import ticket_conditions
from persistence.search_filling import coverage
from persistence.search_terms import fts5_query, tsquery
from tickets.boards import BoardLine
from tickets.errors import BadInput
from tickets.search import Coverage, Found, Hit, HitKind, Query, SearchPage, own_words

CHUNK: Final = 500  # hits looked up at once; the count of a search goes no further
SHARE: Final = 20_000  # hits whose tickets are checked before a search stops to say how far it has come
_NEWEST: Final = 10_000  # entries that PostgreSQL reads one by one before it asks its index for all hits
_LAST_ID: Final = 2**63 - 1

_FTS5: Final = text(
    "SELECT rowid FROM search_words WHERE search_words MATCH :words AND rowid < :below AND rowid >= :first"
    " ORDER BY rowid DESC LIMIT :most"
)
_AMONG_NEWEST: Final = text(
    "SELECT id FROM (SELECT id, words FROM search_words WHERE id < :below AND id >= :first ORDER BY id DESC"
    " LIMIT :newest) AS newest WHERE words @@ CAST(:words AS tsquery) ORDER BY id DESC LIMIT :most"
)
# Adding 0 keeps PostgreSQL from walking all entries by their key in the hope of an early end.
_BY_GIN: Final = text(
    "SELECT id FROM search_words WHERE id < :below AND id >= :first AND words @@ CAST(:words AS tsquery)"
    " ORDER BY id + 0 DESC LIMIT :most"
)
_FTS5_AMONG: Final = text(
    "SELECT e.ticket_id FROM search_entries e WHERE e.ticket_id IN :those AND e.id >= :from_id AND e.id < :below"
    " AND EXISTS (SELECT 1 FROM search_words w WHERE w.rowid = e.id AND w.search_words MATCH :words)"
).bindparams(bindparam("those", expanding=True, type_=tickets.c.id.type))
_GIN_AMONG: Final = text(
    "SELECT e.ticket_id FROM search_entries e JOIN search_words w ON w.id = e.id WHERE e.ticket_id IN :those"
    " AND e.id >= :from_id AND e.id < :below AND w.words @@ CAST(:words AS tsquery)"
).bindparams(bindparam("those", expanding=True, type_=tickets.c.id.type))


@dataclass(slots=True)
class _Hits:
    """The newest entry of each ticket that fits, in order, and how the search for them ended."""

    entries: dict[UUID, int] = field(default_factory=dict)
    looked_to: int | None = None  # the last entry looked at, when the search stopped before the end


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a query and the span of ids in which they count."""

    expression: str
    first: int
    top: int  # the first id that is too new to count
    below: int  # where the page begins: `top`, or what the cursor says


class SqlSearch:
    """The port Search."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, query: Query, *, limit: int, cursor: str | None) -> SearchPage:
        """Raises BadInput for a cursor that is none of ours, or of another kind of search."""
        if query.is_empty:
            return SearchPage((), None, 0)
        async with self._database.read() as connection:
            if query.wanted:
                page = await self._by_words(connection, query, limit, cursor)
            else:
                page = await _by_tickets(connection, query, limit, cursor)
            if cursor is None and (number := query.possible_number) is not None:
                page = await _with_number(connection, page, number)
            return page

    async def coverage(self) -> Coverage:
        async with self._database.read() as connection:
            return await coverage(connection)

    async def _by_words(self, connection: AsyncConnection, query: Query, limit: int, cursor: str | None) -> SearchPage:
        from_id = _read_entry(cursor) if cursor is not None else None
        words = self._words(query, from_id)
        hits = await self._hits(connection, query, words, limit + 1, from_id)
        shown = list(hits.entries.items())[:limit]
        next_id = shown[-1][1] if len(hits.entries) > limit else hits.looked_to
        is_cut = hits.looked_to is not None and len(hits.entries) <= limit
        return SearchPage(
            await _found(connection, shown),
            _entry_cursor(next_id) if next_id is not None else None,
            len(hits.entries) if cursor is None else None,
            is_more=hits.looked_to is not None,
            looked_back_to=time_of(hits.looked_to) if is_cut and hits.looked_to is not None else None,
        )

    def _words(self, query: Query, from_id: int | None) -> _Words:
        top = first_id_of(query.before) if query.before else _LAST_ID
        return _Words(
            fts5_query(query.phrases) if self._database.is_sqlite else tsquery(query.phrases),
            first_id_of(query.after) if query.after else 0,
            top,
            min(top, from_id) if from_id is not None else top,
        )

    async def _hits(
        self, connection: AsyncConnection, query: Query, words: _Words, wanted: int, from_id: int | None
    ) -> _Hits:
        hits, below, seen = _Hits(), words.below, 0
        conditions = ticket_conditions(query)
        most = max(CHUNK, wanted)
        while True:
            ids = await self._matching(connection, words, below, most)
            for entry_id, ticket_id in await self._fitting(connection, ids, conditions, words, from_id):
                hits.entries.setdefault(ticket_id, entry_id)
            seen += len(ids)
            if len(ids) < most:
                return hits
            below = ids[-1]
            if len(hits.entries) >= wanted or seen >= SHARE:
                hits.looked_to = below
                return hits

    async def _matching(self, connection: AsyncConnection, words: _Words, below: int, most: int) -> list[int]:
        """The newest entries with the words, below an id."""
        asked = {"words": words.expression, "below": below, "first": words.first, "most": most}
        if self._database.is_sqlite:
            return list((await connection.execute(_FTS5, asked)).scalars())
        newest = list((await connection.execute(_AMONG_NEWEST, asked | {"newest": _NEWEST})).scalars())
        if len(newest) == most:
            return newest
        return list((await connection.execute(_BY_GIN, asked)).scalars())

    async def _fitting(
        self,
        connection: AsyncConnection,
        ids: Sequence[int],
        conditions: Sequence[ColumnElement[bool]],
        words: _Words,
        from_id: int | None,
    ) -> list[tuple[int, UUID]]:
        """The entries whose tickets fit, newest first, without tickets that an earlier page has shown."""
        if not ids:
            return []
        query = (
            select(search_entries.c.id, search_entries.c.ticket_id)
            .join(tickets, tickets.c.id == search_entries.c.ticket_id)
            .where(search_entries.c.id.in_(ids), *conditions)
            .order_by(search_entries.c.id.desc())
        )
        rows = [(row.id, row.ticket_id) for row in await connection.execute(query)]
        if from_id is None or not rows:
            return rows
        shown = await self._shown_before(connection, {ticket_id for _, ticket_id in rows}, words, from_id)
        return [(entry_id, ticket_id) for entry_id, ticket_id in rows if ticket_id not in shown]

    async def _shown_before(
        self, connection: AsyncConnection, those: set[UUID], words: _Words, from_id: int
    ) -> set[UUID]:
        """Which of these tickets have a newer entry with the words: an earlier page has shown them with that one."""
        among = _FTS5_AMONG if self._database.is_sqlite else _GIN_AMONG
        asked = {"those": sorted(those), "words": words.expression, "from_id": from_id, "below": words.top}
        return {UUID(str(found)) for found in (await connection.execute(among, asked)).scalars()}


# --- operators alone, and numbers -------------------------------------------------------------------------------------


async def _by_tickets(connection: AsyncConnection, query: Query, limit: int, cursor: str | None) -> SearchPage:
    """Without words to look for: tickets by their last move."""
    conditions = ticket_conditions(query)
    if query.after:
        conditions.append(tickets.c.updated_at >= query.after)
    if query.before:
        conditions.append(tickets.c.updated_at < query.before)
    lines = select(*LINE).where(*conditions).order_by(tickets.c.updated_at.desc(), tickets.c.id.desc())
    if cursor is not None:
        at, ticket_id = _read_ticket(cursor)
        here = tuple_(literal(at, UtcDateTime), literal(ticket_id, tickets.c.id.type))
        lines = lines.where(tuple_(tickets.c.updated_at, tickets.c.id) < here)
    rows = (await connection.execute(lines.limit(limit + 1))).all()
    found = tuple(Found(line_from(row)) for row in rows[:limit])
    next_cursor = _ticket_cursor(found[-1].line) if len(rows) > limit else None
    if cursor is not None:
        return SearchPage(found, next_cursor)
    capped = select(tickets.c.id).where(*conditions).limit(CHUNK + 1).subquery()
    total: int = (await connection.execute(select(func.count()).select_from(capped))).scalar_one()
    return SearchPage(found, next_cursor, min(total, CHUNK), is_more=total > CHUNK)


async def _with_number(connection: AsyncConnection, page: SearchPage, number: int) -> SearchPage:
    """The ticket that bears the number first: whoever types digits means it."""
    row = (await connection.execute(select(*LINE).where(tickets.c.number == number))).first()
    if row is None or any(found.line.id == row.id for found in page.found):
        return page
    total = page.total + 1 if page.total is not None else None
    return SearchPage((Found(line_from(row)), *page.found), page.next_cursor, total, page.is_more, page.looked_back_to)


# --- what is shown ----------------------------------------------------------------------------------------------------


async def _found(connection: AsyncConnection, shown: Sequence[tuple[UUID, int]]) -> tuple[Found, ...]:
    lines = select(*LINE).where(tickets.c.id.in_([ticket_id for ticket_id, _ in shown]))
    by_id = {row.id: line_from(row) for row in await connection.execute(lines)}
    hits = await _hits_of(connection, [entry_id for _, entry_id in shown])
    return tuple(Found(by_id[ticket_id], hits.get(entry_id)) for ticket_id, entry_id in shown if ticket_id in by_id)


async def _hits_of(connection: AsyncConnection, entry_ids: Sequence[int]) -> dict[int, Hit]:
    query = (
        select(mails, search_entries.c.id.label("entry_id"))
        .join(search_entries, search_entries.c.mail_id == mails.c.id)
        .where(search_entries.c.id.in_(entry_ids))
    )
    found = {row.entry_id: _hit(row) for row in await connection.execute(query)}
    of_notes = (
        select(notes, search_entries.c.id.label("entry_id"))
        .join(search_entries, search_entries.c.note_id == notes.c.id)
        .where(search_entries.c.id.in_(set(entry_ids) - set(found)))
    )
    for row in await connection.execute(of_notes) if len(found) < len(entry_ids) else ():
        found[row.entry_id] = Hit(row.id, HitKind.NOTE, row.author, row.created_at, "", row.text)
    return found


def _hit(row: Row[Any]) -> Hit:
    message = message_from(row, ())
    kind = HitKind.REPLY if message.is_ours else HitKind.MAIL
    return Hit(message.id, kind, message.mail.sender.label, message.at, message.mail.subject, own_words(message.mail))


# --- cursors ----------------------------------------------------------------------------------------------------------


def _entry_cursor(entry_id: int) -> str:
    return _sealed(["e", str(entry_id)])


def _ticket_cursor(line: BoardLine) -> str:
    return _sealed(["t", line.updated_at.isoformat(), line.id.hex])


def _read_entry(cursor: str) -> int:
    (entry_id,) = _opened(cursor, "e", 1)
    if not entry_id.isascii() or not entry_id.isdigit() or int(entry_id) > _LAST_ID:
        raise BadInput(_FOREIGN)
    return int(entry_id)


def _read_ticket(cursor: str) -> tuple[datetime, UUID]:
    at, ticket_id = _opened(cursor, "t", 2)
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(ticket_id)
    except (ValueError, OverflowError) as error:
        raise BadInput(_FOREIGN) from error


_FOREIGN: Final = "The cursor is none of this search's. Begin again without one."


def _sealed(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _opened(cursor: str, kind: str, parts: int) -> list[str]:
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise BadInput(_FOREIGN) from error
    if not isinstance(place, list) or len(place) != parts + 1 or place[0] != kind:
        raise BadInput(_FOREIGN)
    if not all(isinstance(part, str) for part in place):
        raise BadInput(_FOREIGN)
    return place[1:]
