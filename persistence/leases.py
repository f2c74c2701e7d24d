"""Leases in a table: who may work on what, across processes and hosts, with a token that rises at every change."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence import claims
from persistence.account_rows import leases
from persistence.engine import Database
from tickets.errors import DeskError, LeaseLost
from tickets.leases import Lease

_NOBODY: Final = ""


async def require_held(
    database: Database, connection: AsyncConnection, name: str, token: int, *, lock: bool = False
) -> None:
    """Raises LeaseLost unless the lease still has that token and time left.

    With `lock` nobody can take it over until the transaction ends (SQLite transactions exclude each other anyway).
    """
    held = select(leases.c.token).where(
        leases.c.name == name, leases.c.token == token, leases.c.owner != _NOBODY, leases.c.expires_at > database.now()
    )
    if (await connection.execute(held.with_for_update(read=True) if lock else held)).first() is None:
        raise LeaseLost(f"Another process took over '{name}'. Nothing was written; it carries on there.")


@dataclass(frozen=True, slots=True)
class SqlLeases:
    """The Leases port over the desk's own database."""

    database: Database

    def claimant(self) -> str:
        """A name for one run in this process."""
        return claims.claimant()

    def is_gone(self, claimant: str) -> bool:
        """Whether the process behind the claim has certainly ended."""
        return claims.is_gone(claimant)

    async def still_held(self, name: str, token: int) -> None:
        """Raises LeaseLost unless the lease still has that token and time left."""
        async with self.database.read() as connection:
            await require_held(self.database, connection, name, token)

    @asynccontextmanager
    async def hold(self, name: str, ttl_s: float) -> AsyncIterator[Lease | None]:
        """Hold the lease while the block runs; None, without waiting, when a live holder has it."""
        token = await self._take(name, claims.claimant(), ttl_s)
        if token is None:
            yield None
            return
        heartbeat = asyncio.create_task(self._keep_alive(name, token, ttl_s))
        try:
            yield Lease(name, token, self)
        finally:
            heartbeat.cancel()
            with suppress(asyncio.CancelledError):
                await heartbeat
            with suppress(DeskError):  # a lease that cannot be given back ends by its time
                await self._give_back(name, token)

    async def _take(self, name: str, owner: str, ttl_s: float) -> int | None:
        now = self.database.now()
        free = or_(leases.c.owner == _NOBODY, leases.c.expires_at <= now)
        if (token := await self._claim(name, owner, ttl_s, free)) is not None:
            return token
        async with self.database.read() as connection:
            holder = (await connection.execute(select(leases).where(leases.c.name == name))).first()
        if holder is None or not await asyncio.to_thread(claims.is_gone, holder.owner):
            return None
        still_theirs = (leases.c.token == holder.token) & (leases.c.owner == holder.owner)
        return await self._claim(name, owner, ttl_s, still_theirs)

    async def _claim(self, name: str, owner: str, ttl_s: float, may: ColumnElement[bool]) -> int | None:
        """One statement: insert the lease, or change its hands if it may be; the new token, or None."""
        expires_at = self.database.now() + timedelta(seconds=ttl_s)
        insert: Any = (sqlite.insert if self.database.is_sqlite else postgresql.insert)(leases)
        claim = insert.values(name=name, token=1, owner=owner, expires_at=expires_at).on_conflict_do_update(
            index_elements=["name"],
            set_={"token": leases.c.token + 1, "owner": owner, "expires_at": expires_at},
            where=may,
        )
        async with self.database.write() as connection:
            token: int | None = (await connection.execute(claim.returning(leases.c.token))).scalar()
        return token

    async def _keep_alive(self, name: str, token: int, ttl_s: float) -> None:
        """Renew at a third of the time. A lease that somebody else has taken meanwhile is let go."""
        while True:
            await asyncio.sleep(ttl_s / 3)
            with suppress(DeskError):  # tried again at the next beat; if it stays, the lease ends by its time
                if not await self._renew(name, token, ttl_s):
                    return

    async def _renew(self, name: str, token: int, ttl_s: float) -> bool:
        ours = (leases.c.name == name) & (leases.c.token == token) & (leases.c.owner != _NOBODY)
        renewed = update(leases).where(ours).values(expires_at=self.database.now() + timedelta(seconds=ttl_s))
        async with self.database.write() as connection:
            return (await connection.execute(renewed)).rowcount == 1

    async def _give_back(self, name: str, token: int) -> None:
        ours = (leases.c.name == name) & (leases.c.token == token)
        async with self.database.write() as connection:
            await connection.execute(update(leases).where(ours).values(owner=_NOBODY))
