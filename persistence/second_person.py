"""First approvals in the table, and what boards show of them."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.engine import Database
from persistence.rows import tickets
from persistence.rows_second_person import first_approvals
from tickets.second_person import FirstApproval
from tickets.ticket import TicketId


class FirstApprovalTransaction:
    """The part of a transaction that keeps first approvals; the ticket's row says so too, for the boards."""

    _connection: Any

    async def first_approval(self, ticket_id: TicketId) -> FirstApproval | None:
        return await _first_approval(self._connection, ticket_id)

    async def keep_first_approval(self, approval: FirstApproval) -> None:
        await self._connection.execute(insert(first_approvals), asdict(approval))
        await self._show(approval.ticket_id, approval.actor)

    async def drop_first_approval(self, ticket_id: TicketId) -> None:
        gone = await self._connection.execute(delete(first_approvals).where(first_approvals.c.ticket_id == ticket_id))
        if gone.rowcount:
            await self._show(ticket_id, None)

    async def _show(self, ticket_id: TicketId, actor: str | None) -> None:
        await self._connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(first_approved_by=actor))


class FirstApprovalStore:
    """The store's read of it."""

    _database: Database

    async def first_approval(self, ticket_id: TicketId) -> FirstApproval | None:
        async with self._database.read() as connection:
            return await _first_approval(connection, ticket_id)


async def _first_approval(connection: AsyncConnection, ticket_id: TicketId) -> FirstApproval | None:
    row = (await connection.execute(select(first_approvals).where(first_approvals.c.ticket_id == ticket_id))).first()
    return FirstApproval(**row._mapping) if row else None
