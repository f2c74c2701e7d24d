"""A `serve` process is killed while it sends by SMTP, and the next one goes on: recipients have one mail at most."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.accounts import add_mailbox
from entrypoints.settings import Settings
from entrypoints.wiring import opened
from tests.imap.servers import PASSWORD, Servers
from tests.imap.wire import Cut, Wire
from tests.ports.mailbox_benches import ImapBench, a_mail
from tests.service import Home, Rest, Service, holding

pytestmark = pytest.mark.slow

# Named points of a delivery, and how many mails have left when the process dies there.
POINTS = {"before_submit": 0, "submitted": 1}


class Scene:
    """One desk with one ticket, whose service runs again and again."""

    def __init__(self, home: Home, bench: ImapBench, token: str) -> None:
        self.home, self.bench, self.token = home, bench, token

    def rest(self, service: Service) -> Rest:
        return Rest(service.url, self.token)

    def approve(self, service: Service) -> str:
        rest = self.rest(service)
        rest.sync()
        [line] = rest.tickets()
        assert rest.approve(rest.ticket(line["id"])).status == 202
        return str(line["id"])

    def left(self) -> int:
        return len(self.bench.left())


async def a_scene(tmp_path: Path, servers: Servers, **ports: str) -> Scene:
    """A desk on that account, and a customer who has written."""
    home = Home.at(tmp_path / "desk", CA_MODEL_PROVIDER="local")
    bench = ImapBench(servers, servers.in_the_clear(**ports))
    settings = Settings.read(home.environ)
    async with opened(settings, home.environ) as parts:
        await add_mailbox(parts, "imap", bench.address, bench.settings, PASSWORD)
    bench.receive(a_mail())
    return Scene(home, bench, home.token())


@pytest.fixture
async def wire(servers: Servers) -> AsyncIterator[Wire]:
    async with Wire(servers.ports["smtp"]) as wire:
        yield wire


@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_at_a_named_point_leaves_one_mail(tmp_path: Path, servers: Servers, point: str) -> None:
    scene = await a_scene(tmp_path, servers)

    with Service(scene.home, extra={"CA_CRASH_AT": f"hold:{point}"}) as first:
        ticket = scene.approve(first)
        holding(first, point)
        first.kill()
    by_then = scene.left()
    with Service(scene.home) as second:
        scene.rest(second).delivered(ticket)

    assert (by_then, scene.left()) == (POINTS[point], 1)
    assert scene.bench.hands.texts("Drafts") == []
    assert len(scene.bench.hands.texts("Sent Mail")) == 1
    scene.bench.close()


@pytest.mark.parametrize(("moment", "left"), [(Cut.HOLD_RCPT, 0), (Cut.HOLD_ACCEPT, 1)])
async def test_a_kill_in_the_middle_of_a_transmission_is_unknown_and_sends_no_second_mail(
    tmp_path: Path, servers: Servers, wire: Wire, moment: Cut, left: int
) -> None:
    scene = await a_scene(tmp_path, servers, smtp_port=str(wire.port))
    wire.cut_at = moment

    def begin() -> tuple[Service, str]:
        service = Service(scene.home).__enter__()
        return service, scene.approve(service)

    def go_on(ticket: str) -> dict[str, Any]:
        with Service(scene.home) as service:
            rest = scene.rest(service)
            rest.delivered(ticket, "unknown")
            rest.sync()
            return rest.ticket(ticket)

    first, ticket = await asyncio.to_thread(begin)
    await asyncio.wait_for(wire.reached.wait(), 60)
    first.kill()
    after = await asyncio.to_thread(go_on, ticket)

    assert after["delivery"]["state"] == "unknown"
    assert scene.left() == left
    scene.bench.close()
