"""Sign in with Google: OpenID Connect with an authorization code, PKCE, state and nonce; the id_token is verified."""

import asyncio
import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from adapters.google_keys import ISSUERS, TIMEOUT_S, GoogleKeys
from tickets.errors import Rejected, Unavailable
from tickets.signing_in import Identity, SignInQuestion

SCOPES: Final = "openid email profile"
REFUSED: Final = "Google's answer does not hold, so nobody was logged in. Try again."


@dataclass(slots=True)
class GoogleLogin:
    """The port SignIn."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105
    keys: GoogleKeys = field(default_factory=GoogleKeys)
    issuers: frozenset[str] = ISSUERS

    async def question(self, redirect_url: str) -> SignInQuestion:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "client_id": self.client_id,
            "redirect_uri": redirect_url,
            "response_type": "code",
            "scope": SCOPES,
            "state": state,
            "nonce": nonce,
            "code_challenge": _s256(verifier),
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        return SignInQuestion(f"{self.auth_url}?{urlencode(asked)}", state, nonce, verifier)

    async def identity(self, redirect_url: str, nonce: str, verifier: str, code: str) -> Identity:
        return await asyncio.to_thread(self._identity, redirect_url, nonce, verifier, code)

    def _identity(self, redirect_url: str, nonce: str, verifier: str, code: str) -> Identity:
        token = self._id_token(redirect_url, verifier, code)
        try:
            claims = self.keys.verified(token, self.client_id)
        except ValueError as error:
            raise Rejected(REFUSED) from error
        if claims.get("iss") not in self.issuers or not _is_same(claims.get("nonce"), nonce):
            raise Rejected(REFUSED)
        if claims.get("email_verified") is not True:
            raise Rejected("Google has not verified the address of that account. Choose another one.")
        return _identity_of(claims)

    def _id_token(self, redirect_url: str, verifier: str, code: str) -> str:
        import httplib2

        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": verifier,
        }
        kind = {"content-type": "application/x-www-form-urlencoded"}
        try:
            with closing(httplib2.Http(timeout=TIMEOUT_S)) as http:
                response, content = http.request(self.token_url, "POST", body=urlencode(asked), headers=kind)
            answered = json.loads(content)
        except (OSError, ValueError, httplib2.HttpLib2Error) as error:
            raise Unavailable("Google cannot be reached, so nobody was logged in. Try again later.") from error
        if response.status >= 500:
            raise Unavailable("Google cannot be reached, so nobody was logged in. Try again later.")
        token = answered.get("id_token") if isinstance(answered, dict) else None
        if not isinstance(token, str):
            raise Rejected(REFUSED)
        return token


def _identity_of(claims: Mapping[str, Any]) -> Identity:
    sub, email, domain = claims.get("sub"), claims.get("email"), claims.get("hd")
    if not isinstance(sub, str) or not sub or not isinstance(email, str) or "@" not in email:
        raise Rejected(REFUSED)
    return Identity(sub, email, str(claims.get("name") or ""), domain if isinstance(domain, str) else None)


def _is_same(given: object, expected: str) -> bool:
    return isinstance(given, str) and secrets.compare_digest(given.encode(), expected.encode())


def _s256(verifier: str) -> str:
    """The PKCE challenge (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
