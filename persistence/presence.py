"""Open pages in the table: at most one write in `HEARTBEAT` for each, and none of them an event of the record."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from persistence.account_rows import operators
from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.rows import tickets
from persistence.rows_presence import presence
from tickets.errors import NotFound
from tickets.people import Operator, OperatorId
from tickets.presence import FLIP, HEARTBEAT, TTL, Present
from tickets.ticket import TicketId
from tickets.wording import Sentence


class SqlPresence:
    """The port Presence."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def here(self, page: str, ticket_id: TicketId, operator: Operator, *, is_editing: bool, at: datetime) -> None:
        if await self._said_so_already(page, ticket_id, is_editing, at):
            return
        row = {
            "page": page,
            "operator_id": operator.id,
            "is_editing": is_editing,
            "written_at": at,
            "expires_at": at + TTL,
        }
        async with self._database.write() as connection:
            is_there = select(tickets.c.id).where(tickets.c.id == ticket_id)
            if (await connection.execute(is_there)).first() is None:
                raise NotFound(Sentence("There is no ticket %(id)s. Look for it on the boards.", id=ticket_id))
            await connection.execute(delete(presence).where(presence.c.expires_at <= at))
            await connection.execute(self._put(), row | {"ticket_id": ticket_id})

    async def gone(self, page: str, operator: Operator) -> None:
        own = (presence.c.page == page) & (presence.c.operator_id == operator.id)
        async with self._database.write() as connection:
            await connection.execute(delete(presence).where(own))

    async def now(self, at: datetime, ticket_id: TicketId | None = None) -> tuple[Present, ...]:
        query = (
            select(presence, operators.c.name, operators.c.email)
            .join(operators, operators.c.id == presence.c.operator_id)
            .where(presence.c.expires_at > at)
            .order_by(operators.c.email_key, presence.c.is_editing, presence.c.expires_at)
        )
        if ticket_id is not None:
            query = query.where(presence.c.ticket_id == ticket_id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        # The last of an operator's windows at a ticket counts: one that edits comes after those that look.
        return tuple({(row.ticket_id, row.operator_id): _present(row) for row in rows}.values())

    async def _said_so_already(self, page: str, ticket_id: TicketId, is_editing: bool, at: datetime) -> bool:
        fresh = or_(
            (presence.c.is_editing == is_editing) & (presence.c.written_at > literal(at - HEARTBEAT, UtcDateTime)),
            presence.c.written_at > literal(at - FLIP, UtcDateTime),
        )
        query = select(presence.c.page).where(presence.c.page == page, presence.c.ticket_id == ticket_id, fresh)
        async with self._database.read() as connection:
            return (await connection.execute(query)).first() is not None

    def _put(self) -> Any:
        """Insert, or bring up to date what is the operator's own."""
        put: Any = sqlite.insert(presence) if self._database.is_sqlite else postgresql.insert(presence)
        names = ("ticket_id", "is_editing", "written_at", "expires_at")
        return put.on_conflict_do_update(
            index_elements=["page"],
            set_={name: put.excluded[name] for name in names},
            where=presence.c.operator_id == put.excluded.operator_id,
        )


def _present(row: Row[*tuple[Any, ...]]) -> Present:
    return Present(
        TicketId(row.ticket_id),
        OperatorId(row.operator_id),
        row.name or row.email,
        row.email,
        row.is_editing,
        row.expires_at,
    )
