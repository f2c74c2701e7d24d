"""Asking the application, and reading what it answers."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
from litestar import Litestar


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert found, "the page has no form token"
    return found[1]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem document, after checking that it is one."""
    told: dict[str, Any] = answer.json()
    assert answer.status_code == status == told["status"], told
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} <= set(told)
    return told


async def status_of(app: Litestar, method: str, address: str, headers: Mapping[str, str]) -> tuple[int, str]:
    """The status, and where it sends the caller (empty when nowhere); endless streams can be asked too."""
    started: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    answering = asyncio.create_task(_ask(app, method, address, headers, started))
    either: set[asyncio.Future[Any]] = {started, answering}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        start = started.result()
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)
    location = dict(start["headers"]).get(b"location", b"").decode()
    return start["status"], location


async def _ask(
    app: Litestar, method: str, address: str, headers: Mapping[str, str], started: "asyncio.Future[dict[str, Any]]"
) -> None:
    url = urlsplit(address)
    given = {"host": "desk.example", "content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 40000),
        "server": ("desk.example", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not started.done():
            started.set_result(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
