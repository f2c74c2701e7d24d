"""Which tickets come back by the clock. Each list has an index that holds nothing else."""

from datetime import datetime

from sqlalchemy import select, text

from persistence.engine import Database
from persistence.rows import ANSWERED, tickets
from tickets.ticket import TicketId


class RousingReads:
    """The store's reads of snoozes that are over and of silent tickets."""

    _database: Database

    async def snoozes_over(self, now: datetime, limit: int) -> tuple[TicketId, ...]:
        until = tickets.c.snoozed_until
        query = select(tickets.c.id).where(until.is_not(None), until <= now).order_by(until, tickets.c.id).limit(limit)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def silent_since(self, before: datetime, limit: int) -> tuple[TicketId, ...]:
        silent = (tickets.c.spoken_at <= before) & tickets.c.is_leaving.is_(False)
        query = select(tickets.c.id).where(text(ANSWERED), silent)
        async with self._database.read() as connection:
            found = await connection.execute(query.order_by(tickets.c.spoken_at, tickets.c.id).limit(limit))
            return tuple(found.scalars())
