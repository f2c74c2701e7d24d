"""Keys of repeated requests in a table, claimed by one statement each."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence import claims
from persistence.engine import Database
from persistence.rows_requests import request_keys as keys
from tickets.idempotency import (
    CLAIMED_FOR,
    KEPT,
    AnswerGone,
    Claim,
    OtherRequest,
    RequestKey,
    Standing,
    StoredAnswer,
    Underway,
    current_claim,
)


@dataclass(frozen=True, slots=True)
class SqlIdempotencyKeys:
    """The port IdempotencyKeys."""

    database: Database

    async def claim(self, key: RequestKey, now: datetime) -> Standing:
        claim = Claim(key, claims.claimant())
        if await self._take(claim, now, keys.c.created_at <= now - KEPT):
            return claim
        async with self.database.read() as connection:
            found = (await connection.execute(select(keys).where(_of(key)))).first()
        if found is None:
            return Underway()  # it was released between the two statements; asking again takes it
        if found.fingerprint != key.fingerprint:
            return OtherRequest()
        if found.status is not None:
            return StoredAnswer(found.status, found.headers, found.body)
        return await self._left_behind(claim, found, now)

    async def _left_behind(self, claim: Claim, found: Row[Any], now: datetime) -> Standing:
        """What a claim without an answer means: somebody is at it, or was."""
        is_over = found.claim_until <= now or await asyncio.to_thread(claims.is_gone, found.claimant)
        if not is_over:
            return Underway()
        if found.is_written:
            return AnswerGone()
        still_theirs = and_(keys.c.claimant == found.claimant, ~keys.c.is_written, keys.c.status.is_(None))
        return claim if await self._take(claim, now, still_theirs) else Underway()

    async def _take(self, claim: Claim, now: datetime, may: ColumnElement[bool]) -> bool:
        """Insert the key, or take over its row where that is allowed."""
        insert: Any = (sqlite.insert if self.database.is_sqlite else postgresql.insert)(keys)
        fresh = {
            "fingerprint": claim.key.fingerprint,
            "created_at": now,
            "claimant": claim.claimant,
            "claim_until": now + CLAIMED_FOR,
            "is_written": False,
            "status": None,
            "headers": None,
            "body": None,
        }
        taking = insert.values(token_id=claim.key.token_id, key_hash=claim.key.key_hash, **fresh)
        taking = taking.on_conflict_do_update(index_elements=["token_id", "key_hash"], set_=fresh, where=may)
        async with self.database.write() as connection:
            return (await connection.execute(taking.returning(keys.c.claimant))).first() is not None

    async def finish(self, claim: Claim, answer: StoredAnswer) -> None:
        kept = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        async with self.database.write() as connection:
            await connection.execute(update(keys).where(_by(claim)).values(kept))

    async def release(self, claim: Claim) -> None:
        async with self.database.write() as connection:
            await connection.execute(delete(keys).where(_by(claim), ~keys.c.is_written))
            gone = {"claim_until": keys.c.created_at}  # nobody is at it any more; what it wrote stays known
            await connection.execute(update(keys).where(_by(claim), keys.c.status.is_(None)).values(gone))

    async def clean(self, now: datetime) -> int:
        over = or_(keys.c.created_at <= now - KEPT)
        async with self.database.write() as connection:
            return (await connection.execute(delete(keys).where(over))).rowcount


async def mark_written(connection: AsyncConnection) -> None:
    """Note, in the transaction of an effect, that the request under way was carried out."""
    if (claim := current_claim()) is not None:
        await connection.execute(update(keys).where(_by(claim)).values(is_written=True))


def _of(key: RequestKey) -> ColumnElement[bool]:
    return and_(keys.c.token_id == key.token_id, keys.c.key_hash == key.key_hash)


def _by(claim: Claim) -> ColumnElement[bool]:
    return and_(_of(claim.key), keys.c.claimant == claim.claimant)
