"""Operators, sessions, tokens and failed logins."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from persistence.account_rows import failed_logins, operators, sessions, tokens
from persistence.engine import Database
from persistence.packing import operator_from, token_from
from persistence.rows import tallies
from persistence.unit import Unit, unit_of_work
from tickets.accounts import Session
from tickets.audit import AuditEvent
from tickets.errors import Conflict, NotFound
from tickets.people import ApiToken, Operator, OperatorId, Role
from tickets.wording import Sentence

_TOKEN_COLUMNS: Final = tuple(column for column in tokens.c if column.name not in ("secret_sha256", "revoked_at"))


_PERSON: Final = tuple(column for column in operators.c if column.name not in ("password_hash", "totp_secret"))
SESSIONS: Final = select(sessions, *_PERSON).join(operators, operators.c.id == sessions.c.operator_id)


class SqlAccounts:
    """The port Accounts; every change is recorded in its own transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # operators
    async def add_operator(self, email: str, name: str, role: Role, password_hash: str, event: AuditEvent) -> Operator:
        """Raises Conflict when the address has an account."""
        operator = Operator(OperatorId(uuid4()), email.strip(), name, role)
        async with unit_of_work(self._database) as unit:
            await insert_operator(unit, operator, password_hash)
            unit.events.append(event)
        return operator

    async def add_first_admin(self, email: str, name: str, password_hash: str, event: AuditEvent) -> Operator:
        operator = Operator(OperatorId(uuid4()), email.strip(), name, Role.ADMIN)
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(select(tallies.c.id).with_for_update())  # one setup at a time
            admins = select(operators.c.id).where(operators.c.role == Role.ADMIN.value)
            if (await unit.connection.execute(admins)).first():
                raise Conflict("The desk is set up already. Log in instead.")
            await insert_operator(unit, operator, password_hash)
            unit.events.append(event)
        return operator

    async def operator_by_email(self, email: str) -> tuple[Operator, str] | None:
        enabled = operators.c.disabled_at.is_(None)
        row = await self._first(select(operators).where(operators.c.email_key == email_key(email), enabled))
        return (operator_from(row), row.password_hash) if row else None

    async def operators(self) -> tuple[Operator, ...]:
        async with self._database.read() as connection:
            enabled = select(operators).where(operators.c.disabled_at.is_(None))
            rows = await connection.execute(enabled.order_by(operators.c.email_key))
            return tuple(operator_from(row) for row in rows)

    async def signature(self, operator_id: OperatorId) -> str:
        found = await self._first(select(operators.c.signature).where(operators.c.id == operator_id))
        return found.signature if found else ""

    async def set_signature(self, operator_id: OperatorId, signature: str, event: AuditEvent) -> None:
        changed = update(operators).where(operators.c.id == operator_id).values(signature=signature)
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(changed)
            unit.events.append(event)

    async def set_reading(self, operator_id: OperatorId, language: str, time_zone: str, event: AuditEvent) -> None:
        chosen = update(operators).where(operators.c.id == operator_id).values(language=language, time_zone=time_zone)
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(chosen)
            unit.events.append(event)

    async def has_admin(self) -> bool:
        return await self._first(select(operators.c.id).where(operators.c.role == Role.ADMIN.value)) is not None

    # sessions
    async def add_session(self, session: Session, event: AuditEvent) -> None:
        row = {
            "id_hash": session.id_hash,
            "operator_id": session.operator.id,
            "csrf": session.csrf,
            "created_at": session.created_at,
            "last_seen_at": session.last_seen_at,
            "device": session.device,
            "address": session.address,
        }
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(insert(sessions).values(row))
            unit.events.append(event)

    async def session(self, id_hash: str) -> Session | None:
        query = SESSIONS.where(sessions.c.id_hash == id_hash, operators.c.disabled_at.is_(None))
        row = await self._first(query)
        return session_from(row) if row else None

    async def touch_session(self, id_hash: str, at: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(sessions).where(sessions.c.id_hash == id_hash).values(last_seen_at=at))

    async def drop_session(self, id_hash: str, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(delete(sessions).where(sessions.c.id_hash == id_hash))
            unit.events.append(event)

    async def drop_sessions_of(self, operator_id: OperatorId) -> None:
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.operator_id == operator_id))

    # failed logins
    async def failed_logins(self, key: str, since: datetime) -> int:
        query = select(func.count().label("failures")).where(failed_logins.c.key == key, failed_logins.c.at >= since)
        row = await self._first(query)
        return row.failures if row else 0

    async def login_failed(self, keys: Sequence[str], at: datetime, event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            rows = [{"id": uuid4(), "key": key, "at": at} for key in keys]
            await unit.connection.execute(insert(failed_logins), rows)
            unit.events.append(event)

    # tokens
    async def add_token(self, token: ApiToken, secret_sha256: str, event: AuditEvent) -> None:
        """Raises Conflict when the name is taken by a live token; one that has expired gives its name up."""
        row = {
            "id": token.id,
            "name": token.name,
            "scopes": sorted(token.scopes),
            "secret_sha256": secret_sha256,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "owner_id": token.owner_id,
        }
        expired = (
            (tokens.c.name == token.name) & (tokens.c.expires_at <= token.created_at) & tokens.c.revoked_at.is_(None)
        )
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(update(tokens).where(expired).values(revoked_at=token.created_at))
            try:
                await unit.connection.execute(insert(tokens).values(row))
            except IntegrityError as error:
                raise Conflict(
                    Sentence("There is a token '%(name)s' already. Revoke it or take another name.", name=token.name)
                ) from error
            unit.events.append(event)

    async def token(self, secret_sha256: str) -> ApiToken | None:
        """Whether it has expired is for the caller's clock."""
        live = (tokens.c.secret_sha256 == secret_sha256) & tokens.c.revoked_at.is_(None)
        query = select(*_TOKEN_COLUMNS, operators.c.role.label("owner_role"), operators.c.disabled_at)
        row = await self._first(query.outerjoin(operators, operators.c.id == tokens.c.owner_id).where(live))
        if row is None or row.disabled_at is not None:
            return None
        return token_from(row).held_by(Role(row.owner_role)) if row.owner_role else token_from(row)

    async def touch_token(self, token_id: UUID, at: datetime) -> None:
        async with self._database.write() as connection:
            await connection.execute(update(tokens).where(tokens.c.id == token_id).values(last_used_at=at))

    async def tokens(self) -> tuple[ApiToken, ...]:
        query = select(*_TOKEN_COLUMNS).where(tokens.c.revoked_at.is_(None)).order_by(tokens.c.name)
        async with self._database.read() as connection:
            return tuple(token_from(row) for row in await connection.execute(query))

    async def revoke_token(self, token_id: UUID, event: AuditEvent) -> None:
        """Raises NotFound for a token that does not exist or was revoked before."""
        live = (tokens.c.id == token_id) & tokens.c.revoked_at.is_(None)
        async with unit_of_work(self._database) as unit:
            revoked = await unit.connection.execute(update(tokens).where(live).values(revoked_at=event.at))
            if revoked.rowcount != 1:
                raise NotFound("There is no such token, or it was revoked before.")
            unit.events.append(event)

    async def _first(self, query: Any) -> Row[Any] | None:
        async with self._database.read() as connection:
            row: Row[Any] | None = (await connection.execute(query)).first()
        return row


async def insert_operator(unit: Unit, operator: Operator, password_hash: str) -> None:
    """Raises Conflict when the address has an account."""
    row = {
        "id": operator.id,
        "email": operator.email,
        "email_key": email_key(operator.email),
        "name": operator.name,
        "role": operator.role.value,
        "password_hash": password_hash,
    }
    try:
        await unit.connection.execute(insert(operators).values(row))
    except IntegrityError as error:
        raise Conflict(Sentence("%(email)s has an account already. Log in with it.", email=operator.email)) from error


def session_from(row: Row[Any]) -> Session:
    """A row of SESSIONS."""
    return Session(
        id_hash=row.id_hash,
        operator=operator_from(row),
        csrf=row.csrf,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        device=row.device,
        address=row.address,
        has_second_factor=row.totp_since is not None,
    )


def email_key(email: str) -> str:
    """Under which an address is kept and found, whatever its case."""
    return email.strip().casefold()
