"""Leases: one holder at a time, taken over from the dead at once, and no write by one who lost it."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from persistence import claims
from persistence.account_rows import leases
from persistence.leases import SqlLeases
from tests.ports.store_builders import NOW, Desk
from tickets.errors import LeaseLost
from tickets.leases import Lease, fence

TTL_S = 600.0  # long, so that nothing here ends by its time

HOLDER = """
import asyncio, sys
from persistence.engine import open_database
from persistence.leases import SqlLeases

async def main():
    held = SqlLeases(open_database(sys.argv[1]))
    async with held.hold("ticket:1", 600.0) as lease:
        print(lease.token, held.claimant(), flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
def keeper(database) -> SqlLeases:
    return SqlLeases(database)


@pytest.fixture
def other_process(database_url):
    """A process that holds the lease `ticket:1`; gives its token and a claimant of its own."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, database_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    token, claimant = process.stdout.readline().split()
    yield process, int(token), claimant
    process.kill()
    process.wait()
    process.stdout.close()


async def make_expired(database, name: str = "ticket:1") -> None:
    """As if the holder's time had run out: an hour ago by every clock."""
    async with database.write() as connection:
        await connection.execute(
            update(leases).where(leases.c.name == name).values(expires_at=NOW - timedelta(days=9999))
        )


async def test_a_lease_that_is_held_is_not_given_again(keeper):
    async with keeper.hold("ticket:1", TTL_S) as first:
        async with keeper.hold("ticket:1", TTL_S) as second:
            assert isinstance(first, Lease)
            assert second is None
        await first.check()


async def test_different_names_are_held_at_once(keeper):
    async with keeper.hold("ticket:1", TTL_S) as one, keeper.hold("ticket:2", TTL_S) as two:
        assert one is not None
        assert two is not None


async def test_the_token_rises_each_time_the_lease_changes_hands(keeper):
    tokens = []
    for _ in range(3):
        async with keeper.hold("ticket:1", TTL_S) as lease:
            tokens.append(lease.token)

    assert tokens == sorted(set(tokens))


async def test_of_many_who_ask_at_once_one_holds(keeper):
    gate = asyncio.Event()

    async def ask() -> bool:
        async with keeper.hold("ticket:1", TTL_S) as lease:
            if lease is not None:
                await gate.wait()
            return lease is not None

    asking = [asyncio.create_task(ask()) for _ in range(16)]
    for answered in asyncio.as_completed(asking):
        if not await answered and sum(task.done() for task in asking) == 15:
            gate.set()

    assert sum(task.result() for task in asking) == 1


async def test_a_lease_ends_by_its_time(keeper, database):
    async with keeper.hold("ticket:1", TTL_S) as first:
        await make_expired(database)

        async with keeper.hold("ticket:1", TTL_S) as second:
            assert second is not None
            assert second.token > first.token
            with pytest.raises(LeaseLost):
                await first.check()
            await second.check()


async def test_giving_back_a_lost_lease_leaves_the_new_holder_alone(keeper, database):
    lost = keeper.hold("ticket:1", TTL_S)
    await lost.__aenter__()
    await make_expired(database)
    async with keeper.hold("ticket:1", TTL_S) as second:
        await lost.__aexit__(None, None, None)

        await second.check()
        async with keeper.hold("ticket:1", TTL_S) as third:
            assert third is None


async def test_a_held_lease_is_renewed_while_the_block_runs(keeper, database):
    async def expires_at():
        async with database.read() as connection:
            return (await connection.execute(select(leases.c.expires_at))).scalar_one()

    async with keeper.hold("ticket:1", 0.6) as lease:
        first = await expires_at()
        while await expires_at() == first:  # noqa: ASYNC110 - the renewal shows in the table and nowhere else
            await asyncio.sleep(0.01)

        await lease.check()


async def test_nothing_is_written_under_a_lost_lease(keeper, database):
    desk = await Desk.on(database)
    ticket = await desk.opened()
    async with keeper.hold("ticket:1", TTL_S) as lease:
        with fence(lease):
            async with desk.store.begin() as tx:
                await tx.work(ticket.id, NOW)
            await make_expired(database)
            async with keeper.hold("ticket:1", TTL_S) as successor:
                assert successor is not None
                with pytest.raises(LeaseLost):
                    await _ask_for_work(desk, ticket)

    assert desk.woken == 1
    assert (await desk.store.work_view(ticket.id, NOW)).version == 1


async def _ask_for_work(desk: Desk, ticket) -> None:
    async with desk.store.begin() as tx:
        await tx.work(ticket.id, NOW)


async def test_a_lease_that_ran_out_does_not_write_even_if_nobody_took_it(keeper, database):
    desk = await Desk.on(database)
    ticket = await desk.opened()
    async with keeper.hold("ticket:1", TTL_S) as lease:
        await make_expired(database)
        with fence(lease), pytest.raises(LeaseLost):
            await _ask_for_work(desk, ticket)


async def test_no_successor_comes_in_while_a_fenced_transaction_is_under_way(keeper, database):
    desk = await Desk.on(database)
    ticket = await desk.opened()
    async with keeper.hold("ticket:1", TTL_S) as lease:
        await make_expired_soon_after(database, keeper, desk, ticket, lease)

    assert (await desk.store.work_view(ticket.id, NOW)).version == 1


async def make_expired_soon_after(database, keeper, desk, ticket, lease) -> None:
    """Whoever wants the lease's row during the transaction gets it only after the commit."""
    with fence(lease):
        async with desk.store.begin() as tx:
            expiring = asyncio.create_task(make_expired(database))
            await tx.work(ticket.id, NOW)
            await asyncio.wait([expiring], timeout=0.2)
            assert not expiring.done()
    await expiring


async def test_a_live_process_keeps_its_lease(keeper, other_process):
    _, _, claimant = other_process

    async with keeper.hold("ticket:1", TTL_S) as lease:
        assert lease is None
    assert not keeper.is_gone(claimant)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are told apart through /proc")
@pytest.mark.parametrize("is_collected", [False, True])
async def test_the_lease_of_a_killed_process_is_taken_over_at_once(keeper, other_process, is_collected):
    process, token, claimant = other_process
    await asyncio.to_thread(_kill, process, is_collected)

    async with keeper.hold("ticket:1", TTL_S) as lease:
        assert lease is not None
        assert lease.token > token
    assert keeper.is_gone(claimant)


def _kill(process: subprocess.Popen[str], is_collected: bool) -> None:
    process.send_signal(signal.SIGKILL)
    if is_collected:
        process.wait()
    else:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the table of processes


def test_this_process_is_not_gone():
    assert not claims.is_gone(claims.claimant())


def test_each_run_has_a_name_of_its_own():
    assert claims.claimant() != claims.claimant()


@pytest.mark.parametrize(("part", "value"), [(0, "another-boot"), (1, "pid:[1]"), (3, "-")])
def test_of_a_process_elsewhere_nothing_is_known(part, value):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    parts = claims.claimant().split("|")
    parts[2] = str(process.pid)
    assert claims.is_gone("|".join(parts))

    parts[part] = value

    assert not claims.is_gone("|".join(parts))


def test_a_process_that_only_got_the_same_number_is_another():
    parts = claims.claimant().split("|")
    parts[3] = str(int(parts[3]) + 1)

    assert claims.is_gone("|".join(parts))


@pytest.mark.parametrize("name", ["", "nonsense", "a|b|c|d|e", "a|b|1"])
def test_a_name_of_another_make_is_never_gone(name):
    assert not claims.is_gone(name)
