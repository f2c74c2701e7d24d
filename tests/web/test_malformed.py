"""Whatever is sent to whichever route: the answer is no fault of the desk's own.

Every route of the application is asked, as it declares itself, by an administrator or a token with every scope.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from litestar import Litestar

from tests.web.routes import Declared, declared_routes
from tests.web.site import Site
from tickets.people import Role, Scope

DEEP = b"[" * 100_000
BOUNDARY = b"multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00.txt"\r\n\r\n\xff\xfe\x00\r\n'

# A content type and a body. What JSON, forms and multipart parsers have stumbled over.
BODIES: dict[str, tuple[bytes, bytes]] = {
    "no body at all": (b"", b""),
    "broken JSON": (b"application/json", b'{"a": '),
    "JSON that is not UTF-8": (b"application/json", b'{"email": "\xff\xfe", "text": "\xc3\x28"}'),
    "JSON of another kind": (b"application/json", b'["a", 1, null]'),
    "a number beyond any": (b"application/json", b'{"revision": 1e999, "days": ' + b"9" * 5000 + b"}"),
    "a lone surrogate": (b"application/json", rb'{"name": "\ud800", "text": "\ud800", "email": "\ud800@x.org"}'),
    "NUL in every field": (b"application/json", rb'{"name": "\u0000", "text": "\u0000", "reason": "\u0000"}'),
    "deep nesting": (b"application/json", DEEP),
    "deep nesting in a field": (b"application/json", b'{"a":' * 50_000),
    "nulls": (b"application/json", b'{"name": null, "email": null, "revision": null, "scopes": null, "text": null}'),
    "a form that is not UTF-8": (b"application/x-www-form-urlencoded", b"name=%ff%fe&email=%c3%28&role=%80"),
    "a form with NUL": (b"application/x-www-form-urlencoded", b"name=%00&email=%00%40x&text=%00&revision=%00"),
    "a form with huge numbers": (
        b"application/x-www-form-urlencoded",
        b"revision=" + b"9" * 5000 + b"&into=" + b"9" * 400,
    ),
    "a form of many fields": (b"application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5000))),
    "a form that repeats itself": (b"application/x-www-form-urlencoded", b"name=a&name=b&revision=1&revision=2&role=x"),
    "multipart without its boundary": (b"multipart/form-data", PART),
    "multipart that breaks off": (BOUNDARY, PART),
    "multipart of another boundary": (BOUNDARY, PART.replace(b"--x", b"--y")),
    "multipart of nothing": (BOUNDARY, b"--x--\r\n"),
    "multipart of rubbish": (BOUNDARY, b"--x\r\n\r\n--x\r\nContent-Disposition: \xff\r\n\r\n--x--\r\n"),
    "an unknown kind": (b"application/x-unheard-of", b"\x00\x01\x02"),
    "a kind that is no kind": (b"\xff/\xfe;;;charset", b"{}"),
    "an unknown charset": (b"application/json; charset=utf-99", b"{}"),
    "XML": (
        b"application/xml",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    ),
}

# What stands in the holes of an address, and in its query.
HOLES = [
    "\0",
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "%",
    "..",
    "../../etc/passwd",
    "a" * 4000,
    "-1",
]
QUERIES = [
    b"cursor=%00&limit=-1&page=x&q=%00&version=x",
    b"limit=" + b"9" * 400 + b"&cursor=" + b"A" * 4000,
    b"q=%ff%fe&cursor=%ff&next=%ff&since=%ff&before=%ff",
    b"q=" + quote("\"(from:) OR NEAR/ *^:{}'; DROP TABLE", safe="").encode() + b"&cursor=e30",
    b"&&&=&=x&limit=&cursor=&limit=1&limit=2&unread=maybe&from=yesterday&to=2026-99-99",
    b"cursor=bnVsbA&cursor=W10&since=99999-01-01&after=0000-00-00&category=%00&assignee=%00",
]


@dataclass
class Asked:
    """One request, what it is about, and whether its body was looked at."""

    about: str
    method: str
    path: str
    query: bytes = b""
    content_type: bytes = b""
    body: bytes = b""
    was_read: bool = False


def requests_to(route: Declared, known: Mapping[str, str]) -> Iterator[Asked]:
    """With everything that is there in the holes of the address, so that what is asked gets as far as it can."""
    address = route.at(known)
    for name, (content_type, body) in BODIES.items() if route.is_change else ():
        yield Asked(name, route.method, address, b"", content_type, body)
    for query in QUERIES:
        yield Asked(f"?{query[:40].decode('latin-1')}", route.method, address, query)
    for hole in HOLES if "{" in route.path else ():
        filled = route.filled(hole)
        yield Asked(f"{hole[:20]!r} in the address", route.method, filled)


async def status_of(app: Litestar, asked: Asked, headers: dict[str, str]) -> int:
    """The status of the answer; an endless one is left after its start."""
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    given = [(b"host", b"desk.example"), *((name.encode(), value.encode()) for name, value in headers.items())]
    given += [(b"content-type", asked.content_type)] if asked.content_type else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": asked.method,
        "scheme": "http",
        "path": asked.path,
        "raw_path": quote(asked.path).encode(),
        "query_string": asked.query,
        "root_path": "",
        "headers": [*given, (b"content-length", str(len(asked.body)).encode())],
        "client": ("127.0.0.1", 40000),
        "server": ("desk.example", 80),
    }

    async def receive() -> dict[str, Any]:
        asked.was_read = True
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and not started.done():
            started.set_result(message["status"])

    answering = asyncio.create_task(app(scope, receive, send))  # type: ignore[arg-type]
    either: set[asyncio.Future[Any]] = {started, answering}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return started.result() if started.done() else 599
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def caller_of(site: Site, route: Declared) -> dict[str, str]:
    """Somebody whom the route opens to; anew, because some routes end what they are asked with."""
    if route.is_rest:
        async with await site.script(*Scope) as client:
            return {"authorization": client.headers["authorization"]}
    cookie, session = await site.session_of(Role.ADMIN)
    return {
        "cookie": f"ca_session={cookie}; ca_form=known",
        "x-csrf-token": "known" if route.is_public else session.csrf,
    }


async def what_is_there(site: Site) -> dict[str, str]:
    """The ids of a ticket with a draft and a file, of its mail, and of whatever else has an address."""
    ticket = await site.ticket()
    await site.draft(ticket)
    (message,) = (await site.services.store.conversation(ticket.id)).messages
    await site.script(Scope.READ)
    (token,) = await site.accounts.tokens()
    (mailbox,) = await site.services.store.mailboxes()
    return {
        "ticket_id": str(ticket.id),
        "mail_id": str(message.id),
        "sha256": message.mail.attachments[0].sha256,
        "operator_id": str((await site.operator(Role.VIEWER)).id),
        "token_id": str(token.id),
        "mailbox_id": str(mailbox.id),
    }


async def test_no_request_to_any_route_is_a_fault_of_the_desk(site: Site) -> None:
    unlimited, known = site.with_settings(rate_limit=0), await what_is_there(site)
    faults = []
    for route in declared_routes(unlimited.app):
        headers = await caller_of(unlimited, route)
        for asked in requests_to(route, known):
            status = await status_of(unlimited.app, asked, headers)
            if status == 401 and route.is_change:
                headers = await caller_of(unlimited, route)
            if status >= 500:
                faults.append(f"{route}: {asked.about}: {status}")

    assert "\n".join(faults) == ""


async def test_no_route_reads_a_body_beyond_its_limit(site: Site) -> None:
    unlimited = site.with_settings(rate_limit=0)
    taken = []
    for route in [route for route in declared_routes(unlimited.app) if route.is_change]:
        kind = b"application/json" if route.is_rest else b"application/x-www-form-urlencoded"
        huge = Asked("huge", route.method, route.address, b"", kind, b"x" * 60_000_000)
        status = await status_of(unlimited.app, huge, await caller_of(unlimited, route))
        # What never looks at its body may answer as ever.
        if status >= 500 or (huge.was_read and status < 400):
            taken.append(f"{route}: {status}")

    assert "\n".join(taken) == ""


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "get", "X" * 300])
async def test_an_unknown_method_is_refused(method: str, site: Site) -> None:
    assert 400 <= await status_of(site.app, Asked("method", method, "/boards/new"), {}) < 500
