"""Second factors: each secret is sealed for its operator; of recovery codes only a hash is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from persistence.account_rows import operators, recovery_codes
from persistence.engine import Database
from persistence.sealing import Sealer
from persistence.unit import Unit, unit_of_work
from tickets.audit import AuditEvent
from tickets.errors import Conflict
from tickets.people import OperatorId
from tickets.staff import SecondFactor

PURPOSE: Final = "second factors"


class SqlSecondFactors:
    """The port SecondFactors. `secret` is the desk's, 32 bytes."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._sealer = Sealer(secret, PURPOSE)

    async def of(self, operator_id: OperatorId) -> SecondFactor | None:
        """Raises SealBroken when it was sealed with another key."""
        query = select(operators).where(operators.c.id == operator_id)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).first()
        if row is None or row.totp_secret is None:
            return None
        secret = self._sealer.open(row.totp_secret, operator_id.bytes).decode()
        return SecondFactor(secret, row.totp_since, row.totp_step)

    async def offer(self, operator_id: OperatorId, secret: str) -> None:
        sealed = self._sealer.seal(secret.encode(), operator_id.bytes)
        free = (operators.c.id == operator_id) & operators.c.totp_since.is_(None)
        async with self._database.write() as connection:
            await connection.execute(update(operators).where(free).values(totp_secret=sealed, totp_step=0))

    async def confirm(
        self, operator_id: OperatorId, step: int, at: datetime, code_hashes: Sequence[str], event: AuditEvent
    ) -> None:
        offered = (operators.c.id == operator_id) & operators.c.totp_since.is_(None)
        offered &= operators.c.totp_secret.is_not(None)
        async with unit_of_work(self._database) as unit:
            confirmed = update(operators).where(offered).values(totp_since=at, totp_step=step)
            if (await unit.connection.execute(confirmed)).rowcount != 1:
                raise Conflict("The second step is on already. Reload the page.")
            await _replace_codes(unit, operator_id, code_hashes)
            unit.events.append(event)

    async def remove(self, operator_id: OperatorId, event: AuditEvent) -> None:
        nothing = {"totp_secret": None, "totp_since": None, "totp_step": 0}
        async with unit_of_work(self._database) as unit:
            await unit.connection.execute(update(operators).where(operators.c.id == operator_id).values(nothing))
            await _replace_codes(unit, operator_id, ())
            unit.events.append(event)

    async def use_step(self, operator_id: OperatorId, step: int) -> bool:
        unused = (operators.c.id == operator_id) & (operators.c.totp_step < step)
        async with self._database.write() as connection:
            used = await connection.execute(update(operators).where(unused).values(totp_step=step))
        return used.rowcount == 1

    async def use_recovery_code(self, operator_id: OperatorId, code_hash: str, event: AuditEvent) -> bool:
        codes = recovery_codes.c
        this = (codes.operator_id == operator_id) & (codes.code_hash == code_hash)
        async with unit_of_work(self._database) as unit:
            used = (await unit.connection.execute(delete(recovery_codes).where(this))).rowcount == 1
            unit.events += [event] if used else []
        return used

    async def renew_codes(self, operator_id: OperatorId, code_hashes: Sequence[str], event: AuditEvent) -> None:
        async with unit_of_work(self._database) as unit:
            await _replace_codes(unit, operator_id, code_hashes)
            unit.events.append(event)

    async def codes_left(self, operator_id: OperatorId) -> int:
        query = select(func.count()).where(recovery_codes.c.operator_id == operator_id)
        async with self._database.read() as connection:
            return int((await connection.execute(query)).scalar_one())


async def _replace_codes(unit: Unit, operator_id: OperatorId, code_hashes: Sequence[str]) -> None:
    await unit.connection.execute(delete(recovery_codes).where(recovery_codes.c.operator_id == operator_id))
    if code_hashes:
        rows = [{"operator_id": operator_id, "code_hash": code_hash} for code_hash in code_hashes]
        await unit.connection.execute(insert(recovery_codes), rows)
