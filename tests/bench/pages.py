"""What a board and a ticket page cost, against a bare handler of the same framework that returns static bytes."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar, get

from persistence.migrate import upgrade
from tests.web.site import build_site
from tickets.people import Role

ROUNDS = 150


@dataclass(frozen=True)
class Pages:
    """CPU seconds for one request."""

    floor: float
    board: float
    ticket: float


@get("/", media_type="text/plain")
async def static_bytes() -> bytes:
    return b"ok"


async def cpu_of(visitor: httpx.AsyncClient, path: str, rounds: int = ROUNDS) -> float:
    """CPU seconds of this process a request, client included, after a few to warm up."""
    for _ in range(10):
        await visitor.get(path)
    started = time.process_time()
    for _ in range(rounds):
        answer = await visitor.get(path)
        assert answer.status_code == 200, answer.status_code
    return (time.process_time() - started) / rounds


async def measure(folder: Path, tickets: int) -> Pages:
    """Over a desk with that many tickets, each with a draft."""
    bare: Any = httpx.ASGITransport(Litestar([static_bytes], logging_config=None))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=bare, base_url="http://floor.example") as visitor:
        floor = await cpu_of(visitor, "/")
    url = f"sqlite:///{folder / 'pages.db'}"
    upgrade(url)
    site = await build_site(url)
    for number in range(tickets):
        ticket = await site.ticket(f"Inverter {number} shows an error")
        await site.draft(ticket)
    await site.operator(Role.ADMIN)
    async with await site.browser() as visitor:
        board = await cpu_of(visitor, "/boards/needs-action")
        page = await cpu_of(visitor, f"/boards/tickets/{ticket.id}")
    await site.database.close()
    return Pages(floor, board, page)
