"""Lets the web pages of an Agent Inbox call its routes here, from the origins that are set and from no others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.captured import send_whole
from api.inbox import PREFIX

_ALLOWED: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "authorization, content-type, x-api-key, x-auth-scheme",
    "Access-Control-Max-Age": "600",
}


@dataclass(frozen=True, slots=True)
class InboxCors:
    """Wraps the application; what is outside the prefix passes untouched."""

    app: ASGIApp
    origins: Sequence[str]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = _header(scope, b"origin") if scope["type"] == ScopeType.HTTP else ""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(f"{PREFIX}/") or origin not in self.origins:
            await self.app(scope, receive, send)
        elif _header(scope, b"access-control-request-method"):
            await send_whole(send, 204, {**_origin(origin), **_ALLOWED}, b"")
        else:
            await self.app(scope, receive, _telling(origin, send))


def _telling(origin: str, send: Send) -> Send:
    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableScopeHeaders.from_message(message)
            for name, value in _origin(origin).items():
                headers[name] = value
            headers["Access-Control-Expose-Headers"] = "Content-Location, X-Request-Id, Retry-After"
        await send(message)

    return telling


def _origin(origin: str) -> dict[str, str]:
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
