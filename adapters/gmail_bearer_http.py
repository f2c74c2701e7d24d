"""HTTP for the calls that may be repeated: every request bears the account's present access token.

It renews no token by itself, since several threads would do that at once. Import it lazily.
"""

from collections.abc import Callable
from typing import Any

import httplib2


class BearerHttp(httplib2.Http):
    """An Http that asks `token` for the access token of each request."""

    def __init__(self, token: Callable[[], str], timeout_s: float) -> None:
        super().__init__(timeout=timeout_s)
        self._token = token

    def request(
        self, uri: Any, method: str = "GET", body: Any = None, headers: Any = None, *args: Any, **kw: Any
    ) -> Any:
        """As httplib2, with the token."""
        own = {"authorization": f"Bearer {self._token()}"}
        return super().request(uri, method, body, {**(headers or {}), **own}, *args, **kw)
