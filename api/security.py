"""The outermost layer: known hosts only, a request id of our own, the headers that keep pages inside their fences."""

import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

# A handler that sets one of these itself (a download's stricter policy, a cacheable asset) keeps its own.
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

REQUEST_ID: Final = "ca_request_id"
_HOST: Final = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?")
_log = structlog.get_logger()


def request_id_of(scope: Scope) -> str:
    """The id under which this request is in the log."""
    return str(scope["state"].get(REQUEST_ID, "unknown"))


@dataclass(frozen=True, slots=True)
class Fence:
    """Wraps the whole application, so that its own 404s are fenced in too."""

    app: ASGIApp
    allowed_hosts: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The id is always made here: one from outside could forge lines of the log.
        request_id = secrets.token_hex(8)
        scope["state"][REQUEST_ID] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._answer(scope, receive, _Fenced(scope, send, request_id, time.perf_counter()))

    async def _answer(self, scope: Scope, receive: Receive, send: "_Fenced") -> None:
        if is_allowed(_host(scope), self.allowed_hosts):
            await self.app(scope, receive, send)
        elif scope["type"] == ScopeType.HTTP:
            await _refuse(send)
        else:
            await send({"type": "websocket.close", "code": 4400, "reason": "unknown host"})


@dataclass(frozen=True, slots=True)
class _Fenced:
    """Adds the headers where an answer starts, and one line to the log."""

    scope: Scope
    send: Send
    request_id: str
    started: float

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self.request_id
            self._tell_log(message["status"])
        await self.send(message)

    def _tell_log(self, status: int) -> None:
        # The route's pattern, not the address asked for: queries and unknown paths may hold anything.
        route = self.scope.get("path_template") or "unknown"
        ticket_id = self.scope.get("path_params", {}).get("ticket_id")
        about = {"ticket_id": str(ticket_id)} if ticket_id else {}
        took_ms = round((time.perf_counter() - self.started) * 1000, 1)
        _log.info("request", method=self.scope.get("method"), route=route, status=status, took_ms=took_ms, **about)


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether a Host header names one of ours; `*` allows any, `*.example.com` each name below that."""
    parts = _HOST.fullmatch(host.lower())
    if parts is None:
        return False
    name = parts[1].strip("[]")
    return any(_fits(name, pattern.lower().strip("[]")) for pattern in allowed)


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return pattern in ("*", name)


def _host(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")


async def _refuse(send: "_Fenced") -> None:
    body = b"This desk does not answer under that host name. Add it to the allowed hosts, or use one of them.\n"
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
