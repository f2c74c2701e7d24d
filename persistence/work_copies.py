"""Operators' unsaved texts: read by the store, written as part of a transaction."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.engine import Database
from persistence.rows_work_copies import work_copies
from persistence.unit import Unit
from tickets.ticket import TicketId
from tickets.work_copies import WorkCopy

_WORDS: Final = ("revision", "subject", "body", "around", "version", "updated_at")


class WorkCopyReads:
    """The part of the store that reads them."""

    _database: Database

    async def work_copy(self, ticket_id: TicketId, owner: str) -> WorkCopy | None:
        async with self._database.read() as connection:
            return await _read(connection, ticket_id, owner)


class WorkCopyWrites:
    """The part of a transaction that writes them."""

    _unit: Unit
    _connection: AsyncConnection

    async def work_copy(self, ticket_id: TicketId, owner: str) -> WorkCopy | None:
        return await _read(self._connection, ticket_id, owner)

    async def keep_work_copy(self, copy: WorkCopy) -> None:
        columns = {name: getattr(copy, name) for name in _WORDS}
        put = self._unit.upsert(work_copies).values(owner=copy.owner, ticket_id=copy.ticket_id, **columns)
        put = put.on_conflict_do_update(
            index_elements=["owner", "ticket_id"], set_={name: put.excluded[name] for name in _WORDS}
        )
        await self._connection.execute(put)

    async def drop_work_copy(self, ticket_id: TicketId, owner: str) -> None:
        await self._connection.execute(delete(work_copies).where(_is(ticket_id, owner)))

    async def drop_work_copies(self, ticket_id: TicketId) -> None:
        await self._connection.execute(delete(work_copies).where(work_copies.c.ticket_id == ticket_id))

    async def drop_stale_work_copies(self, owner: str, before: datetime) -> None:
        is_stale = (work_copies.c.owner == owner) & (work_copies.c.updated_at < before)
        await self._connection.execute(delete(work_copies).where(is_stale))


def _is(ticket_id: TicketId, owner: str) -> ColumnElement[bool]:
    return (work_copies.c.owner == owner) & (work_copies.c.ticket_id == ticket_id)


async def _read(connection: AsyncConnection, ticket_id: TicketId, owner: str) -> WorkCopy | None:
    row: Row[Any] | None = (await connection.execute(select(work_copies).where(_is(ticket_id, owner)))).first()
    if row is None:
        return None
    return WorkCopy(ticket_id, owner, **{name: getattr(row, name) for name in _WORDS})
