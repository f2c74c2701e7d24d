"""An IMAP account says by itself that there is new mail."""

import asyncio
from collections.abc import Iterator

import pytest

from adapters.imap import ImapMailbox
from adapters.imap_settings import ImapSettings, Passwords
from tests.imap.servers import PASSWORD, Servers, running_servers
from tests.imap.wire import Wire
from tests.ports.mailbox_benches import ImapBench, a_mail
from tickets.errors import Unavailable
from tickets.ports import Announcing

LONG_S = 60.0
SHORT_S = 0.2


@pytest.fixture(scope="module")
def bare() -> Iterator[Servers]:
    """A server without IDLE."""
    with running_servers("IMAP4rev1 NAMESPACE LITERAL+") as running:
        yield running


@pytest.fixture(params=["idle", "without idle"])
def bench(request: pytest.FixtureRequest) -> Iterator[ImapBench]:
    bench = ImapBench(request.getfixturevalue("servers" if request.param == "idle" else "bare"))
    settings = ImapSettings.read(bench.settings, bench.address)
    bench.mailbox = ImapMailbox(bench.address, settings, Passwords.read(PASSWORD), poll_every_s=SHORT_S)
    yield bench
    bench.close()


async def test_it_says_nothing_when_nothing_comes(bench: ImapBench) -> None:
    assert isinstance(bench.mailbox, Announcing)
    assert not await bench.mailbox.announced(SHORT_S)
    assert not await bench.mailbox.announced(SHORT_S)


async def test_a_mail_that_arrives_while_it_waits_is_announced(bench: ImapBench) -> None:
    await bench.mailbox.announced(SHORT_S)
    waiting = asyncio.create_task(bench.mailbox.announced(LONG_S))
    await asyncio.sleep(SHORT_S)
    bench.receive(a_mail())

    assert await waiting


async def test_a_mail_that_came_between_two_waits_is_announced_at_once(bench: ImapBench) -> None:
    await bench.mailbox.announced(SHORT_S)
    bench.receive(a_mail())

    assert await bench.mailbox.announced(LONG_S)
    assert not await bench.mailbox.announced(SHORT_S)


async def test_closing_ends_the_wait(bench: ImapBench) -> None:
    waiting = asyncio.create_task(bench.mailbox.announced(LONG_S))
    await asyncio.sleep(SHORT_S)

    bench.mailbox.close()

    assert not await asyncio.wait_for(waiting, LONG_S / 2)


async def test_a_wait_that_was_given_up_leaves_the_line_to_the_next(bench: ImapBench) -> None:
    await bench.mailbox.announced(SHORT_S)
    waiting = asyncio.create_task(bench.mailbox.announced(LONG_S))
    await asyncio.sleep(SHORT_S)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    bench.receive(a_mail())

    assert await asyncio.wait_for(bench.mailbox.announced(LONG_S), LONG_S / 2)


async def test_a_server_that_hangs_up_is_said_and_then_asked_again(servers: Servers) -> None:
    async with Wire(servers.ports["imap"]) as wire:
        bench = ImapBench(servers, servers.in_the_clear(imap_port=str(wire.port)))
        await bench.mailbox.announced(SHORT_S)
        waiting = asyncio.create_task(bench.mailbox.announced(LONG_S))
        await asyncio.sleep(SHORT_S)
        wire.cut()

        with pytest.raises(Unavailable):
            await asyncio.wait_for(waiting, LONG_S / 2)
        wire.is_open = True
        bench.receive(a_mail())

        assert await bench.mailbox.announced(LONG_S)
        bench.close()
