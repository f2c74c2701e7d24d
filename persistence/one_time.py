"""Links and steps that work once, and the end of what has expired."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, delete, insert, or_, select

from persistence.account_rows import failed_logins, one_time_secrets, sessions
from persistence.accounts import insert_operator
from persistence.engine import Database
from persistence.staff import replace_password
from persistence.unit import Unit, unit_of_work
from tickets.audit import AuditEvent
from tickets.errors import Conflict, NotFound
from tickets.people import Operator, OperatorId
from tickets.staff import OneTime, Purpose

USED: Final = "This link was used before, or was withdrawn. Ask an administrator for a new one."
_FAILURES_COUNT_FOR: Final = timedelta(days=1)  # longer than any throttle looks back

_columns: Final = one_time_secrets.c


class SqlOneTimeSecrets:
    """The ports OneTimeSecrets and Expired."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, secret: OneTime, event: AuditEvent | None = None) -> None:
        row = {
            "key_hash": secret.key_hash,
            "purpose": secret.purpose.value,
            "about": secret.about,
            "fields": dict(secret.fields),
            "created_at": secret.created_at,
            "expires_at": secret.expires_at,
        }
        earlier = (_columns.purpose == secret.purpose.value) & (_columns.about == secret.about)
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(delete(one_time_secrets).where(earlier))
            await unit.connection.execute(insert(one_time_secrets).values(row))
            unit.events += [event] if event else []

    async def find(self, key_hash: str, purpose: Purpose, now: datetime) -> OneTime | None:
        found = await self._pending(purpose, now, _columns.key_hash == key_hash)
        return found[0] if found else None

    async def take(self, key_hash: str, purpose: Purpose, now: datetime) -> OneTime | None:
        named = (_columns.key_hash == key_hash) & (_columns.purpose == purpose.value)
        async with self._database.write() as connection:
            row = (await connection.execute(delete(one_time_secrets).where(named).returning(*_columns))).first()
        return _one_time(row) if row and row.expires_at > now else None

    async def about(self, about: str, purpose: Purpose, now: datetime) -> OneTime | None:
        found = await self._pending(purpose, now, _columns.about == about)
        return found[0] if found else None

    async def pending(self, purpose: Purpose, now: datetime) -> tuple[OneTime, ...]:
        return tuple(await self._pending(purpose, now))

    async def drop(self, key_hash: str, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await _use_up(unit, key_hash, NotFound("There is no such link, or it was used before."))
            unit.events.append(event)

    async def join(self, invitation: OneTime, operator: Operator, password_hash: str, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await _use_up(unit, invitation.key_hash, Conflict(USED))
            await insert_operator(unit, operator, password_hash)
            unit.events.append(event)

    async def reset(self, link: OneTime, password_hash: str, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await _use_up(unit, link.key_hash, Conflict(USED))
            await replace_password(unit, OperatorId(UUID(link.about)), password_hash)
            unit.events.append(event)

    async def clear(self, idle_before: datetime, made_before: datetime, now: datetime) -> int:
        over = or_(sessions.c.last_seen_at < idle_before, sessions.c.created_at < made_before)
        ended = 0
        async with self._database.write() as connection:
            for old in (
                delete(sessions).where(over),
                delete(one_time_secrets).where(_columns.expires_at < now),
                delete(failed_logins).where(failed_logins.c.at < now - _FAILURES_COUNT_FOR),
            ):
                ended += (await connection.execute(old)).rowcount
        return ended

    async def _pending(self, purpose: Purpose, now: datetime, *more: Any) -> Sequence[OneTime]:
        live = (_columns.purpose == purpose.value) & (_columns.expires_at > now)
        query = select(one_time_secrets).where(live, *more).order_by(_columns.created_at, _columns.key_hash)
        async with self._database.read() as connection:
            return [_one_time(row) for row in await connection.execute(query)]


async def _use_up(unit: Unit, key_hash: str, otherwise: Exception) -> None:
    used = await unit.connection.execute(delete(one_time_secrets).where(_columns.key_hash == key_hash))
    if used.rowcount != 1:
        raise otherwise


def _one_time(row: Row[Any]) -> OneTime:
    return OneTime(row.key_hash, Purpose(row.purpose), row.about, row.fields, row.created_at, row.expires_at)
