"""Google's signing keys, and tokens verified with them. Keys are kept for an hour; an unknown one is fetched anew."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from tickets.errors import Unavailable

ISSUERS: Final = frozenset({"accounts.google.com", "https://accounts.google.com"})
CERTS_URL: Final = "https://www.googleapis.com/oauth2/v1/certs"
CLOCK_SKEW_S: Final = 10
KEYS_FOR_S: Final = 3600.0
KEYS_AT_LEAST_S: Final = 60.0
TIMEOUT_S: Final = 10.0


@dataclass(slots=True)
class GoogleKeys:
    """`now` counts seconds, for how long the keys are kept."""

    certs_url: str = CERTS_URL
    now: Callable[[], float] = time.monotonic
    _keys: Mapping[str, str] | None = field(init=False, default=None)
    _fetched_at: float = field(init=False, default=0.0)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def verified(self, token: str, audience: str) -> Mapping[str, Any]:
        """The claims of a token whose signature, time and audience hold. Blocks while keys are fetched.

        Raises ValueError for any other token, Unavailable when the keys cannot be had.
        """
        try:
            return _signed(token, self._current(KEYS_FOR_S), audience)
        except ValueError:
            # Google changes its keys now and then: perhaps these are too old.
            return _signed(token, self._current(KEYS_AT_LEAST_S), audience)

    def _current(self, not_older_than_s: float) -> Mapping[str, str]:
        with self._lock:
            if self._keys is None or self.now() - self._fetched_at > not_older_than_s:
                self._keys, self._fetched_at = _fetched(self.certs_url), self.now()
            return self._keys


def _signed(token: str, keys: Mapping[str, str], audience: str) -> Mapping[str, Any]:
    """Raises ValueError (every error of google-auth here is one) unless it holds."""
    from google.auth import jwt

    claims: Mapping[str, Any] = jwt.decode(token, keys, True, audience, CLOCK_SKEW_S)  # type: ignore[no-untyped-call]
    return claims


def _fetched(url: str) -> Mapping[str, str]:
    """Google's certificates by their key's id."""
    import httplib2

    try:
        with closing(httplib2.Http(timeout=TIMEOUT_S)) as http:
            response, content = http.request(url)
        keys = json.loads(content) if response.status == 200 else None
    except (OSError, ValueError, httplib2.HttpLib2Error) as error:
        raise Unavailable("Google's keys cannot be fetched. Try again later.") from error
    if not isinstance(keys, dict) or "keys" in keys:
        raise Unavailable("There are no certificates at CA_GOOGLE_CERTS_URL. Unset it to use Google's own address.")
    return keys
