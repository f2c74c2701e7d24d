"""The calls to language models: recorded one by one, added up by day."""

from collections import defaultdict
from dataclasses import asdict
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import func, insert, select

from persistence.engine import Database
from persistence.rows_model_calls import model_calls
from tickets.spending import ModelCall, Usage

_OK = "ok"


class SqlModelCalls:
    """The port ModelCalls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, call: ModelCall) -> None:
        async with self._database.write() as connection:
            await connection.execute(insert(model_calls), {"id": uuid4(), **asdict(call)})

    async def spent_since(self, since: datetime, currency: str) -> int:
        counted = (model_calls.c.at >= since) & (model_calls.c.currency == currency)
        query = select(func.coalesce(func.sum(model_calls.c.cost_nano), 0)).where(counted)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def usage(self, since: datetime) -> tuple[Usage, ...]:
        calls = model_calls.c
        query = select(
            calls.at,
            calls.step,
            calls.model,
            calls.currency,
            calls.outcome,
            calls.tokens_in,
            calls.tokens_out,
            calls.latency_ms,
            calls.cost_nano,
        ).where(calls.at >= since)
        sums: dict[tuple[date, str, str, str], list[int]] = defaultdict(lambda: [0] * 6)
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                counts = sums[row.at.date(), row.step, row.model, row.currency]
                more = (1, row.outcome != _OK, row.tokens_in, row.tokens_out, row.latency_ms, row.cost_nano)
                counts[:] = [before + added for before, added in zip(counts, more, strict=True)]
        newest_first = sorted(sums.items(), key=lambda item: (-item[0][0].toordinal(), item[0][1:]))
        return tuple(Usage(*key, *counts) for key, counts in newest_first)
