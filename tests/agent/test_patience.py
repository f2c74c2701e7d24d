"""Whoever asks for a sync does not wait for the whole of a long backfill, and nothing of it is lost by that."""

from collections.abc import AsyncIterator
from dataclasses import replace

from tests.agent.world import ANNA, World
from tests.service import a_mail
from tickets.boards import Progress
from tickets.ports import Changes, Unknown

MAILS = 120


async def test_a_long_backfill_is_left_to_the_timer_and_goes_on_from_there(world: World) -> None:
    slow_backfill(world)

    (asked,) = await world.sync.run(by=ANNA, patience_s=5)
    (rest,) = await world.sync.run()

    assert asked.unfinished
    assert 0 < asked.opened < MAILS
    assert not rest.unfinished
    assert asked.opened + rest.opened == MAILS
    assert len(await world.tickets()) == MAILS


async def test_a_console_waits_to_the_end(world: World) -> None:
    slow_backfill(world)

    (report,) = await world.sync.run(by=ANNA)

    assert (report.opened, report.unfinished) == (MAILS, False)


def slow_backfill(world: World) -> None:
    """Mails whose every portion takes longer than somebody would wait."""
    for number in range(MAILS):
        world.mailbox.receive(a_mail(f"Matter {number}", sender=f"c{number}@example.net").as_bytes())
    listed = world.mailbox.changes

    async def changes(cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        began = world.clock.now()
        async for portion in listed(cursor, unknown):
            world.clock.advance(10)
            yield replace(portion, progress=Progress(int(portion.cursor), MAILS, began))

    world.mailbox.changes = changes  # type: ignore[method-assign]


async def test_the_first_good_sync_is_told_and_the_idle_ones_after_it_are_not(world: World) -> None:
    before = await world.boards.version()

    await world.sync.run()
    first = await world.boards.version()
    await world.sync.run()

    assert first > before
    assert await world.boards.version() == first
