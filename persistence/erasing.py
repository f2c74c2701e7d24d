"""Deleting tickets and a customer's mails for good, from either database."""

import asyncio
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Text, cast, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence import reading
from persistence.engine import Database, DatabaseFault
from persistence.rows import (
    attachments,
    blobs,
    bounced_addresses,
    drafts,
    mails,
    outbox,
    quarantine,
    skipped_mails,
    ticket_participants,
    tickets,
)
from persistence.rows_boards import tags, ticket_tags
from persistence.rows_examples import examples
from persistence.rows_requests import request_keys
from persistence.transaction_tickets import standing_of
from persistence.unit import Unit, unit_of_work
from tickets.audit import AuditEvent
from tickets.erasing import Erased
from tickets.errors import NotFound
from tickets.outbox import ENDED
from tickets.status import Status
from tickets.ticket import TicketId

REASON: Final = "erased"
_PATIENCE_S: Final = 60.0
_TRIES: Final = 50
_PAUSE_S: Final = 0.1
UNDER_WAY: Final = outbox.c.state.not_in([state.value for state in ENDED])


class SqlErasure:
    """The port Erasure."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_before(self, before: datetime, after: TicketId | None, limit: int) -> tuple[TicketId, ...]:
        is_old = (tickets.c.status == Status.DONE.value) & (tickets.c.updated_at < before)
        query = select(tickets.c.id).where(is_old).order_by(tickets.c.id).limit(limit)
        if after is not None:
            query = query.where(tickets.c.id > after)
        async with self._database.read() as connection:
            return tuple((await connection.execute(query)).scalars())

    async def tickets_of(self, address_key: str) -> tuple[TicketId, ...]:
        # What a database calls lower case is not what Python does; so candidates are looked at here.
        query = select(tickets.c.id, tickets.c.requester_address).where(
            tickets.c.search_text.contains(address_key, autoescape=True)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return tuple(row.id for row in rows if row.requester_address.strip().casefold() == address_key)

    async def count(self, ticket_ids: Sequence[TicketId]) -> Erased:
        of_these = mails.c.ticket_id.in_(ticket_ids)
        waiting = select(func.count(outbox.c.ticket_id.distinct())).where(outbox.c.ticket_id.in_(ticket_ids), UNDER_WAY)
        async with self._database.read() as connection:
            found = (await connection.execute(select(func.count()).select_from(mails).where(of_these))).scalar_one()
            held = (await connection.execute(waiting)).scalar_one()
        return Erased(len(ticket_ids) - held, found, held)

    async def erase_ticket(self, ticket_id: TicketId, closed_before: datetime | None) -> int | None:
        async with self._unit() as unit:
            connection = unit.connection
            try:
                ticket = await reading.ticket(connection, ticket_id, lock=True)
            except NotFound:
                return 0
            is_old = closed_before is None or (ticket.status is Status.DONE and ticket.updated_at < closed_before)
            under_way = select(outbox.c.id).where(outbox.c.ticket_id == ticket_id, UNDER_WAY).limit(1)
            if not is_old or (await connection.execute(under_way)).first():
                return None
            of_drafts = select(drafts.c.attachments).where(drafts.c.ticket_id == ticket_id)
            files = [each["sha256"] for row in await connection.execute(of_drafts) for each in row.attachments or ()]
            gone = await _delete_mails(unit, mails.c.ticket_id == ticket_id)
            await _count_tags_down(connection, ticket_id)
            await connection.execute(delete(tickets).where(tickets.c.id == ticket_id))
            unit.counted.subtract(standing_of(ticket).tallies())
            unit.burdened.subtract(standing_of(ticket).burden())
            await delete_blobs(connection, {*gone.blobs, *files})
            await connection.execute(delete(request_keys).where(request_keys.c.body.is_not(None)))
            return gone.mails

    async def erase_mails_of(self, address_key: str, limit: int) -> int:
        async with self._unit() as unit:
            query = select(mails.c.id, mails.c.sender_address, mails.c.ticket_id).where(
                func.lower(mails.c.sender_address) == address_key
            )
            rows = (await unit.connection.execute(query.limit(limit))).all()
            if not rows:
                return 0
            gone = await _delete_mails(unit, mails.c.id.in_([row.id for row in rows]))
            await delete_blobs(unit.connection, gone.blobs)
            touched = {row.ticket_id for row in rows if row.ticket_id}
            await unit.connection.execute(delete(examples).where(examples.c.ticket_id.in_(touched)))
            for ticket_id in touched:
                left = select(func.count()).select_from(mails).where(mails.c.ticket_id == ticket_id).scalar_subquery()
                await unit.connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(mails=left))
            return gone.mails

    async def forget_address(self, address_key: str) -> None:
        async with self._unit() as unit:
            for table in (ticket_participants, bounced_addresses):
                await unit.connection.execute(delete(table).where(table.c.address_key == address_key))

    async def record(self, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            unit.events.append(event)

    async def scrub(self) -> None:
        if not self._database.is_sqlite:
            return
        async with self._database.write() as connection:
            await connection.execute(text("INSERT INTO search_words(search_words) VALUES ('optimize')"))
        await asyncio.to_thread(_rewrite, str(self._database.url.database))

    def _unit(self) -> Any:
        return unit_of_work(self._database)


def _rewrite(path: str) -> None:
    """Write the file anew without what was deleted, and empty its log, as soon as nobody reads from that."""
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        for _ in range(_TRIES):
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0:
                return
            time.sleep(_PAUSE_S)
    raise DatabaseFault("Deleted, but old bytes are still in the database's log. Run the command again in a minute.")


class _Gone:
    """What was deleted with some mails, and may have left bytes behind."""

    def __init__(self, mails: int, blobs: Iterable[str]) -> None:
        self.mails = mails
        self.blobs = set(blobs)


async def _delete_mails(unit: Unit, which: Any) -> _Gone:
    """Their places stay, as skipped for good: the account adds up, and they are never taken in again."""
    connection = unit.connection
    rows = (await connection.execute(select(mails).where(which))).all()
    ids: list[UUID] = [row.id for row in rows]
    if not ids:
        return _Gone(0, ())
    parts = select(attachments.c.sha256).where(attachments.c.mail_id.in_(ids))
    held = {row.raw_sha256 for row in rows} | set((await connection.execute(parts)).scalars())
    await connection.execute(delete(mails).where(mails.c.id.in_(ids)))
    places = [
        {"mailbox_id": row.mailbox_id, "provider_id": row.provider_id, "reason": REASON, "is_final": True}
        for row in rows
    ]
    await connection.execute(unit.upsert(skipped_mails).on_conflict_do_nothing(), places)
    return _Gone(len(ids), held)


async def delete_blobs(connection: AsyncConnection, candidates: Iterable[str]) -> None:
    """Those that nothing else refers to: no mail, no attachment, no quarantined mail, no draft."""
    for sha256 in candidates:
        is_kept = or_(
            select(mails.c.id).where(mails.c.raw_sha256 == sha256).exists(),
            select(attachments.c.mail_id).where(attachments.c.sha256 == sha256).exists(),
            select(quarantine.c.id).where(quarantine.c.raw_sha256 == sha256).exists(),
            select(drafts.c.ticket_id).where(cast(drafts.c.attachments, Text).contains(sha256)).exists(),
        )
        await connection.execute(delete(blobs).where(blobs.c.sha256 == sha256, ~is_kept))


async def _count_tags_down(connection: AsyncConnection, ticket_id: TicketId) -> None:
    its = select(ticket_tags.c.tag).where(ticket_tags.c.ticket_id == ticket_id)
    await connection.execute(update(tags).where(tags.c.name.in_(its)).values(uses=tags.c.uses - 1))
