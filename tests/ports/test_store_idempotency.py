"""Keys of repeated requests, on both databases: one claim, one answer, and what a killed process leaves behind."""

import asyncio
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from persistence.engine import Database
from persistence.idempotency import SqlIdempotencyKeys
from persistence.rows_requests import request_keys
from tests.ports.store_builders import NOW, Desk
from tickets.audit import AuditEvent, EventKind
from tickets.errors import NotFound, Outdated
from tickets.idempotency import KEPT, AnswerGone, Claim, OtherRequest, RequestKey, StoredAnswer, Underway, under_claim
from tickets.preconditions import Unchanged, under
from tickets.ticket import TicketId

ANSWER = StoredAnswer(200, {"content-type": "application/json"}, b"{}")


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
def keys(database: Database) -> SqlIdempotencyKeys:
    return SqlIdempotencyKeys(database)


@pytest.fixture
def key() -> RequestKey:
    return RequestKey(uuid4(), "k" * 64, "f" * 64)


@pytest.fixture
def ended_process() -> str:
    """The name of a run whose process is gone."""
    program = "from persistence.claims import claimant; print(claimant())"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


async def claimed(keys: SqlIdempotencyKeys, key: RequestKey) -> Claim:
    claim = await keys.claim(key, NOW)
    assert isinstance(claim, Claim)
    return claim


async def left_behind(database: Database, claim: Claim, by: str) -> None:
    async with database.write() as connection:
        await connection.execute(
            update(request_keys).where(request_keys.c.claimant == claim.claimant).values(claimant=by)
        )


async def some_effect(desk: Desk) -> None:
    async with desk.store.begin() as tx:
        await tx.record(AuditEvent(EventKind.LOGGED_OUT, "test", NOW))


async def an_effect_that_fails(desk: Desk) -> None:
    async with desk.store.begin() as tx:
        await tx.record(AuditEvent(EventKind.LOGGED_OUT, "test", NOW))
        await tx.ticket(TicketId(uuid4()))


async def lock(desk: Desk, ticket_id: TicketId) -> None:
    async with desk.store.begin() as tx:
        await tx.ticket(ticket_id)


async def test_only_one_of_many_gets_the_key(keys: SqlIdempotencyKeys, key: RequestKey) -> None:
    standings = await asyncio.gather(*[keys.claim(key, NOW) for _ in range(8)])

    assert sorted(type(standing).__name__ for standing in standings) == ["Claim"] + ["Underway"] * 7


async def test_the_answer_is_kept_for_a_day(keys: SqlIdempotencyKeys, key: RequestKey) -> None:
    await keys.finish(await claimed(keys, key), ANSWER)

    assert await keys.claim(key, NOW + KEPT - timedelta(seconds=1)) == ANSWER
    assert isinstance(await keys.claim(key, NOW + KEPT), Claim)


async def test_another_request_is_told_so(keys: SqlIdempotencyKeys, key: RequestKey) -> None:
    await claimed(keys, key)

    assert isinstance(await keys.claim(replace(key, fingerprint="0" * 64), NOW), OtherRequest)


async def test_a_request_without_an_effect_frees_its_key(keys: SqlIdempotencyKeys, key: RequestKey) -> None:
    await keys.release(await claimed(keys, key))

    assert isinstance(await keys.claim(key, NOW), Claim)


async def test_a_request_killed_before_its_effect_is_carried_out_by_the_next(
    keys: SqlIdempotencyKeys, key: RequestKey, database: Database, ended_process: str
) -> None:
    await left_behind(database, await claimed(keys, key), ended_process)

    assert isinstance(await keys.claim(key, NOW), Claim)
    assert isinstance(await keys.claim(key, NOW), Underway)


async def test_a_request_killed_after_its_effect_is_never_carried_out_again(
    desk: Desk, keys: SqlIdempotencyKeys, key: RequestKey, database: Database, ended_process: str
) -> None:
    claim = await claimed(keys, key)
    with under_claim(claim):
        await some_effect(desk)
    await left_behind(database, claim, ended_process)

    assert isinstance(await keys.claim(key, NOW), AnswerGone)


async def test_an_effect_whose_answer_failed_is_not_repeated(
    desk: Desk, keys: SqlIdempotencyKeys, key: RequestKey
) -> None:
    claim = await claimed(keys, key)
    with under_claim(claim):
        await some_effect(desk)
    await keys.release(claim)

    assert isinstance(await keys.claim(key, NOW), AnswerGone)


async def test_an_effect_that_was_rolled_back_counts_for_nothing(
    desk: Desk, keys: SqlIdempotencyKeys, key: RequestKey
) -> None:
    claim = await claimed(keys, key)
    with under_claim(claim), pytest.raises(NotFound):
        await an_effect_that_fails(desk)
    await keys.release(claim)

    assert isinstance(await keys.claim(key, NOW), Claim)


async def test_old_keys_are_forgotten(keys: SqlIdempotencyKeys, key: RequestKey) -> None:
    await keys.finish(await claimed(keys, key), ANSWER)

    assert await keys.clean(NOW + KEPT - timedelta(seconds=1)) == 0
    assert await keys.clean(NOW + KEPT) == 1


async def test_a_condition_is_checked_inside_the_transaction_and_not_against_ones_own_writes(desk: Desk) -> None:
    ticket = await desk.opened()
    seen = len(await desk.store.events(ticket.id))

    with under(Unchanged(ticket.id, seen)):
        for _ in range(2):
            async with desk.store.begin() as tx:
                await tx.ticket(ticket.id)
                await tx.record(AuditEvent(EventKind.REOPENED, "test", NOW, ticket.id))

    with under(Unchanged(ticket.id, seen)), pytest.raises(Outdated):
        await lock(desk, ticket.id)
