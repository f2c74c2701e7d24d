"""Notes and calls in the tables: as part of a transaction, and the reads beside it."""

import base64
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, literal, select, tuple_, update

from persistence.account_rows import operators
from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.packing import operator_from
from persistence.rows import tickets
from persistence.rows_notes import mentions, notes
from persistence.search_index import SearchIndex
from persistence.unit import Unit
from tickets.errors import BadInput, NotFound
from tickets.notes import Mention, MentionKind, MentionLine, MentionPage, Note, NoteId
from tickets.people import Operator, OperatorId
from tickets.ticket import TicketId

_LINE: Final = (
    mentions.c.id,
    mentions.c.kind,
    mentions.c.by,
    mentions.c.at,
    mentions.c.read_at,
    mentions.c.ticket_id,
    tickets.c.number.label("ticket_number"),
    tickets.c.subject.label("ticket_subject"),
    mentions.c.note_id,
    func.coalesce(notes.c.text, "").label("text"),
)


class NoteTransaction:
    """The part of a transaction that writes notes and calls. The caller holds the ticket's row."""

    _unit: Unit
    _connection: Any

    @property
    def _index(self) -> SearchIndex:
        return SearchIndex(self._connection, is_sqlite=self._unit.is_sqlite)

    async def colleagues(self) -> tuple[Operator, ...]:
        rows = await self._connection.execute(
            select(operators).where(operators.c.disabled_at.is_(None)).order_by(operators.c.email_key)
        )
        return tuple(operator_from(row) for row in rows)

    async def add_note(self, note: Note) -> None:
        columns = {name: value for name, value in asdict(note).items() if name in notes.c}
        await self._connection.execute(insert(notes), columns)
        await self._index.put_note(note.id, note.ticket_id, note.created_at, note.text, note.author)

    async def note(self, ticket_id: TicketId, note_id: NoteId) -> Note:
        query = select(notes).where(notes.c.id == note_id, notes.c.ticket_id == ticket_id)
        row = (await self._connection.execute(query)).first()
        if row is None:
            raise NotFound("This ticket has no such note any more. Reload the ticket.")
        return _note(row)

    async def change_note(self, note: Note) -> None:
        changed = {"text": note.text, "revision": note.revision, "edited_at": note.edited_at}
        await self._connection.execute(update(notes).where(notes.c.id == note.id).values(changed))
        await self._index.forget_note(note.id)
        await self._index.put_note(note.id, note.ticket_id, note.created_at, note.text, note.author)

    async def drop_note(self, note: Note) -> None:
        await self._connection.execute(delete(notes).where(notes.c.id == note.id))

    async def call(self, calls: Sequence[Mention]) -> None:
        if calls:
            put = self._unit.upsert(mentions).on_conflict_do_nothing()
            await self._connection.execute(put, [asdict(each) for each in calls])

    async def called_by(self, note_id: NoteId) -> frozenset[OperatorId]:
        query = select(mentions.c.operator_id).where(mentions.c.note_id == note_id)
        return frozenset((await self._connection.execute(query)).scalars())

    async def uncall(self, note_id: NoteId, people: Collection[OperatorId]) -> None:
        theirs = (mentions.c.note_id == note_id) & mentions.c.operator_id.in_(sorted(people))
        await self._connection.execute(delete(mentions).where(theirs))

    async def answered_calls(self, ticket_id: TicketId, email: str, at: datetime) -> None:
        who = select(operators.c.id).where(operators.c.email_key == email.strip().casefold()).scalar_subquery()
        unread = (mentions.c.ticket_id == ticket_id) & (mentions.c.operator_id == who) & mentions.c.read_at.is_(None)
        await self._connection.execute(update(mentions).where(unread).values(read_at=at))


class NoteStore:
    """The store's reads of notes and calls."""

    _database: Database

    async def notes(self, ticket_id: TicketId) -> tuple[Note, ...]:
        origin = tickets.alias()
        beside = notes.outerjoin(origin, origin.c.id == notes.c.came_from)
        query = select(notes, origin.c.number.label("came_from_number")).select_from(beside)
        query = query.where(notes.c.ticket_id == ticket_id).order_by(notes.c.created_at, notes.c.id)
        async with self._database.read() as connection:
            return tuple(_note(row) for row in await connection.execute(query))

    async def mentions(
        self, operator_id: OperatorId, *, limit: int, cursor: str | None = None, unread_only: bool = False
    ) -> MentionPage:
        beside = mentions.join(tickets, tickets.c.id == mentions.c.ticket_id).outerjoin(
            notes, notes.c.id == mentions.c.note_id
        )
        query = select(*_LINE).select_from(beside).where(mentions.c.operator_id == operator_id)
        if unread_only:
            query = query.where(mentions.c.read_at.is_(None))
        if cursor is not None:
            at, mention_id = _read_cursor(cursor)
            here = tuple_(literal(at, UtcDateTime), literal(mention_id, mentions.c.id.type))
            query = query.where(tuple_(mentions.c.at, mentions.c.id) < here)
        query = query.order_by(mentions.c.at.desc(), mentions.c.id.desc()).limit(limit + 1)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        lines = tuple(_line(row) for row in rows[:limit])
        return MentionPage(lines, _cursor_after(lines[-1]) if len(rows) > limit else None)

    async def unread_mentions(self, operator_id: OperatorId) -> int:
        query = select(func.count()).where(mentions.c.operator_id == operator_id, mentions.c.read_at.is_(None))
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def mark_read(self, operator_id: OperatorId, ids: Collection[UUID] | None, at: datetime) -> int:
        unread = (mentions.c.operator_id == operator_id) & mentions.c.read_at.is_(None)
        if ids is not None:
            unread &= mentions.c.id.in_(sorted(ids))
        async with self._database.write() as connection:
            return int((await connection.execute(update(mentions).where(unread).values(read_at=at))).rowcount)


def _note(row: Row[*tuple[Any, ...]]) -> Note:
    return Note(**row._mapping)


def _line(row: Row[*tuple[Any, ...]]) -> MentionLine:
    return MentionLine(**{**row._mapping, "kind": MentionKind(row.kind)})


def _cursor_after(line: MentionLine) -> str:
    place = json.dumps([line.at.isoformat(), line.id.hex])
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        at, mention_id = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return datetime.fromisoformat(at).astimezone(UTC), UUID(mention_id)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput("The cursor is none of this list's. Begin again without one.") from error
