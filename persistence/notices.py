"""Notices that customers wait: the port NoticeStore. A wait is told by whoever inserts its row first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, select, text, update

from persistence.claiming import claimed, earliest, is_free
from persistence.engine import Database
from persistence.rows import OURS, tickets
from persistence.rows_notices import notices, told_waits
from persistence.unit import unit_of_work
from persistence.webhook_outbox import announce_waiting, waiting_receivers
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Conflict, NotFound
from tickets.notices import CLAIMED_FOR, MailState, Notice, NoticeKind, told_to_webhooks
from tickets.ticket import TicketId
from tickets.waiting import Notifications, WaitingTicket

NORMAL: Final = "normal"  # the priority of a ticket that nobody has read yet
TOLD_BY: Final = "notices"

_UNDER_WAY: Final = notices.c.state.in_([MailState.PENDING.value, MailState.SENDING.value])
_WAIT: Final = (tickets.c.id, tickets.c.number, tickets.c.subject, tickets.c.waiting_since)


@dataclass(frozen=True, slots=True)
class SqlNotices:
    """On either database."""

    database: Database

    async def untold(self, wanted: Notifications, before: datetime, limit: int) -> tuple[WaitingTicket, ...]:
        is_told = (told_waits.c.ticket_id == tickets.c.id) & (told_waits.c.waiting_since == tickets.c.waiting_since)
        query = (
            select(*_WAIT)
            .where(*_waiting(), tickets.c.waiting_since <= before, *_concerned(wanted))
            .where(~select(told_waits.c.ticket_id).where(is_told).exists())
            .order_by(tickets.c.waiting_since, tickets.c.id)
            .limit(limit)
        )
        async with self.database.read() as connection:
            return tuple(_wait(row) for row in await connection.execute(query))

    async def tell(self, notice: Notice, tickets: Sequence[WaitingTicket], site: str) -> Notice | None:
        rows = [
            {"ticket_id": each.id, "waiting_since": each.waiting_since, "notice_id": notice.id, "told_at": notice.at}
            for each in tickets
        ]
        async with unit_of_work(self.database) as unit:
            hooks = await waiting_receivers(unit.connection)
            if not hooks and not notice.recipients:
                return None  # the waits stay untold, for whoever is named later
            claim = unit.upsert(told_waits).on_conflict_do_nothing().returning(told_waits.c.ticket_id)
            mine = set((await unit.connection.execute(claim, rows)).scalars())
            told = [each for each in tickets if each.id in mine]
            if not told:
                return None
            about = told_to_webhooks(notice.after_min or 0, told, site)
            await announce_waiting(unit.connection, hooks, about, notice.at)
            made = replace(notice, tickets=len(told), webhooks=len(hooks))
            await unit.connection.execute(insert(notices).values(_columns(made)))
            unit.events.append(_told(made))
        return made

    async def add(self, notice: Notice, event: AuditEvent) -> None:
        async with unit_of_work(self.database) as unit:
            await unit.connection.execute(insert(notices).values(_columns(notice)))
            unit.events.append(event)

    async def log(self, limit: int) -> tuple[Notice, ...]:
        query = select(notices).order_by(notices.c.at.desc(), notices.c.id.desc()).limit(limit)
        async with self.database.read() as connection:
            return tuple(_notice(row) for row in await connection.execute(query))

    async def told_of(self, notice_id: UUID) -> tuple[WaitingTicket, ...]:
        same_wait = (told_waits.c.ticket_id == tickets.c.id) & (told_waits.c.waiting_since == tickets.c.waiting_since)
        query = (
            select(*_WAIT)
            .join(told_waits, same_wait)
            .where(told_waits.c.notice_id == notice_id, *_waiting())
            .order_by(tickets.c.waiting_since, tickets.c.id)
        )
        async with self.database.read() as connection:
            return tuple(_wait(row) for row in await connection.execute(query))

    async def claim_due(self, now: datetime, limit: int) -> tuple[Notice, ...]:
        due = and_(_UNDER_WAY, notices.c.next_at <= now, is_free(notices, now))
        found = earliest(notices, limit).where(due)
        return tuple(_notice(row) for row in await claimed(self.database, notices, found, due, now + CLAIMED_FOR))

    async def sending(self, notice: Notice, draft_id: str) -> bool:
        noted = {"state": MailState.SENDING.value, "draft_id": draft_id}
        async with self.database.write() as connection:
            changed = update(notices).where(_held(notice)).values(noted)
            return (await connection.execute(changed)).rowcount == 1

    async def settle(self, notice: Notice, event: AuditEvent | None = None) -> bool:
        free = {**_columns(notice), "claim": None, "claim_until": None}
        async with unit_of_work(self.database) as unit:
            changed = update(notices).where(_held(notice)).values(free)
            is_ours = (await unit.connection.execute(changed)).rowcount == 1
            if is_ours and event is not None:
                unit.events.append(event)
        return is_ours

    async def again(self, notice_id: UUID, event: AuditEvent) -> Notice:
        async with unit_of_work(self.database) as unit:
            ours = notices.c.id == notice_id
            row = (await unit.connection.execute(select(notices).where(ours))).first()
            if row is None:
                raise NotFound("There is no such notice. The log lists the last ones.")
            due = {"state": MailState.PENDING.value, "attempts": 0, "next_at": event.at, "error": None}
            failed = update(notices).where(ours, notices.c.state == MailState.FAILED.value).values(due)
            again = (await unit.connection.execute(failed.returning(notices))).first()
            if again is None:
                raise Conflict("This notice was not given up, so there is nothing to try again.")
            unit.events.append(event)
        return _notice(again)

    async def forget(self, before: datetime) -> int:
        old = and_(~_UNDER_WAY, notices.c.at < before)
        goes_on = select(tickets.c.id).where(
            tickets.c.id == told_waits.c.ticket_id, tickets.c.waiting_since == told_waits.c.waiting_since
        )
        over = delete(told_waits).where(told_waits.c.told_at < before, ~goes_on.exists())
        async with self.database.write() as connection:
            await connection.execute(over)
            return (await connection.execute(delete(notices).where(old))).rowcount


def _told(notice: Notice) -> AuditEvent:
    fields: Fields = {
        "notice_id": str(notice.id),
        "tickets": notice.tickets,
        "recipients": len(notice.recipients),
        "webhooks": notice.webhooks,
    }
    return AuditEvent(EventKind.WAITING_TOLD, TOLD_BY, notice.at, fields=fields)


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """It is our turn, nobody has put it off, and no answer is on its way out."""
    return (and_(text(OURS)), tickets.c.is_leaving.is_(False))


def _concerned(wanted: Notifications) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [tickets.c.status.in_([status.value for status in wanted.statuses])]
    if wanted.priorities:
        conditions.append(func.coalesce(tickets.c.priority, NORMAL).in_(wanted.priorities))
    if wanted.categories:
        conditions.append(tickets.c.category.in_(wanted.categories))
    if wanted.mailboxes:
        conditions.append(tickets.c.mailbox.in_(wanted.mailboxes))
    return conditions


def _held(notice: Notice) -> ColumnElement[bool]:
    return (notices.c.id == notice.id) & (notices.c.claim == notice.claim)


def _wait(row: Any) -> WaitingTicket:
    return WaitingTicket(TicketId(row.id), row.number, row.subject, row.waiting_since)


def _columns(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind.value,
        "at": notice.at,
        "tickets": notice.tickets,
        "after_min": notice.after_min,
        "webhooks": notice.webhooks,
        "recipients": list(notice.recipients),
        "sender": notice.sender,
        "shows_subjects": notice.shows_subjects,
        "state": notice.state.value,
        "attempts": notice.attempts,
        "next_at": notice.next_at,
        "error": notice.error,
        "sent_at": notice.sent_at,
        "draft_id": notice.draft_id,
    }


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        id=row.id,
        kind=NoticeKind(row.kind),
        at=row.at,
        tickets=row.tickets,
        after_min=row.after_min,
        webhooks=row.webhooks,
        recipients=tuple(row.recipients),
        sender=row.sender,
        shows_subjects=row.shows_subjects,
        state=MailState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        error=row.error,
        sent_at=row.sent_at,
        draft_id=row.draft_id,
        claim=row.claim,
    )
