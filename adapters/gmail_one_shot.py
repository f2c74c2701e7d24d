"""HTTP for the one request that must not happen twice.

httplib2 sends a request again when the connection breaks before an answer: right for reading, a second mail when
sending. This transport makes one attempt on a connection of its own and follows no redirect. Import it lazily.
"""

from http.client import HTTPConnection
from typing import Any

import httplib2

from adapters.gmail_errors import NeverConnected


class OneShotHttp(httplib2.Http):
    """An Http that carries one token and tries once. Raises NeverConnected when not a byte left."""

    def __init__(self, token: str, timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self.follow_redirects = False
        self._token = token

    def request(
        self, uri: Any, method: str = "GET", body: Any = None, headers: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """One attempt, with our token; the answer comes uncompressed."""
        own = {"authorization": f"Bearer {self._token}", "accept-encoding": "identity", "connection": "close"}
        return super().request(uri, method, body, {**(headers or {}), **own}, *args, **kw)

    def _conn_request(self, conn: HTTPConnection, request_uri: str, method: str, body: Any, headers: Any) -> Any:
        """Stands in for httplib2's loop of attempts."""
        try:
            _connect(conn)
            conn.request(method, request_uri, body, headers)
            response = conn.getresponse()
            return httplib2.Response(response), response.read()
        finally:
            conn.close()


def _connect(conn: HTTPConnection) -> None:
    try:
        conn.connect()
    except (OSError, httplib2.HttpLib2Error) as error:
        raise NeverConnected from error
