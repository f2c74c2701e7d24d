"""What runs beside the web: the drive over due tickets, the timer of the sync, the sweep."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

import structlog

from tickets.arrival import own_addresses
from tickets.drive import Drive
from tickets.mail import MailboxId
from tickets.ports import Announcing, Clock
from tickets.storage import MailboxRecord, TicketStore
from tickets.sweep import Sweep
from tickets.sync import Sync
from tickets.ticket import TicketId
from tickets.tidying import Tidying
from tickets.watching import Watching

log = structlog.get_logger()

IDLE_S: Final = 1.0  # another process may have died on its work: look at least this often
HELD_S: Final = 0.5  # a ticket that somebody else drives is looked at again after this
SWEEP_EVERY_S: Final = 60.0
WATCH_EVERY_S: Final = 600.0
TIDY_EVERY_S: Final = 60.0
DRAIN_S: Final = 30.0


class Wake:
    """Rings when work was asked for in this process."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        self._event.set()

    async def wait(self, timeout_s: float) -> None:
        """Until it rings, at most that long."""
        # Not `wait_for`: in Python 3.11 that can lose a cancellation which comes together with the ring.
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
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


@dataclass(slots=True)
class SyncLoop:
    """Looks into every mailbox again and again; a slow one holds up only itself.

    A mailbox that announces its news, or whose provider rings, is looked into at once.
    """

    sync: Sync
    store: TicketStore
    every_s: float
    _looking: dict[MailboxId, asyncio.Task[None]] = field(default_factory=dict)
    _bells: dict[str, Wake] = field(default_factory=dict)
    _news: Wake = field(default_factory=Wake)

    def ring(self, address: str) -> bool:
        """Look into that mailbox now, or once more when it is being looked into; False for one nobody knows."""
        bell = self._bells.get(address.casefold())
        if bell is not None:
            bell.ring()
        else:
            self._news.ring()  # connected or resumed since the list of mailboxes was read
        return bell is not None

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                await self._follow_configured()
                await self._news.wait(self._pause_s())
        finally:
            for task in self._looking.values():
                task.cancel()
            await asyncio.gather(*self._looking.values(), return_exceptions=True)
            self._looking.clear()

    async def _follow_configured(self) -> None:
        """One task for each mailbox that is on the desk now."""
        records = {record.id: record for record in await self.store.mailboxes() if record.is_read}
        for mailbox_id in self._looking.keys() - records.keys():
            self._looking.pop(mailbox_id).cancel()
        self._bells = {address: self._bells.get(address, Wake()) for address in map(_key, records.values())}
        for mailbox_id, record in records.items():
            if mailbox_id not in self._looking:
                self._looking[mailbox_id] = asyncio.create_task(self._look_for_ever(record))

    async def _look_for_ever(self, record: MailboxRecord) -> None:
        while True:
            is_well = False
            try:
                own = own_addresses(await self.store.mailboxes())
                is_well = (await self.sync.one(record, own)).error is None
            except Exception as error:  # the database is unreachable, say: the loop must outlive it
                log.error("sync_loop_failed", mailbox_id=str(record.id), exc_info=error)
            await self._rest(record, listens=is_well)

    async def _rest(self, record: MailboxRecord, *, listens: bool) -> None:
        """Until it is time again, somebody rings, or the mailbox itself has something to say."""
        pause_s = self._pause_s()
        waiting = {asyncio.create_task(self._bells[_key(record)].wait(pause_s))}
        if listens:  # a mailbox in trouble would announce the same news again and again
            waiting.add(asyncio.create_task(self._announced(record, pause_s)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _announced(self, record: MailboxRecord, pause_s: float) -> None:
        """Ends early only for an announcement: a mailbox that cannot say anything is looked into when it is time."""
        began = asyncio.get_running_loop().time()
        until = began + pause_s
        try:
            mailbox = await self.sync.open_mailbox(record.id)
            if isinstance(mailbox, Announcing) and await mailbox.announced(pause_s):
                until = began + min(IDLE_S, pause_s)  # one that never stops announcing is looked into once a second
        except Exception as error:
            log.warning("mailbox_cannot_announce", mailbox_id=str(record.id), error=type(error).__name__)
        await asyncio.sleep(until - asyncio.get_running_loop().time())

    def _pause_s(self) -> float:
        return self.every_s * random.uniform(0.9, 1.1)  # noqa: S311 - spreads the load


def _key(record: MailboxRecord) -> str:
    return record.address.casefold()


async def sweep_forever(sweep: Sweep) -> None:
    """At once, then every minute."""
    while True:
        await sweep.run()
        await asyncio.sleep(SWEEP_EVERY_S)


async def tidy_forever(tidying: Tidying, every_s: float = TIDY_EVERY_S) -> None:
    """At once, then every minute."""
    while True:
        await tidying.run()
        await asyncio.sleep(every_s)


async def watch_forever(watching: Watching, every_s: float = WATCH_EVERY_S) -> None:
    """At once, then every ten minutes: a mailbox that was just connected begins to ring soon."""
    while True:
        await watching.run()
        await asyncio.sleep(every_s)


async def survive(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Run a loop for ever: a failure is logged and the loop starts again."""
    while True:
        try:
            await loop()
        except Exception as error:  # a database that is away for a moment must not end the service
            log.error("loop_failed", loop=name, exc_info=error)
        await asyncio.sleep(IDLE_S)
