"""A server before the double that hangs up on idle connections, and that fails at one mail whatever asks for it."""

import threading
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_OWN = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: "Front"

    def setup(self) -> None:
        super().setup()
        self.front.connections += 1

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.front.requests.append(self.path)
        if self.front.poison and self.front.poison in self.path + body.decode("latin-1"):
            self._answer(500, [], b"")
            return
        behind = HTTPConnection(*self.front.behind, timeout=10)
        try:
            behind.request(self.command, self.path, body, dict(self.headers))
            answer = behind.getresponse()
            self._answer(answer.status, answer.getheaders(), answer.read())
        finally:
            behind.close()

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _OWN:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the console."""


class Front:
    """Context manager; `url` stands for that of the double. `poison` is the id of the mail."""

    def __init__(self, url: str, *, keep_alive_s: float = 60.0) -> None:
        there = urlsplit(url)
        self.behind = (there.hostname or "", there.port or 0)
        self.poison = ""
        self.connections = 0
        self.requests: list[str] = []
        handler = type("Handler", (_Handler,), {"front": self, "timeout": keep_alive_s})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "Front":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=10)
