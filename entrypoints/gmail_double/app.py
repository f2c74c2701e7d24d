"""The double as an ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs

from entrypoints.gmail_double import batch, control, oauth, routes
from entrypoints.gmail_double.state import Double
from entrypoints.gmail_double.wire import Reply, Request, Wire

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def create_double(double: Double) -> Application:
    """The ASGI application of this double.

    To drop a connection it needs the server of this package; under another server, or in a test
    without one, a drop is a ConnectionResetError.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"The double speaks HTTP only, not {scope['type']}")
        reply = answer(double, await _read(scope, receive))
        await asyncio.sleep(reply.delay_s)
        if reply.wire is Wire.ANSWER:
            await _deliver(reply, double.now_ms(), send)
            return
        if reply.wire is Wire.DROP:
            _drop(scope)
        while (await receive())["type"] != "http.disconnect":
            pass

    return application


def answer(double: Double, request: Request) -> Reply:
    """What this double replies; nothing else happens to its state meanwhile."""
    with double.lock:
        double.settle()
        reply = _answered(double, request)
        double.settle()
        return reply


def _answered(double: Double, request: Request) -> Reply:
    for surface in (control.answer, oauth.answer, batch.answer):
        reply = surface(double, request)
        if reply is not None:
            return reply
    return routes.answer(double, request)


async def _read(scope: Scope, receive: Receive) -> Request:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope["query_string"].decode()
    # The Google client sends a GET with a long query as a POST whose body is the query.
    method = headers.get("x-http-method-override", str(scope["method"]))
    if method == "GET" and scope["method"] == "POST":
        query, body = body.decode(), b""
    return Request(method, scope["path"], parse_qs(query), headers, body)


async def _deliver(reply: Reply, now_ms: int, send: Send) -> None:
    """Dated by the double's own clock, as Google dates its answers by Google's."""
    headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    headers.append((b"date", formatdate(now_ms / 1000, usegmt=True).encode()))
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _drop(scope: Scope) -> None:
    drop_connection = scope.get("state", {}).get("drop_connection")
    if drop_connection is None:
        raise ConnectionResetError("A fault chosen by the test dropped this connection")
    drop_connection()
