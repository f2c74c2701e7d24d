"""What runs beside the web: the drive over due tickets, the timer of the sync, the sweep."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from tickets.drive import Drive
from tickets.ports import Clock, TicketStore
from tickets.sweep import Sweep
from tickets.sync import Sync
from tickets.ticket import TicketId

log = structlog.get_logger()

IDLE_S: Final = 1.0  # another process may have died on its work: look at least this often
HELD_S: Final = 0.5  # a ticket that somebody else drives is looked at again after this
SWEEP_EVERY_S: Final = 60.0
DRAIN_S: Final = 30.0


class Wake:
    """Rings when work was asked for in this process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, timeout_s: float) -> None:
        """Until it rings, at most that long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), timeout_s)
        self._event.clear()


@dataclass(slots=True)
class DriveLoop:
    """Drives every due ticket, a bounded number at a time."""

    drive: Drive
    store: TicketStore
    clock: Clock
    wake: Wake
    concurrency: int
    _running: dict[TicketId, asyncio.Task[None]] = field(default_factory=dict)
    _held: dict[TicketId, float] = field(default_factory=dict)  # by somebody else; left alone until this loop time

    async def run(self) -> None:
        """Until cancelled; then lets what is under way finish."""
        try:
            while True:
                await self.wake.wait(await self._pause_s())
                await self._start_due()
        finally:
            await self._drain()

    async def _start_due(self) -> None:
        if len(self._running) >= self.concurrency:
            return
        now = asyncio.get_running_loop().time()
        self._held = {ticket_id: until for ticket_id, until in self._held.items() if until > now}
        # Looks past the held ones: a process that stands still must not keep this one from the rest.
        for ticket_id in await self.store.due(self.clock.now(), self.concurrency + len(self._held)):
            is_taken = ticket_id in self._running or ticket_id in self._held
            if not is_taken and len(self._running) < self.concurrency:
                self._running[ticket_id] = asyncio.create_task(self._one(ticket_id))

    async def _one(self, ticket_id: TicketId) -> None:
        try:
            if not await self.drive.to_rest(ticket_id):
                self._held[ticket_id] = asyncio.get_running_loop().time() + HELD_S
        except Exception as error:  # the database is unreachable, say: the loop must outlive it
            log.error("drive_loop_failed", ticket_id=str(ticket_id), exc_info=error)
            await asyncio.sleep(IDLE_S)
        finally:
            self._running.pop(ticket_id, None)
            self.wake.ring()

    async def _pause_s(self) -> float:
        """Until the next known work, so that an undo window ends on time."""
        next_at = await self.store.next_work_at()
        if next_at is None or len(self._running) >= self.concurrency:
            return IDLE_S
        until = (next_at - self.clock.now()).total_seconds()
        if until > 0:
            return min(IDLE_S, until)
        # Due already means it was just looked at and is held or running: its end rings.
        if self._held:
            return HELD_S
        return IDLE_S if self._running else 0.05

    async def _drain(self) -> None:
        if self._running:
            await asyncio.wait(self._running.values(), timeout=DRAIN_S)


@dataclass(frozen=True, slots=True)
class SyncLoop:
    """Looks into every mailbox again and again; a slow one holds up only itself."""

    sync: Sync
    store: TicketStore
    every_s: float
    _running: dict[str, asyncio.Task[object]] = field(default_factory=dict)

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._start_idle()
                await asyncio.sleep(self.every_s * random.uniform(0.9, 1.1))  # noqa: S311 - spreads the load
        finally:
            for task in self._running.values():
                task.cancel()
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_idle(self) -> None:
        records = await self.store.mailboxes()
        own = frozenset(record.address.casefold() for record in records)
        for record in records:
            task = self._running.get(record.address)
            if task is None or task.done():
                self._running[record.address] = asyncio.create_task(self.sync.one(record, own))


async def sweep_forever(sweep: Sweep) -> None:
    """At once, then every minute."""
    while True:
        await sweep.run()
        await asyncio.sleep(SWEEP_EVERY_S)


async def survive(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop for ever: a failure is logged and the loop starts again."""
    while True:
        try:
            await loop()
        except Exception as error:  # a database that is away for a moment must not end the service
            log.error("loop_failed", loop=name, exc_info=error)
        await asyncio.sleep(IDLE_S)
