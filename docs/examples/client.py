"""A typed client of the desk's REST interface, in one file: copy it into your own program and cut it to your needs.

It shows the three habits that keep a script safe: every change carries an Idempotency-Key and may be sent again, every
edit names the ETag of what was seen, and every error is read as a problem document.

    desk = Desk("http://127.0.0.1:8000", token)
    for line in desk.tickets(status="NEEDS_ACTION"):
        ticket = desk.ticket(line.id)
        desk.write_draft(ticket, f"Re: {ticket.subject}", "Thank you; we look into it.")
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import msgspec

T = TypeVar("T")

ATTEMPTS = 4


class Address(msgspec.Struct):
    address: str
    name: str | None = None


class Draft(msgspec.Struct):
    """The newest revision of the reply. An approval names its `revision` and `content_hash`."""

    revision: int
    subject: str
    body: str
    content_hash: str
    state: str


class Delivery(msgspec.Struct):
    state: str
    detail: str | None = None


class Line(msgspec.Struct):
    """A ticket as lists show it. Members that are not named here are left out when it is read."""

    id: UUID
    number: int
    status: str
    subject: str
    requester: Address


class Ticket(Line, kw_only=True):
    """A ticket in full. `etag` is set by the client: it says which state of the ticket this is."""

    draft: Draft | None
    delivery: Delivery
    etag: str = ""


class Page(msgspec.Struct):
    items: list[Line]
    next_cursor: str | None


@dataclass
class Problem(Exception):
    """What the desk answered instead (RFC 9457). `slug` is the stable end of its type, such as `stale-draft`."""

    status: int
    slug: str
    detail: str

    def __str__(self) -> str:
        return f"{self.status} {self.slug}: {self.detail}"


class Desk:
    """The desk at one address, with one token. Also a context manager."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=90.0)

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def tickets(self, status: str | None = None, q: str | None = None) -> Iterator[Line]:
        """All of them, page by page."""
        asked: dict[str, Any] = {"status": status, "q": q, "limit": 100}
        while True:
            page = _read(self._send("GET", "/tickets", params=_given(asked)), Page)
            yield from page.items
            if page.next_cursor is None:
                return
            asked["cursor"] = page.next_cursor

    def ticket(self, ticket_id: UUID) -> Ticket:
        return _ticket(self._send("GET", f"/tickets/{ticket_id}"))

    def write_draft(self, seen: Ticket, subject: str, body: str) -> Ticket:
        """Write a reply in place of the draft that was seen. Problem `outdated` when the ticket has changed since."""
        written = {"subject": subject, "body": body, "revision": seen.draft.revision if seen.draft else 0}
        return _ticket(self._change(f"/tickets/{seen.id}/draft", written, seen))

    def approve(self, seen: Ticket) -> Ticket:
        """Approve exactly what was seen; it leaves when the undo window is over."""
        if seen.draft is None:
            raise ValueError("the ticket has no draft to approve")
        shown = {"revision": seen.draft.revision, "content_hash": seen.draft.content_hash}
        return _ticket(self._change(f"/tickets/{seen.id}/approve_send", shown, seen))

    def close(self, seen: Ticket) -> Ticket:
        return _ticket(self._change(f"/tickets/{seen.id}/status", {"status": "DONE"}, seen))

    def _change(self, path: str, body: dict[str, Any], seen: Ticket) -> httpx.Response:
        headers = {"Idempotency-Key": str(uuid4()), "If-Match": seen.etag}
        return self._send("POST", path, json=body, headers=headers)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Sends again what may be sent again: after a lost answer, a busy key, too many requests."""
        for attempt in range(1, ATTEMPTS + 1):
            wait_s = 2.0**attempt / 4
            try:
                answer = self._http.request(method, path, **request)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
            else:
                if answer.is_success:
                    return answer
                problem = _problem(answer)
                if attempt == ATTEMPTS or problem.slug not in ("key-busy", "too-many-requests", "unavailable"):
                    raise problem
                wait_s = float(answer.headers.get("Retry-After", wait_s))
            time.sleep(wait_s)
        raise AssertionError("the last attempt returns or raises")


def _read(answer: httpx.Response, shape: type[T]) -> T:
    return msgspec.json.decode(answer.content, type=shape)


def _ticket(answer: httpx.Response) -> Ticket:
    ticket = _read(answer, Ticket)
    ticket.etag = answer.headers["ETag"]
    return ticket


def _problem(answer: httpx.Response) -> Problem:
    if answer.headers.get("Content-Type") != "application/problem+json":
        return Problem(answer.status_code, "no-problem-document", answer.reason_phrase)
    told = answer.json()
    return Problem(told["status"], told["type"].rpartition(":")[2], told["detail"])


def _given(asked: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asked.items() if value is not None}
