"""The web server on loopback to which Google's consent page sends the browser back, once."""

import secrets
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from tickets.errors import Unavailable

PAGE = b"<!doctype html><title>Communication Agent</title><p>You may close this window and return to the console.</p>"


class RedirectServer:
    """Listens on 127.0.0.1 while the block runs. Nothing that it receives is logged."""

    def __init__(self, port: int = 0) -> None:
        self._answers: list[dict[str, str]] = []
        self._server = HTTPServer(("127.0.0.1", port), _handler(self._answers))
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "RedirectServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    def wait(self, state: str, timeout_s: float) -> dict[str, str]:
        """The query that came with our state; requests with another one are ignored. Raises Unavailable in the end."""
        deadline = time.monotonic() + timeout_s
        while (left_s := deadline - time.monotonic()) > 0:
            self._server.timeout = left_s
            self._server.handle_request()
            for answer in self._answers:
                if secrets.compare_digest(answer.get("state", "").encode(), state.encode()):
                    return answer
            self._answers.clear()
        raise Unavailable("Nobody answered Google's question in time. Run `communication-agent connect gmail` again.")


def _handler(answers: list[dict[str, str]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # a browser that opens a spare connection and says nothing must not block the real answer

        def do_GET(self) -> None:
            answers.append(dict(parse_qsl(urlsplit(self.path).query)))
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("referrer-policy", "no-referrer")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep the code out of the console."""

    return Handler
