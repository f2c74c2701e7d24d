"""Accounts under administration. Whoever takes an administrator away locks them all first, so that one always stays."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update

from persistence.account_rows import one_time_secrets, operators, sessions, tokens
from persistence.accounts import SESSIONS, session_from
from persistence.engine import Database
from persistence.packing import operator_from
from persistence.unit import Unit, unit_of_work
from tickets.accounts import Session
from tickets.audit import AuditEvent
from tickets.errors import NotFound
from tickets.people import Operator, OperatorId, Role
from tickets.staff import Member, Purpose, require_another_admin

NOBODY: Final = "There is no such operator. Go back to the list."
_HANDLE: Final = 16

_MEMBERS: Final = (
    select(
        operators,
        func.count(sessions.c.id_hash).label("session_count"),
        func.max(sessions.c.last_seen_at).label("seen_at"),
    )
    .outerjoin(sessions, sessions.c.operator_id == operators.c.id)
    .group_by(operators.c.id)
    .order_by(operators.c.email_key)
)


class SqlStaff:
    """The port Staff."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def members(self) -> tuple[Member, ...]:
        async with self._database.read() as connection:
            return tuple(_member(row) for row in await connection.execute(_MEMBERS))

    async def member(self, operator_id: OperatorId) -> Member:
        async with self._database.read() as connection:
            row = (await connection.execute(_MEMBERS.where(operators.c.id == operator_id))).first()
        if row is None:
            raise NotFound(NOBODY)
        return _member(row)

    async def rename(self, operator_id: OperatorId, name: str, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await _change(unit, operator_id, name=name)
            unit.events.append(event)

    async def change_role(self, operator_id: OperatorId, role: Role, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            if role is not Role.ADMIN:
                await _require_another_admin(unit, operator_id)
            await _change(unit, operator_id, role=role.value)
            unit.events.append(event)

    async def disable(self, operator_id: OperatorId, event: AuditEvent) -> None:
        theirs = (tokens.c.owner_id == operator_id) & tokens.c.revoked_at.is_(None)
        async with unit_of_work(self._database) as unit:
            await _require_another_admin(unit, operator_id)
            await _change(unit, operator_id, disabled_at=event.at)
            await unit.connection.execute(delete(sessions).where(sessions.c.operator_id == operator_id))
            await unit.connection.execute(update(tokens).where(theirs).values(revoked_at=event.at))
            await drop_links(unit, operator_id)
            unit.events.append(event)

    async def enable(self, operator_id: OperatorId, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await _change(unit, operator_id, disabled_at=None)
            unit.events.append(event)

    # passwords
    async def set_password(
        self, operator_id: OperatorId, password_hash: str, event: AuditEvent, *, keep: str | None = None
    ) -> None:
        async with unit_of_work(self._database) as unit:
            await replace_password(unit, operator_id, password_hash, keep)
            unit.events.append(event)

    async def keep_rehashed(self, operator_id: OperatorId, before: str, password_hash: str) -> None:
        unchanged = (operators.c.id == operator_id) & (operators.c.password_hash == before)
        async with self._database.write() as connection:
            await connection.execute(update(operators).where(unchanged).values(password_hash=password_hash))

    # sessions
    async def sessions(self, operator_id: OperatorId) -> tuple[Session, ...]:
        query = SESSIONS.where(sessions.c.operator_id == operator_id).order_by(sessions.c.last_seen_at.desc())
        async with self._database.read() as connection:
            return tuple(session_from(row) for row in await connection.execute(query))

    async def end_session(self, operator_id: OperatorId, handle: str, event: AuditEvent) -> None:
        named = func.substr(sessions.c.id_hash, 1, _HANDLE) == handle
        async with unit_of_work(self._database) as unit:
            ended = await unit.connection.execute(
                delete(sessions).where(named & (sessions.c.operator_id == operator_id))
            )
            if ended.rowcount != 1:
                raise NotFound("That session has ended already. Reload the page to see those that are left.")
            unit.events.append(event)

    async def end_sessions(self, operator_id: OperatorId, event: AuditEvent, *, keep: str | None = None) -> int:
        async with unit_of_work(self._database) as unit:
            ended = await _end_sessions(unit, operator_id, keep)
            unit.events.append(event)
        return ended

    async def has_session_from(self, operator_id: OperatorId, address: str) -> bool:
        query = select(sessions.c.id_hash).where(sessions.c.operator_id == operator_id, sessions.c.address == address)
        async with self._database.read() as connection:
            return (await connection.execute(query.limit(1))).first() is not None

    # the Google account
    async def google_sub(self, operator_id: OperatorId) -> str | None:
        query = select(operators.c.google_sub).where(operators.c.id == operator_id)
        async with self._database.read() as connection:
            found: str | None = (await connection.execute(query)).scalar_one_or_none()
        return found

    async def set_google_sub(self, operator_id: OperatorId, sub: str) -> None:
        free = (operators.c.id == operator_id) & operators.c.google_sub.is_(None)
        async with self._database.write() as connection:
            await connection.execute(update(operators).where(free).values(google_sub=sub))


async def replace_password(unit: Unit, operator_id: OperatorId, password_hash: str, keep: str | None = None) -> None:
    """What a new password ends: other sessions, and links that would set yet another one."""
    await _change(unit, operator_id, password_hash=password_hash)
    await _end_sessions(unit, operator_id, keep)
    await drop_links(unit, operator_id)


async def drop_links(unit: Unit, operator_id: OperatorId) -> None:
    theirs = one_time_secrets.c.about == str(operator_id)
    links = one_time_secrets.c.purpose.in_([Purpose.RESET.value, Purpose.SECOND_STEP.value])
    await unit.connection.execute(delete(one_time_secrets).where(theirs, links))


async def _end_sessions(unit: Unit, operator_id: OperatorId, keep: str | None) -> int:
    theirs = sessions.c.operator_id == operator_id
    ended = await unit.connection.execute(delete(sessions).where(theirs & (sessions.c.id_hash != (keep or ""))))
    return ended.rowcount


async def _change(unit: Unit, operator_id: OperatorId, **values: Any) -> None:
    changed = await unit.connection.execute(update(operators).where(operators.c.id == operator_id).values(values))
    if changed.rowcount != 1:
        raise NotFound(NOBODY)


async def _require_another_admin(unit: Unit, operator_id: OperatorId) -> None:
    row = (await unit.connection.execute(select(operators).where(operators.c.id == operator_id))).first()
    if row is None:
        raise NotFound(NOBODY)
    enabled = (operators.c.role == Role.ADMIN.value) & operators.c.disabled_at.is_(None)
    # In one order for all, or two who take each other's role away would wait for each other.
    locked = select(operators.c.id).where(enabled).order_by(operators.c.id).with_for_update()
    member: Operator = operator_from(row)
    require_another_admin(member, [OperatorId(found) for found in (await unit.connection.execute(locked)).scalars()])


def _member(row: Row[Any]) -> Member:
    seen_at: datetime | None = row.seen_at
    return Member(
        operator=operator_from(row),
        disabled_at=row.disabled_at,
        has_password=bool(row.password_hash),
        has_second_factor=row.totp_since is not None,
        sessions=row.session_count,
        last_seen_at=seen_at,
    )
