"""When the timer looks into the mailboxes: by the clock, when somebody rings, when a mailbox announces its news."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.memory import FixedClock, MemoryMailbox
from adapters.parser import InlineParser
from entrypoints.loops import SyncLoop
from persistence.engine import open_database
from persistence.leases import SqlLeases
from persistence.mailboxes import SqlMailboxes
from persistence.store import SqlStore
from tests.service import a_mail
from tickets.audit import AuditEvent, EventKind
from tickets.boards import MailboxState
from tickets.mail import MailboxId
from tickets.ports import Changes, Mailbox, Unknown
from tickets.sync import Sync

ADDRESS = "Support@Helios.example"
NEVER_S = 3600.0
NOW = FixedClock().now()
PATIENCE_S = 20.0


class Noting(MemoryMailbox):
    """A mailbox that notes when somebody looks into it."""

    def __init__(self) -> None:
        super().__init__(ADDRESS)
        self.looks: asyncio.Queue[None] = asyncio.Queue()

    async def changes(self, cursor: str | None, unknown: Unknown) -> AsyncIterator[Changes]:
        self.looks.put_nowait(None)
        async for portion in super().changes(cursor, unknown):
            yield portion


class Talking(Noting):
    """A mailbox that announces its news. `listens` counts how often somebody listened."""

    def __init__(self) -> None:
        super().__init__()
        self.news = asyncio.Event()
        self.listens = 0

    async def announced(self, timeout_s: float) -> bool:
        self.listens += 1
        await self.news.wait()
        self.news.clear()
        return True


class Broken(Noting):
    """A mailbox whose announcing does not work."""

    async def announced(self, timeout_s: float) -> bool:
        raise RuntimeError("no line")


@dataclass
class Watch:
    """The loop under test and its mailbox."""

    loop: SyncLoop
    mailbox: Noting
    store: SqlStore

    async def looked(self, times: int = 1) -> None:
        """Wait until the mailbox is looked into so often."""
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(times):
                await self.mailbox.looks.get()

    async def tickets(self) -> int:
        """After the look under way has ended: how many tickets wait for the agent."""
        self.loop.ring(ADDRESS)
        await self.looked()
        return len(await self.store.due(FixedClock().now(), 100))


@asynccontextmanager
async def watching(file: Path, mailbox: Noting, every_s: float = NEVER_S) -> AsyncIterator[Watch]:
    database, clock = open_database(f"sqlite:///{file}"), FixedClock()
    store = SqlStore(database, clock=clock)
    event = AuditEvent(EventKind.MAILBOX_ADDED, "console", clock.now(), fields={"kind": "memory"})
    await SqlMailboxes(database, b"k" * 32).add("memory", ADDRESS, {}, event)

    async def open_mailbox(_: MailboxId) -> Mailbox:
        return mailbox

    def quiet(*_: object, **__: object) -> None: ...

    sync = Sync(store, open_mailbox, InlineParser(), SqlLeases(database), clock, quiet)
    watch = Watch(SyncLoop(sync, store, every_s), mailbox, store)
    task = asyncio.create_task(watch.loop.run())
    try:
        yield watch
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await database.close()


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    return tmp_path / "desk.db"


async def test_a_mailbox_is_looked_into_again_and_again(file: Path) -> None:
    async with watching(file, Noting(), every_s=0.01) as watch:
        await watch.looked(3)


async def test_a_paused_mailbox_is_left_alone_and_looked_into_at_once_when_it_is_resumed(file: Path) -> None:
    async with watching(file, Noting()) as watch:
        await watch.looked()
        (record,) = await watch.store.mailboxes()
        mailboxes, fields = SqlMailboxes(watch.store._database, b"k" * 32), {"mailbox": str(record.id)}
        await mailboxes.paused(record.id, AuditEvent(EventKind.MAILBOX_PAUSED, "console", NOW, fields=fields))
        watch.loop.ring(ADDRESS)  # the loop under way finds it paused
        await watch.loop._follow_configured()

        await mailboxes.resumed(record.id, AuditEvent(EventKind.MAILBOX_RESUMED, "console", NOW, fields=fields))

        assert watch.mailbox.looks.empty()
        assert not watch.loop.ring(ADDRESS)
        await watch.looked()


async def test_a_ring_wakes_the_sync_at_once_whatever_the_case_of_the_address(file: Path) -> None:
    async with watching(file, Noting()) as watch:
        await watch.looked()
        watch.mailbox.receive(a_mail().as_bytes())

        assert watch.loop.ring("support@helios.example")
        await watch.looked()

        assert await watch.tickets() == 1


async def test_a_ring_for_an_unknown_mailbox_wakes_nobody(file: Path) -> None:
    async with watching(file, Noting()) as watch:
        await watch.looked()

        assert not watch.loop.ring("somebody@else.example")


async def test_a_ring_during_a_sync_is_followed_by_another_look(file: Path) -> None:
    async with watching(file, Noting()) as watch:
        await watch.looked()
        watch.loop.ring(ADDRESS)

        await watch.looked()


async def test_an_announcement_wakes_the_sync_at_once(file: Path) -> None:
    mailbox = Talking()
    async with watching(file, mailbox) as watch:
        await watch.looked()
        mailbox.receive(a_mail().as_bytes())
        mailbox.news.set()

        await watch.looked()

        assert await watch.tickets() == 1


async def test_nobody_listens_to_a_mailbox_in_trouble(file: Path) -> None:
    mailbox = Talking()
    mailbox.will("unavailable", on="changes", times=100)
    async with watching(file, mailbox, every_s=0.01) as watch:
        await watch.looked(4)

        assert mailbox.listens == 0


async def test_a_mailbox_that_cannot_announce_is_looked_into_when_it_is_time(file: Path) -> None:
    async with watching(file, Broken()) as watch:
        await watch.looked()
        watch.loop.ring(ADDRESS)
        await watch.looked()
        for _ in range(20):
            await asyncio.sleep(0.01)

        assert watch.mailbox.looks.empty()


async def test_a_mailbox_that_was_taken_off_the_desk_is_left_alone(file: Path) -> None:
    async with watching(file, Noting(), every_s=0.01) as watch:
        await watch.looked()
        (record,) = await watch.store.mailboxes()
        async with watch.store.begin() as tx:
            await tx.mailbox_is(record.id, MailboxState.DISCONNECTED, None, FixedClock().now())

        for _ in range(2_000):
            if not watch.loop.ring(ADDRESS):
                break
            await asyncio.sleep(0.01)

        assert not watch.loop.ring(ADDRESS)
