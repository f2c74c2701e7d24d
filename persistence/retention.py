"""Forgetting by the clock, in either database: original bytes, dismissed mail, names in the record; and its runs."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Text, cast, delete, func, insert, or_, select, update

from persistence.engine import Database
from persistence.erasing import UNDER_WAY, delete_blobs
from persistence.packing import event_from, sha256
from persistence.rows import attachments, audit_events, blobs, mails, outbox, tickets
from persistence.rows_retention import dismissed_bytes, retention_runs
from persistence.unit import unit_of_work
from tickets.audit import AuditEvent, EventKind, chained
from tickets.people import RETENTION
from tickets.retention import Forgotten, Run, without_names
from tickets.status import Status
from tickets.ticket import TicketId

NOTHING: Final = sha256(b"")  # what the rows of a mail name once its bytes are gone


def _closed(before: datetime | None) -> list[ColumnElement[bool]]:
    """Closed, nothing moved since then, and no reply under way."""
    leaving = select(outbox.c.id).where(outbox.c.ticket_id == tickets.c.id, UNDER_WAY).exists()
    conditions: list[ColumnElement[bool]] = [tickets.c.status == Status.DONE.value, ~leaving]
    return conditions if before is None else [*conditions, tickets.c.updated_at < before]


class SqlRetention:
    """The port RetentionRows. `secret` is the desk's: pseudonyms are made with it."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    async def with_originals(self, before: datetime, after: TicketId | None, limit: int) -> tuple[TicketId, ...]:
        has_some = select(mails.c.id).where(mails.c.ticket_id == tickets.c.id, mails.c.raw_sha256 != NOTHING).exists()
        query = select(tickets.c.id).where(*_closed(before), has_some).order_by(tickets.c.id).limit(limit)
        if after is not None:
            query = query.where(tickets.c.id > after)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def originals(self, before: datetime) -> int:
        query = select(func.count()).select_from(mails.join(tickets, tickets.c.id == mails.c.ticket_id))
        return await self._number(query.where(*_closed(before), mails.c.raw_sha256 != NOTHING))

    async def drop_originals(self, ticket_id: TicketId, before: datetime) -> int:
        async with unit_of_work(self._database) as unit:
            connection = unit.connection
            locked = select(tickets.c.id).where(tickets.c.id == ticket_id, *_closed(before)).with_for_update()
            if (await connection.execute(locked)).first() is None:
                return 0  # it was opened again meanwhile
            theirs = (mails.c.ticket_id == ticket_id) & (mails.c.raw_sha256 != NOTHING)
            rows = (await connection.execute(select(mails.c.id, mails.c.raw_sha256).where(theirs))).all()
            ids = [row.id for row in rows]
            files = select(attachments.c.sha256).where(attachments.c.mail_id.in_(ids))
            held = {row.raw_sha256 for row in rows} | set((await connection.execute(files)).scalars())
            empty = {"sha256": NOTHING, "size": 0, "content": b""}
            await connection.execute(unit.upsert(blobs).on_conflict_do_nothing(), [empty])
            await connection.execute(update(mails).where(mails.c.id.in_(ids)).values(raw_sha256=NOTHING))
            await connection.execute(update(attachments).where(attachments.c.mail_id.in_(ids)).values(sha256=NOTHING))
            await delete_blobs(connection, held - {NOTHING})
            return len(ids)

    async def dismissed(self, before: datetime) -> int:
        return await self._number(
            select(func.count()).select_from(dismissed_bytes).where(dismissed_bytes.c.at < before)
        )

    async def drop_dismissed(self, before: datetime, limit: int) -> int:
        query = select(dismissed_bytes.c.sha256).where(dismissed_bytes.c.at < before).limit(limit)
        async with unit_of_work(self._database) as unit:
            found = list((await unit.connection.execute(query)).scalars())
            await delete_blobs(unit.connection, found)
            await unit.connection.execute(delete(dismissed_bytes).where(dismissed_bytes.c.sha256.in_(found)))
            return len(found)

    async def named_events(self, before: datetime) -> int:
        return await self._number(select(func.count()).select_from(audit_events).where(*_named(before)))

    async def take_names_out(self, before: datetime, older_than_days: int, at: datetime, limit: int) -> int:
        query = select(audit_events).where(*_named(before)).order_by(audit_events.c.id).limit(limit)
        async with unit_of_work(self._database) as unit:
            rows = (await unit.connection.execute(query)).all()
            for row in rows:
                event = without_names(event_from(row), self._secret)
                fields = None if event.fields is None else dict(event.fields)
                changes = {"actor": event.actor, "fields": fields, "seal": chained(event, row.hash)}
                await unit.connection.execute(update(audit_events).where(audit_events.c.id == row.id).values(changes))
            if rows:
                told = {"older_than_days": older_than_days, "events": len(rows)}
                unit.events.append(AuditEvent(EventKind.NAMES_FORGOTTEN, RETENTION.name, at, fields=told))
            return len(rows)

    async def record(self, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            unit.events.append(event)

    async def last_run(self) -> Run | None:
        query = select(retention_runs).order_by(retention_runs.c.id.desc()).limit(1)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        return Run(row.began_at, row.ended_at, Forgotten(**row.counts) if row.counts is not None else None)

    async def begin_run(self, at: datetime) -> int:
        began = insert(retention_runs).values(began_at=at).returning(retention_runs.c.id)
        async with self._database.write() as connection:
            return int((await connection.execute(began)).scalar_one())

    async def end_run(self, run: int, at: datetime, forgotten: Forgotten) -> None:
        ended = update(retention_runs).where(retention_runs.c.id == run)
        async with self._database.write() as connection:
            await connection.execute(ended.values(ended_at=at, counts=asdict(forgotten)))

    async def _number(self, query: Any) -> int:
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())


def _named(before: datetime) -> list[ColumnElement[bool]]:
    """Old, not done yet, with an address, and of no ticket that somebody may still work on."""
    events = audit_events.c
    at_work = select(tickets.c.id).where(
        tickets.c.id == events.ticket_id,
        or_(
            tickets.c.status != Status.DONE.value,
            select(outbox.c.id).where(outbox.c.ticket_id == tickets.c.id, UNDER_WAY).exists(),
        ),
    )
    has_address = or_(events.actor.contains("@"), cast(events.fields, Text).contains("@"))
    return [events.at < before, events.seal.is_(None), has_address, ~at_work.exists()]
