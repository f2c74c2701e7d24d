"""Checking the record: whether every chain of audit events still holds, and which row breaks it if not."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.engine import Database
from persistence.packing import event_from
from persistence.rows import audit_events, tallies
from tickets.audit import GENESIS, EventKind, chained

_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Break:
    """Where the record was changed. `event_id` is None when events are missing from the end of chains."""

    event_id: int | None
    chain: str
    reason: str


async def first_break(database: Database) -> Break | None:
    """The first event that was changed, or stands where one was removed; None when the record is whole."""
    chain, seq, previous = "", 0, GENESIS
    sealed = told = 0
    async with database.read() as connection:
        async for row in _events(connection):
            if row.chain != chain:
                chain, seq, previous = row.chain, 0, GENESIS
            seq += 1
            if row.seq != seq:
                return Break(row.id, chain, f"event {seq} of this chain is missing")
            if (is_sealed := row.seal is not None) and row.seal != chained(event_from(row), row.hash):
                return Break(row.id, chain, "the event is not what was left when its names were taken out")
            previous = row.hash if is_sealed else chained(event_from(row), previous)
            if row.hash != previous:
                return Break(row.id, chain, "the event is not what was recorded")
            sealed += is_sealed
            told += _told(row)
        written = (await connection.execute(select(tallies.c.events))).scalar_one()
        present = (await connection.execute(select(func.count()).select_from(audit_events))).scalar_one()
    if present < written:
        return Break(None, "", f"{written - present} event(s) are missing from the end of their chains")
    if sealed != told:
        return Break(None, "", f"names were taken out of {sealed} event(s), but of {told} by the desk")
    return None


def _told(row: Row[*tuple[Any, ...]]) -> int:
    """Of how many events this one says that their names were taken out."""
    return int(row.fields["events"]) if row.kind == EventKind.NAMES_FORGOTTEN else 0


async def _events(connection: AsyncConnection) -> AsyncIterator[Row[*tuple[Any, ...]]]:
    """All events, chain by chain, without holding them all."""
    place = tuple_(audit_events.c.chain, audit_events.c.seq)
    query = select(audit_events).order_by(audit_events.c.chain, audit_events.c.seq).limit(_PAGE)
    last = ("", 0)
    while rows := (await connection.execute(query.where(place > tuple_(*map(literal, last))))).all():
        for row in rows:
            yield row
        last = (rows[-1].chain, rows[-1].seq)
