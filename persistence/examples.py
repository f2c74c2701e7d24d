"""Examples in the table: as part of a transaction, and the reads beside it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Row, func, literal, select, text, update

from persistence.engine import Database
from persistence.rows import counters, tickets
from persistence.rows_examples import COUNTER, TEACHES, examples
from persistence.unit import Unit
from tickets.examples import Example, Outcome, Shelf
from tickets.ticket import TicketId

_WITH_TICKET: Final = select(examples, tickets.c.number.label("ticket_number")).join(
    tickets, tickets.c.id == examples.c.ticket_id
)


class ExampleTransaction:
    """The part of a transaction that keeps examples."""

    _unit: Unit
    _connection: Any

    async def example(self, ticket_id: TicketId, work_seq: int) -> Example | None:
        here = (examples.c.ticket_id == ticket_id) & (examples.c.work_seq == work_seq)
        row = (await self._connection.execute(_WITH_TICKET.where(here))).first()
        return _example(row) if row else None

    async def keep_example(self, example: Example) -> None:
        # The counter's row stays locked until the commit: numbers become visible in their order.
        following = update(counters).where(counters.c.name == COUNTER).values(value=counters.c.value + 1)
        number = (await self._connection.execute(following.returning(counters.c.value))).scalar_one()
        row = asdict(example) | {"number": number}
        del row["ticket_number"]
        put = self._unit.upsert(examples)
        changed = {name: put.excluded[name] for name in row if name not in ("ticket_id", "work_seq")}
        await self._connection.execute(
            put.on_conflict_do_update(index_elements=["ticket_id", "work_seq"], set_=changed), row
        )


class SqlExamples:
    """The port Examples."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shelf(self) -> Shelf:
        query = select(
            select(func.coalesce(func.max(examples.c.number), 0)).scalar_subquery(),
            select(func.count()).select_from(examples).where(text(TEACHES)).scalar_subquery(),
        )
        async with self._database.read() as connection:
            newest, teaching = (await connection.execute(query)).one()
        return Shelf(newest, teaching)

    async def newer(self, number: int, limit: int) -> Sequence[Example]:
        return await self._read(_WITH_TICKET.where(examples.c.number > number).order_by(examples.c.number).limit(limit))

    async def newest(self, limit: int) -> Sequence[Example]:
        teaching = _WITH_TICKET.where(text(TEACHES))
        return await self._read(teaching.order_by(examples.c.number.desc()).limit(limit))

    async def decided(self, limit: int) -> Sequence[Example]:
        told = [column for column in examples.c if column.name not in ("question", "answer")]
        untold = (literal("").label("question"), literal("").label("answer"))
        return await self._read(select(*told, *untold).order_by(examples.c.number.desc()).limit(limit))

    async def of_ticket(self, ticket_id: TicketId) -> Sequence[Example]:
        return await self._read(_WITH_TICKET.where(examples.c.ticket_id == ticket_id).order_by(examples.c.work_seq))

    async def _read(self, query: Any) -> Sequence[Example]:
        async with self._database.read() as connection:
            return tuple(_example(row) for row in await connection.execute(query))


def _example(row: Row[*tuple[Any, ...]]) -> Example:
    return Example(**{**row._mapping, "outcome": Outcome(row.outcome)})
