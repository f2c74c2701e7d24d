"""Filling the index of the search with the mails from before it was there: in small steps, newest first, resumable."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.engine import Database
from persistence.packing import mail_from
from persistence.rows import attachments, mails
from persistence.rows_notes import notes
from persistence.rows_search import search_entries, search_progress
from persistence.search_index import SearchIndex
from tickets.search import Coverage

STEP: Final = 200


async def coverage(connection: AsyncConnection) -> Coverage:
    """How much of the mail on record is in the index."""
    row = (await connection.execute(select(search_progress))).one()
    return Coverage(row.total if row.is_done else min(row.filled, row.total - 1), row.total)


class SearchFilling:
    """Each step is a transaction of its own, so a process that dies loses one at most; two may run side by side."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def start_again(self) -> None:
        """Put everything in anew, step by step. Mails in the index are found meanwhile; notes are put in last."""
        on_tickets = select(func.count()).select_from(mails).where(mails.c.ticket_id.is_not(None)).scalar_subquery()
        again = {"before": None, "filled": 0, "total": on_tickets, "is_done": False}
        async with self._database.write() as connection:
            await connection.execute(delete(search_entries).where(search_entries.c.note_id.is_not(None)))
            await connection.execute(update(search_progress).values(again))

    async def step(self, size: int = STEP) -> Coverage:
        """Put the next mails in, and say how much is there now."""
        async with self._database.write() as connection:
            query = select(search_progress).with_for_update()
            progress = (await connection.execute(query)).one()
            if not progress.is_done:
                await self._take(connection, progress.before, size)
            return await coverage(connection)

    async def _take(self, connection: AsyncConnection, before: UUID | None, size: int) -> None:
        query = select(mails).where(mails.c.ticket_id.is_not(None)).order_by(mails.c.id.desc()).limit(size)
        if before is not None:
            query = query.where(mails.c.id < before)
        rows = (await connection.execute(query)).all()
        index = SearchIndex(connection, is_sqlite=self._database.is_sqlite)
        await index.forget_mails([row.id for row in rows])
        parts = await _parts_of(connection, rows)
        for row in sorted(rows, key=lambda row: row.at):  # FTS5 writes rising ids in one go
            await index.put_mail(row.id, row.ticket_id, row.at, mail_from(row, parts.get(row.id, ())))
        is_done = len(rows) < size and await self._take_notes(connection, index, size) < size
        moved: dict[str, Any] = {"filled": search_progress.c.filled + len(rows), "is_done": is_done}
        if rows:
            moved["before"] = rows[-1].id
        await connection.execute(update(search_progress).values(moved))

    async def _take_notes(self, connection: AsyncConnection, index: SearchIndex, size: int) -> int:
        """Notes come after the mails; how many were put in."""
        query = select(notes).outerjoin(search_entries, search_entries.c.note_id == notes.c.id)
        missing = query.where(search_entries.c.id.is_(None)).order_by(notes.c.created_at).limit(size)
        rows = (await connection.execute(missing)).all()
        for row in rows:
            await index.put_note(row.id, row.ticket_id, row.created_at, row.text, row.author)
        return len(rows)


async def _parts_of(connection: AsyncConnection, rows: Any) -> dict[UUID, list[Row[Any]]]:
    parts: dict[UUID, list[Row[Any]]] = {}
    if with_parts := [row.id for row in rows if row.attachments]:
        query = select(attachments).where(attachments.c.mail_id.in_(with_parts)).order_by(attachments.c.position)
        for part in await connection.execute(query):
            parts.setdefault(part.mail_id, []).append(part)
    return parts
