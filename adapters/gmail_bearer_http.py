"""HTTP for the calls that may be repeated: every request bears the account's present access token.

It renews no token by itself, since several threads would do that at once. Import it lazily.
"""

import ssl
import time
from collections.abc import Callable
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any, Final

import httplib2

IDLE_S: Final = 3.0
"""A connection that was idle longer is not used again: servers hang up from five seconds on."""

_HUNG_UP: Final = (
    BrokenPipeError,
    ConnectionResetError,
    ConnectionAbortedError,
    ssl.SSLEOFError,
    ssl.SSLZeroReturnError,
)


class BearerHttp(httplib2.Http):
    """An Http that asks `token` for the access token of each request. Only for calls that may happen twice."""

    def __init__(self, token: Callable[[], str], timeout_s: float, idle_s: float = IDLE_S) -> None:
        super().__init__(timeout=timeout_s)
        self._token = token
        self._idle_s = idle_s
        self._used_at: dict[HTTPConnection, float] = {}

    def request(
        self, uri: Any, method: str = "GET", body: Any = None, headers: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """As httplib2, with the token."""
        own = {"authorization": f"Bearer {self._token()}"}
        return super().request(uri, method, body, {**(headers or {}), **own}, *args, **kw)

    def _conn_request(self, conn: HTTPConnection, request_uri: str, method: str, body: Any, headers: Any) -> Any:
        """As httplib2; on a kept connection that turns out dead it is repeated once, at once, on a fresh one."""
        if time.monotonic() - self._used_at.get(conn, 0.0) > self._idle_s:
            conn.close()
        was_kept = conn.sock is not None
        try:
            return self._attempt(conn, request_uri, method, body, headers)
        except _HUNG_UP as error:
            # Where a server hangs up without an answer, httplib2 has repeated the request already.
            if not was_kept or isinstance(error, RemoteDisconnected):
                raise
            return self._attempt(conn, request_uri, method, body, headers)

    def _attempt(self, conn: HTTPConnection, *request: Any) -> Any:
        try:
            answer = super()._conn_request(conn, *request)  # type: ignore[misc]  # the stubs lack it
        except BaseException:
            conn.close()  # what is left of a failed request must not spoil the next one
            raise
        self._used_at[conn] = time.monotonic()
        return answer
