"""Notices that Google's Pub/Sub pushes to us: is it really Google, and which mailbox does it ring for?

A notice is only a wake-up: what is new is read from the mailbox itself. So of all that it says one address is used, and
that only after its OpenID Connect token has been verified.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.google_keys import CERTS_URL, ISSUERS, GoogleKeys
from tickets.errors import BadInput, NotAllowed

MOST_BYTES: Final = 64 * 1024

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
    _keys: GoogleKeys = field(init=False)

    def __post_init__(self) -> None:
        self._keys = GoogleKeys(self.certs_url, self.now)

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
        try:
            return self._keys.verified(token, self.audience)
        except ValueError as error:
            raise NotAllowed(_REFUSED) from error


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
