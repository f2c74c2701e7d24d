"""What `emulate` lacks and the product cannot do without, put in front of it: the profile, batches and two searches.

Everything else goes through unchanged. A batch is taken apart, its calls go to `emulate` one by one.
"""

import json
import re
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

from entrypoints.gmail_double import batch
from entrypoints.gmail_double.wire import Reply, Request, json_reply

_DAY_S = 86_400
_PASSED_ON = ("authorization", "content-type")


class Front(ThreadingHTTPServer):
    """A context manager; `url` is what the product is pointed at."""

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.behind = behind
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, name="front-of-emulate", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def answer(self, request: Request) -> Reply:
        """Fill the gap if the request is for one, else ask `emulate`."""
        if request.path in batch.PATHS:
            return batch.joined([(name, self.answer(call)) for name, call in batch.calls_in(request)])
        if request.path.endswith("/profile"):
            return self._profile(request)
        return self._asked(request)

    def _profile(self, request: Request) -> Reply:
        """The account's address and newest history id, from two other calls."""
        user = self._asked(Request("GET", "/oauth2/v2/userinfo", {}, request.headers))
        since = {"startHistoryId": ["0"], "maxResults": ["1"]}
        history = self._asked(Request("GET", request.path.replace("/profile", "/history"), since, request.headers))
        if user.status != 200:
            return user
        newest = json.loads(history.body)["historyId"]
        return json_reply({"emailAddress": json.loads(user.body)["email"], "historyId": newest})

    def _asked(self, request: Request) -> Reply:
        query = {
            name: [_understood(value) if name == "q" else value for value in values]
            for name, values in request.query.items()
        }
        url = f"{self.behind}{request.path}?{urlencode(query, doseq=True)}"
        headers = {name: value for name, value in request.headers.items() if name in _PASSED_ON}
        passed_on = urllib.request.Request(url, request.body or None, headers, method=request.method)
        try:
            with urllib.request.urlopen(passed_on, timeout=30) as answer:
                return Reply(answer.status, answer.read(), _kind(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.read(), _kind(error.headers))


def _understood(query: str) -> str:
    """The query with the two words that `emulate` would look for in the text said in words that it knows."""
    days = re.search(r"newer_than:(\d+)d", query)
    since = f"after:{int(time.time()) - int(days[1]) * _DAY_S}" if days else ""
    return re.sub(r"newer_than:\d+d", since, query).replace("-in:", "-label:")


def _kind(headers: object) -> tuple[tuple[str, str], ...]:
    kind = getattr(headers, "get", lambda _: None)("Content-Type")
    return (("content-type", kind),) if kind else ()


class _Handler(BaseHTTPRequestHandler):
    server: Front
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        reply = self.server.answer(Request(self.command, parts.path, parse_qs(parts.query), headers, body))
        self.send_response(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  # the base class looks for these names

    def log_message(self, *args: object) -> None:
        """Say nothing."""
