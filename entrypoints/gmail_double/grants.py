"""Who may do what: consents, refresh tokens and access tokens, as Google's OAuth keeps them."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MODIFY = "https://www.googleapis.com/auth/gmail.modify"
ACCESS_LIFETIME_S = 3599
CODE_LIFETIME_S = 600


class OAuthRefusal(Exception):
    """An OAuth error with its code, such as `invalid_grant`."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Grant:
    """What an account permitted to a client. client_id "" fits every client (made by a test)."""

    account: str
    client_id: str
    scopes: tuple[str, ...]
    nonce: str = ""  # what a sign-in asked to find again in its identity token


@dataclass(frozen=True)
class Code:
    """An authorization code waiting to be exchanged."""

    grant: Grant
    redirect_uri: str
    challenge: str
    is_offline: bool
    expires_ms: int

    def check(self, client_id: str, redirect_uri: str, verifier: str, now_ms: int) -> None:
        """OAuthRefusal unless this exchange belongs to the request that was approved (RFC 7636)."""
        if client_id != self.grant.client_id or now_ms > self.expires_ms:
            raise OAuthRefusal("invalid_grant", "Bad Request")
        if redirect_uri != self.redirect_uri:
            raise OAuthRefusal("redirect_uri_mismatch", "Bad Request")
        if self.challenge and not verifier:
            raise OAuthRefusal("invalid_grant", "Missing code verifier.")
        if self.challenge and s256(verifier) != self.challenge:
            raise OAuthRefusal("invalid_grant", "Invalid code verifier.")


@dataclass(frozen=True)
class Access:
    """An access token's grant and its end in milliseconds since 1970."""

    grant: Grant
    expires_ms: int


@dataclass(frozen=True)
class Consent:
    """How the next consent page is answered; the default is the hinted account, everything granted."""

    account: str | None = None
    scopes: tuple[str, ...] | None = None
    is_denied: bool = False


def s256(verifier: str) -> str:
    """The PKCE S256 challenge of a verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Grants:
    """Codes and tokens in force. Revoking drops all tokens of an account."""

    def __init__(self) -> None:
        self.codes: dict[str, Code] = {}
        self.refresh: dict[str, Grant] = {}
        self.access: dict[str, Access] = {}
        self.next_consent = Consent()
        self.rotates = False
        self.asks_people = False
        self.claims: dict[str, Any] = {}  # said in identity tokens instead of what is true

    def issue_access(self, grant: Grant, now_ms: int, token: Callable[[str], str]) -> str:
        made = token("ya29.")
        self.access[made] = Access(grant, now_ms + ACCESS_LIFETIME_S * 1000)
        return made

    def owner(self, bearer: str) -> str | None:
        """The account behind an access token, even an expired one."""
        held = self.access.get(bearer)
        return held.grant.account if held else None

    def valid(self, bearer: str, now_ms: int) -> Grant | None:
        held = self.access.get(bearer)
        return held.grant if held and now_ms < held.expires_ms else None

    def has_consent(self, account: str, client_id: str) -> bool:
        return any((g.account, g.client_id) == (account, client_id) for g in self.refresh.values())

    def revoke_token(self, token: str) -> bool:
        """Withdraw the grant a refresh or access token stands for; False when it is unknown."""
        held = self.access.get(token)
        grant = held.grant if held else self.refresh.get(token)
        if grant is None:
            return False
        self.revoke_account(grant.account)
        return True

    def revoke_account(self, account: str) -> None:
        self.refresh = {token: g for token, g in self.refresh.items() if g.account != account}
        self.access = {token: a for token, a in self.access.items() if a.grant.account != account}
        self.codes = {code: c for code, c in self.codes.items() if c.grant.account != account}

    def expire_access(self, account: str) -> None:
        """Let every access token of the account end now; refresh tokens stay good."""
        for token, held in self.access.items():
            if held.grant.account == account:
                self.access[token] = Access(held.grant, 0)
