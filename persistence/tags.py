"""Tags: on the ticket to be shown, in a table of their own to be searched, and counted."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from persistence.engine import Database
from persistence.rows import tickets
from persistence.rows_boards import tags, ticket_tags
from persistence.unit import Unit
from tickets.ticket import TicketId


class TagWrites:
    """The part of a transaction that tags tickets."""

    _unit: Unit

    async def set_tags(self, ticket_id: TicketId, names: Sequence[str]) -> None:
        connection = self._unit.connection
        theirs = ticket_tags.c.ticket_id == ticket_id
        known = set((await connection.execute(select(ticket_tags.c.tag).where(theirs))).scalars())
        added, removed = sorted(set(names) - known), sorted(known - set(names))
        if removed:
            await connection.execute(delete(ticket_tags).where(theirs, ticket_tags.c.tag.in_(removed)))
        if added:
            await connection.execute(insert(ticket_tags), [{"tag": tag, "ticket_id": ticket_id} for tag in added])
        await connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(tags=list(names)))
        # In one order for all, so that no two transactions wait for each other.
        for tag in sorted((*added, *removed)):
            await self._use(tag, 1 if tag in added else -1)

    async def _use(self, tag: str, delta: int) -> None:
        put = self._unit.upsert(tags).on_conflict_do_update(index_elements=["name"], set_={"uses": tags.c.uses + delta})
        await self._unit.connection.execute(put, {"name": tag, "uses": delta})


class TagReads:
    """The store's read of the tags in use."""

    _database: Database

    async def tags(self, limit: int) -> tuple[str, ...]:
        query = select(tags.c.name).where(tags.c.uses > 0).order_by(tags.c.uses.desc(), tags.c.name).limit(limit)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())
