"""Rows that are worked on by whoever claims them first: notices and deliveries that are due."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, or_, select, update

from persistence import claims
from persistence.engine import Database


def is_free(table: Table, now: datetime) -> ColumnElement[bool]:
    """Nobody holds the row, or their time is over."""
    return or_(table.c.claim.is_(None), table.c.claim_until <= now)


def earliest(table: Table, limit: int) -> Select[Any]:
    """The ids of rows, those that are due longest first."""
    return select(table.c.id).order_by(table.c.next_at, table.c.id).limit(limit)


async def claimed(
    database: Database, table: Table, found: Select[Any], due: ColumnElement[bool], until: datetime
) -> Sequence[Row[Any]]:
    """The rows of those that `found` names which are ours until then. Looking takes no write when nothing is due."""
    async with database.read() as connection:
        ids = list((await connection.execute(found)).scalars())
    if not ids:
        return ()
    claim = {"claim": claims.claimant(), "claim_until": until}
    async with database.write() as connection:
        # The condition again: whoever is second finds the row claimed.
        mine = update(table).where(table.c.id.in_(ids), due).values(claim).returning(table)
        rows: Sequence[Row[Any]] = (await connection.execute(mine)).all()
    return rows
