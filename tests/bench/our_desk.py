"""The whole desk: mail in, drafted, approved, sent, with all its writes, on SQLite."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from persistence.migrate import upgrade
from tests.agent.world import World, a_world


@dataclass(frozen=True)
class Measured:
    """Tickets a second through the agent, and bytes of rows and checkpoints a ticket."""

    tickets_per_second: float
    bytes_at_rest: float
    bytes_when_sent: float


async def measure(folder: Path, count: int) -> Measured:
    """`count` tickets, driven one after the other; receiving the mail is not counted."""
    file = folder / "desk.db"
    upgrade(f"sqlite:///{file}")
    async with a_world(file) as world:
        empty = size_of(file)
        for _ in range(count):
            await world.customer_writes()
        to_interrupt = await timed(world)
        at_rest = size_of(file)
        tickets = await world.tickets()
        started = time.perf_counter()
        for ticket in tickets:
            await world.approve(ticket.id)
        approving = time.perf_counter() - started
        world.clock.advance(11)
        to_sent = await timed(world)
        assert len(world.mailbox.sent) == len(tickets)
        return Measured(
            len(tickets) / (to_interrupt + approving + to_sent),
            (at_rest - empty) / len(tickets),
            (size_of(file) - empty) / len(tickets),
        )


async def timed(world: World) -> float:
    started = time.perf_counter()
    await world.work()
    return time.perf_counter() - started


def size_of(file: Path) -> int:
    """Bytes in use in both files, without what SQLite keeps free."""
    total = 0
    for path in (file, file.with_suffix(".checkpoints")):
        with closing(sqlite3.connect(path)) as database:
            pages, free, size = (
                database.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            total += (pages - free) * size
    return total
