"""ETag, If-None-Match and If-Match (RFC 9110, sections 8.8.3 and 13.1) for everything that REST serves.

The tag is the hash of the representation itself, so it changes exactly when what a script would read changes. An edit
of a ticket may name the tag of the ticket or of its draft; that nothing happened to the ticket since is checked again
in the edit's own transaction.
"""

import hashlib
import re
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from api.captured import Captured
from api.links import link
from api.security import REQUEST_ID
from api.services import Services
from tickets.errors import BadInput, Outdated
from tickets.preconditions import Unchanged, under
from tickets.ticket import TicketId

EDITS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CACHE: Final = "private, no-cache"
_INNER: Final = "ca_inner"
_TAG: Final = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
# RFC 9110, section 8.8.3, as a pattern that the schema can show too. An own tag is ASCII; others may be anything else.
TAGS: Final = r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'
_TAGS: Final = re.compile(TAGS)
_TICKET: Final = re.compile(r"(?P<ticket>.*/tickets/[0-9a-fA-F-]{36})(?:/.*)?")


class Identified(msgspec.Struct):
    """The one field of an answer that names what it shows."""

    id: UUID


class EntityTags(ASGIMiddleware):
    """Tags what is read, answers 304 to who has it already, and 412 to an edit of something that has changed."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        request: Request[Any, Any, Any] = Request(scope)
        if request.method == "GET":
            await self._read(request, receive, send, next_app)
        elif request.method in EDITS:
            captured = Captured(send)
            await self._edit(request, receive, captured, next_app)
            _tag_ticket(request, captured)
            await captured.release()
        else:
            await next_app(scope, receive, send)

    async def _read(self, request: Request[Any, Any, Any], receive: Receive, send: Send, next_app: ASGIApp) -> None:
        captured, known = Captured(send), _tags_in(request, "if-none-match")
        await next_app(request.scope, receive, captured)
        if captured.status == 200 and not captured.is_streaming:
            tag = captured.header("etag") or tag_of(captured.body)
            captured.set_header("etag", tag)
            if captured.header("cache-control") is None:
                captured.set_header("cache-control", CACHE)
            if known is not None and is_among(tag, known, weakly=True):
                captured.replace(304, b"")
        await captured.release()

    async def _edit(
        self, request: Request[Any, Any, Any], receive: Receive, captured: Captured, next_app: ASGIApp
    ) -> None:
        wanted = _tags_in(request, "if-match")
        if wanted is None:
            await next_app(request.scope, receive, captured)
            return
        ticket_id: Any = request.path_params.get("ticket_id")
        if not isinstance(ticket_id, UUID):
            await _require(request, wanted, _above(request.scope["path"]))
            await next_app(request.scope, receive, captured)
            return
        services: Services = request.app.state.services
        events = len(await services.store.events(TicketId(ticket_id)))
        await _require(request, wanted, _of_ticket(request.scope["path"]))
        with under(Unchanged(TicketId(ticket_id), events)):
            await next_app(request.scope, receive, captured)


def tag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_among(tag: str, listed: str, *, weakly: bool = False) -> bool:
    """Whether a header's list names the tag; a weak one counts only for reading."""
    if listed.strip() == "*":
        return True
    named = {mark[2] for mark in _TAG.finditer(listed) if weakly or not mark[1]}
    return tag.strip('"') in named


def _tags_in(request: Request[Any, Any, Any], header: str) -> str | None:
    """What the header says. Raises BadInput when that is no tag."""
    said = request.headers.get(header)
    if said is not None and not _TAGS.fullmatch(said):
        raise BadInput('A condition takes * or ETags as they were served, with their quotes: "0f3c...".')
    return said


def is_inner(scope: Scope) -> bool:
    """Whether the desk asks itself."""
    return scope["state"].get(_INNER) is True


def _of_ticket(path: str) -> list[str]:
    found = _TICKET.fullmatch(path)
    return [found["ticket"], f"{found['ticket']}/draft"] if found else [path]


def _above(path: str) -> list[str]:
    """Where the thing is read: at its own address, or, for a part of it, at that of the whole."""
    return [path, path.rpartition("/")[0]]


async def _require(request: Request[Any, Any, Any], wanted: str, paths: list[str]) -> None:
    """Raises Outdated unless one of these resources is as the caller saw it."""
    for path in paths:
        tag = await _current_tag(request, path)
        if tag is not None and is_among(tag, wanted):
            return
    raise Outdated("It has changed since you read it, or is not there. Get it again, look, and send your change anew.")


async def _current_tag(request: Request[Any, Any, Any], path: str) -> str | None:
    """The tag under which the caller would read that address now: the desk asks itself, with the caller's token."""
    outer = request.scope
    kept = ("host", "authorization", "x-api-key")
    scope: Any = {
        **{
            name: outer.get(name)
            for name in ("type", "asgi", "http_version", "scheme", "root_path", "client", "server")
        },
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name, value) for name, value in outer["headers"] if name.decode().lower() in kept],
        "state": {REQUEST_ID: outer["state"].get(REQUEST_ID), _INNER: True},
        "app": outer["litestar_app"],
        "litestar_app": outer["litestar_app"],
    }
    captured = Captured(_nowhere, may_stream=False)
    try:
        await outer["litestar_app"].asgi_router(scope, _nothing, captured)
    except HTTPException:
        return None  # there is nothing to read at that address
    return captured.header("etag") if captured.status == 200 else None


async def _nowhere(_: Any) -> None:
    """What is only looked at is not sent."""


async def _nothing() -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}


def _tag_ticket(request: Request[Any, Any, Any], captured: Captured) -> None:
    """An edit that answers with the ticket in full gives the tag under which it is read from now on."""
    if captured.status not in (200, 202) or captured.is_streaming or not _answers_ticket(request):
        return
    shown = msgspec.json.decode(captured.body, type=Identified)
    captured.set_header("etag", tag_of(captured.body))
    captured.set_header("content-location", link(request, f"/tickets/{shown.id}"))


def _answers_ticket(request: Request[Any, Any, Any]) -> bool:
    handler: Any = request.scope["route_handler"]
    return "FullTicketOut" in str(handler.parsed_return_field.annotation)
