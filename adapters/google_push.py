"""Notices that Google's Pub/Sub pushes to us: is it really Google, and which mailbox does it ring for?

A notice is only a wake-up: what is new is read from the mailbox itself. So of all that it says one address is used, and
that only after its OpenID Connect token has been verified.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from tickets.errors import BadInput, NotAllowed, Unavailable

ISSUERS: Final = frozenset({"accounts.google.com", "https://accounts.google.com"})
CERTS_URL: Final = "https://www.googleapis.com/oauth2/v1/certs"
MOST_BYTES: Final = 64 * 1024
CLOCK_SKEW_S: Final = 10
KEYS_FOR_S: Final = 3600.0
KEYS_AT_LEAST_S: Final = 60.0
TIMEOUT_S: Final = 10.0

_REFUSED: Final = "This notice does not come from the Pub/Sub subscription of this desk. Compare its settings."


@dataclass(slots=True)
class PushVerifier:
    """Verifies pushes of one subscription.

    `audience` and `service_account` are those entered at the subscription; `now` counts seconds, for how long Google's
    keys are kept.
    """

    audience: str
    service_account: str
    certs_url: str = CERTS_URL
    now: Callable[[], float] = time.monotonic
    _keys: Mapping[str, str] | None = field(init=False, default=None)
    _fetched_at: float = field(init=False, default=0.0)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def address_of(self, authorization: str, body: bytes | str) -> str:
        """The address of the mailbox that has news. Blocks while Google's keys are fetched.

        `authorization` is the request's header. Raises NotAllowed for a token that is not this subscription's, BadInput
        for a notice that cannot be read, Unavailable when Google's keys cannot be fetched.
        """
        token = _bearer(authorization)
        # Strangers must not make us ask Google again and again: what cannot pass anyway ends here.
        self._require_ours(_unverified(token))
        self._require_ours(self._verified(token))
        return _address(body)

    def _require_ours(self, claims: Mapping[str, Any]) -> None:
        is_ours = (
            claims.get("iss") in ISSUERS
            and claims.get("aud") == self.audience
            and str(claims.get("email", "")).casefold() == self.service_account.casefold()
            and claims.get("email_verified") is True
            and isinstance(claims.get("exp"), int | float)
        )
        if not is_ours:
            raise NotAllowed(_REFUSED)

    def _verified(self, token: str) -> Mapping[str, Any]:
        """Signature and time. Google changes its keys now and then: an unknown one is a reason to fetch them anew."""
        try:
            return _signed(token, self._current_keys(KEYS_FOR_S), self.audience)
        except ValueError:
            pass
        try:
            return _signed(token, self._current_keys(KEYS_AT_LEAST_S), self.audience)
        except ValueError as error:
            raise NotAllowed(_REFUSED) from error

    def _current_keys(self, not_older_than_s: float) -> Mapping[str, str]:
        with self._lock:
            if self._keys is None or self.now() - self._fetched_at > not_older_than_s:
                self._keys, self._fetched_at = _fetched(self.certs_url), self.now()
            return self._keys


def _signed(token: str, keys: Mapping[str, str], audience: str) -> Mapping[str, Any]:
    """The token's claims. Raises ValueError (every error of google-auth here is one) unless it holds."""
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
        raise Unavailable("Google's keys cannot be fetched. The notice comes again by itself.") from error
    if not isinstance(keys, dict) or "keys" in keys:
        raise Unavailable("There are no certificates at CA_GOOGLE_CERTS_URL. Unset it to use Google's own address.")
    return keys


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.casefold() != "bearer" or token.count(".") != 2:
        raise NotAllowed("The notice bears no token. Switch on authentication at the Pub/Sub subscription.")
    return token.strip()


def _unverified(token: str) -> Mapping[str, Any]:
    try:
        claims = json.loads(_decoded(token.split(".")[1]))
    except (ValueError, RecursionError) as error:
        raise NotAllowed(_REFUSED) from error
    return claims if isinstance(claims, dict) else {}


def _address(body: bytes | str) -> str:
    """The `emailAddress` of a Gmail notice."""
    if len(body) > MOST_BYTES:
        raise BadInput("The notice is too large for one of Gmail's.")
    try:
        notice = json.loads(_decoded(json.loads(body)["message"]["data"]))
        address, history_id = notice["emailAddress"], int(notice["historyId"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadInput("This is no notice of Gmail. Check that the subscription's topic is the watched one.") from error
    if not isinstance(address, str) or "@" not in address or history_id < 0:
        raise BadInput("Gmail's notice names no mailbox. Check that the subscription's topic is the watched one.")
    return address


def _decoded(text: str) -> bytes:
    """Base64 in either alphabet, with or without its padding."""
    return base64.b64decode(text.translate(str.maketrans("-_", "+/")).rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
