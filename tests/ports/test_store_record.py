"""The record: chained, numbered in the order in which it becomes visible, and telling when it was changed."""

import asyncio

import pytest
from sqlalchemy import delete, select, update

from persistence.boards import SqlBoards
from persistence.record import first_break
from persistence.rows import audit_events
from tests.ports.store_builders import NOW, SECOND, Desk, an_event


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def record(desk: Desk, *events) -> None:
    async with desk.store.begin() as tx:
        for event in events:
            await tx.record(event)


async def tamper(desk: Desk, statement) -> None:
    async with desk.database.write() as connection:
        await connection.execute(statement)


async def test_a_ticket_s_events_are_read_back_oldest_first(desk):
    ticket, other = await desk.opened(), await desk.opened()
    events = [an_event(ticket, at=NOW + n * SECOND, fields={"n": n, "said": ["ä", "b"], "x": None}) for n in range(3)]
    await record(desk, events[0], an_event(other), events[1])
    await record(desk, events[2])

    assert await desk.store.events(ticket.id) == tuple(events)


async def test_an_event_of_a_transaction_that_failed_is_not_recorded(desk):
    ticket = await desk.opened()
    with pytest.raises(RuntimeError):
        await _record_and_fail(desk, ticket)

    assert await desk.store.events(ticket.id) == ()


async def _record_and_fail(desk: Desk, ticket) -> None:
    async with desk.store.begin() as tx:
        await tx.record(an_event(ticket))
        raise RuntimeError("something else went wrong")


async def test_events_written_at_once_keep_every_chain_whole(desk):
    opened = [await desk.opened() for _ in range(4)]
    await asyncio.gather(*(record(desk, an_event(t), an_event()) for t in opened for _ in range(8)))

    async with desk.database.read() as connection:
        ids = (await connection.execute(select(audit_events.c.id).order_by(audit_events.c.id))).scalars().all()
    assert list(ids) == list(range(1, len(ids) + 1))
    assert [len(await desk.store.events(ticket.id)) for ticket in opened] == [8] * 4
    assert await first_break(desk.database) is None


async def test_the_version_never_falls_behind_what_can_be_read(desk):
    ticket = await desk.opened()
    boards = SqlBoards(desk.database)
    seen: list[tuple[int, int]] = []

    async def watch() -> None:
        for _ in range(30):
            version = await boards.version()
            seen.append((version, len(await desk.store.events(ticket.id))))

    await asyncio.gather(watch(), *(record(desk, an_event(ticket)) for _ in range(16)))

    assert [version for version, _ in seen] == sorted(version for version, _ in seen)
    assert all(events >= version - 1 for version, events in seen)  # one event is the mailbox's own


@pytest.mark.parametrize("column", ["actor", "kind", "fields", "at"])
async def test_a_changed_event_is_found(desk, column):
    ticket = await desk.opened()
    await record(desk, *(an_event(ticket) for _ in range(3)))
    changed = {"actor": "operator:eve", "kind": "closed", "fields": {"n": 2}, "at": NOW + SECOND}[column]

    await tamper(desk, update(audit_events).where(audit_events.c.seq == 2).values({column: changed}))

    found = await first_break(desk.database)
    assert found is not None
    assert found.chain == str(ticket.id)
    assert "not what was recorded" in found.reason


@pytest.mark.parametrize(("seq", "said"), [(2, "event 2"), (3, "end of their chains")])
async def test_a_removed_event_is_found(desk, seq, said):
    ticket = await desk.opened()
    await record(desk, *(an_event(ticket) for _ in range(3)))

    await tamper(desk, delete(audit_events).where(audit_events.c.seq == seq))

    found = await first_break(desk.database)
    assert found is not None
    assert said in found.reason
