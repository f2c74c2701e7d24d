"""A whole desk on an IMAP account: real rules and tables, a clock that the test moves."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.imap import ImapMailbox
from tests.agent.hands import rebuilt
from tests.agent.world import ADDRESS, World, a_world
from tests.imap.servers import Servers, running_servers
from tests.imap.wire import Cut, Wire
from tests.ports.mailbox_benches import ImapBench, a_mail
from tickets.delivery import GIVE_UP_S
from tickets.mail import MailboxId
from tickets.outbox import OutboxState
from tickets.ports import Mailbox
from tickets.ticket import TicketId


@pytest.fixture
def servers() -> Iterator[Servers]:
    """Of each test's own: the desk has one address."""
    with running_servers() as running:
        yield running


@pytest.fixture
async def world(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    desk_file = tmp_path / "desk.db"
    shutil.copy(sqlite_template, desk_file)
    async with a_world(desk_file) as opened:
        yield opened


def on(world: World, mailbox: ImapMailbox) -> World:
    """The same desk, with that account as its mailbox."""

    async def open_mailbox(_: MailboxId) -> Mailbox:
        return mailbox

    return rebuilt(replace(world, sync=replace(world.sync, open_mailbox=open_mailbox)))


async def approved(world: World) -> TicketId:
    """The only ticket, its draft approved and due."""
    await world.sync.run()
    await world.work()
    [ticket] = await world.tickets()
    await world.approve(ticket.id)
    world.clock.advance(60)
    return ticket.id


async def state(world: World, ticket_id: TicketId) -> OutboxState | None:
    outgoing = await world.store.latest_outgoing(ticket_id)
    return outgoing.state if outgoing else None


async def test_folders_numbered_anew_make_no_second_tickets(world: World, servers: Servers) -> None:
    bench = ImapBench(servers, address=ADDRESS)
    for number in range(5):
        bench.receive(a_mail(f"Mail {number}"))
    bench.receive(a_mail("Without an id").replace(b"Message-ID:", b"X-Was:", 1))
    await on(world, bench.mailbox).sync.run()
    bench.number_anew()

    [report] = await on(world, bench.mailbox).sync.run()

    assert (report.opened, report.appended, report.reasons) == (0, 0, {"already on record": 6})
    assert len(await world.tickets()) == 6
    bench.close()


async def test_an_approved_reply_leaves_and_is_no_mail_of_the_next_sync(world: World, servers: Servers) -> None:
    bench = ImapBench(servers, address=ADDRESS)
    bench.receive(a_mail())
    desk = on(world, bench.mailbox)
    ticket_id = await approved(desk)

    await desk.work()
    [report] = await desk.sync.run()

    assert await state(desk, ticket_id) is OutboxState.SENT
    assert [recipient for recipient, _ in servers.deliveries(bench.address)] == ["anna@example.net"]
    assert (report.opened, report.appended, report.quarantined) == (0, 0, 0)
    bench.close()


async def test_a_lost_answer_ends_with_a_person_and_is_never_sent_twice(world: World, servers: Servers) -> None:
    async with Wire(servers.ports["smtp"], Cut.AFTER_ACCEPT) as wire:
        bench = ImapBench(servers, servers.in_the_clear(smtp_port=str(wire.port)), address=ADDRESS)
        bench.receive(a_mail())
        desk = on(world, bench.mailbox)
        ticket_id = await approved(desk)

        await desk.work()
        at_first = await state(desk, ticket_id)
        for _ in range(6):
            desk.clock.advance(GIVE_UP_S / 3)
            await desk.work()

        assert (at_first, await state(desk, ticket_id)) == (OutboxState.UNKNOWN, OutboxState.NEEDS_HUMAN)
        assert len(bench.left()) == 1
        bench.close()


async def test_a_line_that_broke_before_anything_left_is_tried_again_by_itself(world: World, servers: Servers) -> None:
    async with Wire(servers.ports["smtp"], Cut.AT_RCPT) as wire:
        bench = ImapBench(servers, servers.in_the_clear(smtp_port=str(wire.port)), address=ADDRESS)
        bench.receive(a_mail())
        desk = on(world, bench.mailbox)
        ticket_id = await approved(desk)

        await desk.work()
        desk.clock.advance(GIVE_UP_S)
        await desk.work()

        assert await state(desk, ticket_id) is OutboxState.SENT
        assert len(bench.left()) == 1
        bench.close()
