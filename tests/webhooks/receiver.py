"""A receiver of webhooks on a port of its own, which checks signatures and answers as it is told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """What came, oldest first. `status` is what it answers."""

    url: str = ""
    status: int = 200
    location: str | None = None
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]

    def payloads(self, event: str) -> list[dict[str, Any]]:
        return [told["data"] for _, body in self.got if (told := json.loads(body))["type"] == event]

    def is_genuine(self, secret: str) -> bool:
        """Whether all of it was signed with that secret, as Standard Webhooks describe."""
        return all(self._is_signed(headers, body, secret) for headers, body in self.got)

    def _is_signed(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return headers["webhook-signature"] == f"v1,{right}"


@contextmanager
def receiving() -> Iterator[Receiver]:
    """One that listens until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
