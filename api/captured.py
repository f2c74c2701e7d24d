"""An answer that is held back until it is whole, so that something can be done with it before it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from litestar.types import Message, Receive, Send


@dataclass(slots=True)
class Captured:
    """Takes the messages of one answer in place of the server. What comes in pieces goes on at once if `may_stream`."""

    send: Send
    may_stream: bool = True
    status: int = 0
    raw_headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    is_streaming: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.raw_headers = message["status"], list(message["headers"])
            return
        if message["type"] != "http.response.body":
            await self.send(message)
            return
        if message.get("more_body") and self.may_stream and not self.is_streaming:
            self.is_streaming = True
            await self.send(self._start())
        if self.is_streaming:
            await self.send(message)
            return
        self.body += message.get("body", b"")

    def header(self, name: str) -> str | None:
        """The value of a header, by its lower-case name."""
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self.raw_headers if key.lower() == wanted), None)

    def set_header(self, name: str, value: str) -> None:
        wanted = name.lower().encode()
        kept = [(key, had) for key, had in self.raw_headers if key.lower() != wanted]
        self.raw_headers = [*kept, (wanted, value.encode("latin-1"))]

    def replace(self, status: int, body: bytes) -> None:
        """Answer this instead; the headers stay, apart from the length."""
        self.status, self.body = status, body
        self.set_header("content-length", str(len(body)))

    async def release(self) -> None:
        """Let the whole answer go."""
        if not self.is_streaming:
            await self.send(self._start())
            await self.send({"type": "http.response.body", "body": self.body, "more_body": False})

    def _start(self) -> Any:
        return {"type": "http.response.start", "status": self.status, "headers": self.raw_headers}


async def send_whole(send: Send, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Send an answer that is known as a whole."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def whole_body(receive: Receive, limit: int | None) -> tuple[bytes, Receive]:
    """The request's body, and a `receive` that gives it once more; at most one piece is read past the limit."""
    pieces: list[bytes] = []
    more, size = True, 0
    while more and (limit is None or size <= limit):
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(pieces), _first(message, receive)
        pieces.append(message.get("body", b""))
        size, more = size + len(pieces[-1]), message.get("more_body", False)
    body = b"".join(pieces)
    return body, _first({"type": "http.request", "body": body, "more_body": more}, receive)


def _first(message: Any, receive: Receive) -> Receive:
    waiting = [message]

    async def next_message() -> Any:
        return waiting.pop() if waiting else await receive()

    return next_message
