"""Live pages: one look at the database for all of them, news within a second, and an end when it must end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
import uvicorn

from api.stream import Pulse, close_streams, events, is_valid, people_of, pulse_of
from tests.web.site import Site
from tickets.audit import AuditEvent, EventKind
from tickets.people import Role

LONG_S = 20.0  # a limit for tests that hang; nothing waits for it


class CountedBoards:
    """A version that the test sets, and how often it was looked at."""

    def __init__(self) -> None:
        self.number = 1
        self.looks = 0
        self.fault: Exception | None = None

    async def version(self) -> int:
        self.looks += 1
        if self.fault:
            fault, self.fault = self.fault, None
            raise fault
        return self.number


def pulse_over(boards: CountedBoards) -> Pulse:
    return Pulse(boards, look_every_s=0.001)  # type: ignore[arg-type]


@asynccontextmanager
async def served(site: Site) -> AsyncIterator[tuple[uvicorn.Server, str, "asyncio.Task[None]"]]:
    """The application behind a real HTTP server."""
    config = uvicorn.Config(site.app, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield server, f"http://127.0.0.1:{port}", running
    finally:
        close_streams(site.app)
        server.should_exit = True
        await asyncio.wait_for(running, LONG_S)


@asynccontextmanager
async def listening(site: Site, address: str) -> AsyncIterator[AsyncIterator[str]]:
    cookie, _ = await site.session_of(Role.VIEWER)
    headers = {"cookie": f"ca_session={cookie}", "host": "desk.example"}
    async with (
        httpx.AsyncClient(headers=headers, timeout=LONG_S) as client,
        client.stream("GET", f"{address}/boards/stream") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.aiter_lines()


async def next_version(lines: AsyncIterator[str]) -> int:
    async for line in lines:
        if line.startswith("data: "):
            return int(line.removeprefix("data: "))
    raise AssertionError("the stream ended")


async def test_an_open_page_hears_of_a_new_ticket(site: Site) -> None:
    async with served(site) as (_, address, _), listening(site, address) as lines:
        before = await next_version(lines)
        await site.ticket()
        after = await next_version(lines)

    assert after > before


async def test_the_server_stops_while_pages_are_open(site: Site) -> None:
    async with served(site) as (server, address, running), listening(site, address) as lines:
        await next_version(lines)
        close_streams(site.app)
        server.should_exit = True

        await asyncio.wait_for(running, LONG_S)

    assert running.done()


async def test_a_page_that_was_closed_leaves_nobody_looking(site: Site) -> None:
    async with served(site) as (_, address, _):
        async with listening(site, address) as lines:
            await next_version(lines)
        pulse = pulse_of(site.app, site.services.boards)

        async with asyncio.timeout(LONG_S):
            while pulse.is_looking:  # noqa: ASYNC110 - the end of a request is seen by nobody else
                await asyncio.sleep(0.01)


async def test_a_page_hears_the_version_at_once_and_then_each_change() -> None:
    boards = CountedBoards()
    versions = pulse_over(boards).versions()

    first = await anext(versions)
    boards.number = 7
    second = await anext(versions)
    await versions.aclose()

    assert (first, second) == (1, 7)


async def test_many_pages_share_one_look() -> None:
    boards = CountedBoards()
    pulse = Pulse(boards, look_every_s=LONG_S)  # type: ignore[arg-type]

    pages = [pulse.versions() for _ in range(20)]
    heard = await asyncio.gather(*(anext(page) for page in pages))
    for page in pages:
        await page.aclose()

    assert heard == [1] * 20
    assert boards.looks == 1


async def test_silence_is_filled_so_that_the_connection_stays_open() -> None:
    versions = pulse_over(CountedBoards()).versions(heartbeat_s=0.01)

    await anext(versions)
    quiet = await anext(versions)
    await versions.aclose()

    assert quiet is None


async def test_a_database_that_is_busy_for_a_moment_does_not_end_the_pages() -> None:
    boards = CountedBoards()
    boards.fault = RuntimeError("database is locked")
    versions = pulse_over(boards).versions()

    heard = await asyncio.wait_for(anext(versions), LONG_S)
    await versions.aclose()

    assert heard == 1


async def test_closing_ends_every_page() -> None:
    pulse = pulse_over(CountedBoards())
    pages = [pulse.versions() for _ in range(3)]
    for page in pages:
        await anext(page)

    endings = [asyncio.create_task(anext(page, -1)) for page in pages]
    await asyncio.sleep(0)
    pulse.close()

    assert await asyncio.wait_for(asyncio.gather(*endings), LONG_S) == [-1, -1, -1]


async def test_the_stream_ends_when_the_session_is_gone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.stream.RECHECK_S", 0.0)
    _, session = await site.session_of(Role.VIEWER)
    stream = events(site.services, pulse_over(CountedBoards()), session, people_of(site.app, site.services))
    opening = await anext(stream)
    await site.accounts.drop_session(session.id_hash, AuditEvent(EventKind.LOGGED_OUT, "viewer", site.clock.now()))
    rest = [line async for line in stream]

    assert opening == b"retry: 2000\n\n"
    assert rest == []


async def test_a_login_that_was_idle_or_open_for_too_long_is_over(site: Site) -> None:
    _, session = await site.session_of(Role.VIEWER)
    settings, now = site.services.settings, site.clock.now()
    idle = timedelta(seconds=settings.session_idle_s)
    whole = timedelta(seconds=settings.session_max_s)

    assert is_valid(session, settings, now)
    assert not is_valid(session, settings, now + idle)
    assert not is_valid(replace(session, last_seen_at=now + whole), settings, now + whole)
