"""Keeping the tables of the reports up to date: every ticket with something new on record is counted anew.

Runs behind the record, in steps. A step is one transaction, and counting a ticket twice changes nothing, so a process
may die and two may run at once.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.engine import Database
from persistence.packing import event_from
from persistence.rows import audit_events, mails, tickets
from persistence.rows_reports import report_moments, report_position, report_tickets
from tickets.audit import AuditEvent
from tickets.mail import MailKind
from tickets.reporting import Facts, History, facts_of
from tickets.status import Status

STEP: Final = 400

Rows = list[dict[str, Any]]


class ReportCounting:
    """Counts what is on record and not counted yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def catch_up(self) -> None:
        """Until nothing is left to count."""
        while await self.step():
            pass

    async def step(self, size: int = STEP) -> bool:
        """Count the tickets of the next events; False when there are none."""
        if not await behind(self._database):
            return False
        async with self._database.write() as connection:
            position = (await connection.execute(select(report_position.c.event_id).with_for_update())).scalar_one()
            newer = select(audit_events.c.id, audit_events.c.ticket_id).where(audit_events.c.id > position)
            found = (await connection.execute(newer.order_by(audit_events.c.id).limit(size))).all()
            if not found:
                return False
            await _count(connection, sorted({row.ticket_id for row in found if row.ticket_id}))
            await connection.execute(update(report_position).values(event_id=found[-1].id))
        return True


async def behind(database: Database) -> int:
    """How many events are on record and not counted yet."""
    newest = select(func.coalesce(func.max(audit_events.c.id), 0)).scalar_subquery()
    async with database.read() as connection:
        left: int = (await connection.execute(select(newest - report_position.c.event_id))).scalar_one()
    return max(0, left)


async def _count(connection: AsyncConnection, ticket_ids: Sequence[UUID]) -> None:
    for table in (report_tickets, report_moments):
        await connection.execute(delete(table).where(table.c.ticket_id.in_(ticket_ids)))
    rows: Rows = []
    moments: Rows = []
    groups = await _groups(connection, ticket_ids)
    for ticket_id, history in (await _histories(connection, ticket_ids)).items():
        if facts := facts_of(history):
            rows.append(_row(ticket_id, facts))
            moments += [
                {"ticket_id": ticket_id, "position": position, **groups[ticket_id], **asdict(moment)}
                for position, moment in enumerate(facts.moments)
            ]
    for table, new in ((report_tickets, rows), (report_moments, moments)):
        if new:
            await connection.execute(insert(table), new)


def _row(ticket_id: UUID, facts: Facts) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "opened_at": facts.opened_at,
        "answered_at": facts.answered_at,
        "answered_by": facts.answered_by,
        "closed_at": facts.closed_at,
        "closed_by": facts.closed_by,
    }


async def _groups(connection: AsyncConnection, ticket_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What each ticket's moments are grouped by."""
    named = tuple(tickets.c[name] for name in ("mailbox", "category", "language"))
    found = await connection.execute(select(tickets.c.id, *named).where(tickets.c.id.in_(ticket_ids)))
    return {row.id: {column.name: row._mapping[column.name] for column in named} for row in found}


async def _histories(connection: AsyncConnection, ticket_ids: Sequence[UUID]) -> dict[UUID, History]:
    arrived: defaultdict[UUID, list[tuple[MailKind, Any]]] = defaultdict(list)
    of_mails = select(mails.c.ticket_id, mails.c.kind, mails.c.at).where(mails.c.ticket_id.in_(ticket_ids))
    for row in await connection.execute(of_mails.order_by(mails.c.ticket_id, mails.c.at, mails.c.id)):
        arrived[row.ticket_id].append((MailKind(row.kind), row.at))
    recorded: defaultdict[UUID, list[AuditEvent]] = defaultdict(list)
    of_events = select(audit_events).where(audit_events.c.chain.in_([str(each) for each in ticket_ids]))
    for row in await connection.execute(of_events.order_by(audit_events.c.chain, audit_events.c.seq)):
        recorded[row.ticket_id].append(event_from(row))
    query = select(tickets.c.id, tickets.c.created_at, tickets.c.status, tickets.c.merged_into)
    return {
        row.id: History(
            row.created_at,
            row.status == Status.DONE.value,
            row.merged_into is not None,
            arrived[row.id],
            recorded[row.id],
        )
        for row in await connection.execute(query.where(tickets.c.id.in_(ticket_ids)))
    }
