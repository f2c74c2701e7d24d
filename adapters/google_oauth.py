"""Permission to use a Gmail account: asking for it on the console, and the credentials made from it later.

The consent comes back to a web server on loopback that lives for this one purpose (RFC 8252), bound to our request by
`state` and PKCE. Google's libraries are imported where they are needed, so that the command line starts fast.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from adapters.gmail_errors import refusal_of
from adapters.gmail_transport import build_service
from adapters.oauth_redirect import RedirectServer
from tickets.errors import Rejected, Unavailable

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from google_auth_oauthlib.flow import Flow

SCOPE: Final = "https://www.googleapis.com/auth/gmail.modify"  # gmail.send alone does not permit drafts.send
CONSENT_TIMEOUT_S: Final = 300.0
REQUEST_TIMEOUT_S: Final = 30.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

AGAIN: Final = "Run `communication-agent connect gmail` again"


@dataclass(frozen=True, slots=True)
class GoogleOAuth:
    """The application as Google knows it, and where Google's endpoints are."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105
    revoke_url: str = "https://oauth2.googleapis.com/revoke"
    api_root: str | None = None

    def credentials(self, refresh_token: str) -> "Credentials":
        """Credentials that fetch their access tokens themselves and keep their refresh token if given no new one."""
        from google.oauth2.credentials import Credentials

        return Credentials(  # type: ignore[no-untyped-call]
            None,
            refresh_token=refresh_token,
            token_uri=self.token_url,
            client_id=self.client_id,
            client_secret=self.client_secret,
            scopes=[SCOPE],
        )

    def connect(
        self,
        address: str | None,
        show_url: Callable[[str], None],
        *,
        timeout_s: float = CONSENT_TIMEOUT_S,
        port: int = 0,
    ) -> str:
        """Ask the owner of `address` (of any account, if None) for permission and give the refresh token. Blocks.

        `show_url` presents the address to open in a browser on this machine. Raises Rejected when the permission is
        refused, incomplete or another account's; Unavailable when nobody answers or Google does not.
        """
        with RedirectServer(port) as redirect:
            flow = self._flow(redirect.url)
            consent_url, state = self._question(flow, address)
            show_url(consent_url)
            answer = redirect.wait(state, timeout_s)
        credentials = self._exchange(flow, answer)
        self._require_account(credentials, address)
        return str(credentials.refresh_token)

    def revoke(self, refresh_token: str) -> None:
        """Give the permission back; one that is gone already is fine. Raises Unavailable without an answer."""
        import httplib2

        kind = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({"token": refresh_token})
        try:
            with closing(httplib2.Http(timeout=REQUEST_TIMEOUT_S)) as http:
                response, _ = http.request(self.revoke_url, "POST", body=body, headers=kind)
        except (OSError, httplib2.HttpLib2Error) as error:
            raise Unavailable("Google cannot be reached, the permission stands. Try again later.") from error
        if response.status >= 500:
            raise Unavailable(f"Google answered {response.status}, the permission stands. Try again later.")

    def _flow(self, redirect_url: str) -> "Flow":
        from google_auth_oauthlib.flow import Flow

        client = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "auth_uri": self.auth_url,
            "token_uri": self.token_url,
        }
        return Flow.from_client_config(
            {"installed": client}, scopes=[SCOPE], redirect_uri=redirect_url, autogenerate_code_verifier=True
        )

    def _question(self, flow: "Flow", address: str | None) -> tuple[str, str]:
        """The address to open, and the state that the answer must bring."""
        with _plain_http_on_loopback(self.auth_url):
            hint = {"login_hint": address} if address else {}
            url, state = flow.authorization_url(access_type="offline", prompt="consent", **hint)
        return str(url), str(state)

    def _exchange(self, flow: "Flow", answer: dict[str, str]) -> "Credentials":
        """The code for tokens; only a complete grant passes."""
        if "code" not in answer:
            reason = answer.get("error", "no code")
            raise Rejected(f"Google gave no permission ({reason}). {AGAIN} and agree to what it asks for.")
        granted, token = self._tokens(flow, answer["code"])
        if SCOPE not in granted:
            raise Rejected(f"The permission is incomplete. {AGAIN} and leave every box ticked.")
        if not token.get("refresh_token"):
            raise Rejected(f"Google gave no lasting permission. Remove the application's access there. {AGAIN}.")
        return self.credentials(token["refresh_token"])

    def _tokens(self, flow: "Flow", code: str) -> tuple[list[str], dict[str, Any]]:
        from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
        from requests import RequestException

        try:
            with _plain_http_on_loopback(self.token_url):
                token = flow.fetch_token(code=code, timeout=REQUEST_TIMEOUT_S)
        except Warning as changed:  # oauthlib's way to say that other scopes were granted than asked for
            token = getattr(changed, "token", {})
        except OAuth2Error as error:
            raise Rejected(f"Google did not accept the consent ({error.error}). {AGAIN}.") from error
        except RequestException as error:
            raise Unavailable(f"Google cannot be reached ({type(error).__name__}). {AGAIN}.") from error
        scopes = token.get("scope", SCOPE)
        return scopes.split() if isinstance(scopes, str) else list(scopes), token

    def address_of(self, refresh_token: str) -> str:
        """The address of the account that gave the permission."""
        return self._account(self.credentials(refresh_token))

    def _require_account(self, credentials: "Credentials", address: str | None) -> None:
        if address and self._account(credentials).casefold() != address.casefold():
            raise Rejected(f"The permission is for another account than {address}. {AGAIN} and choose that account.")

    def _account(self, credentials: "Credentials") -> str:
        import google_auth_httplib2
        import httplib2

        try:
            with closing(httplib2.Http(timeout=REQUEST_TIMEOUT_S)) as plain:
                http = google_auth_httplib2.AuthorizedHttp(credentials, http=plain)
                profile = build_service(self.api_root).users().getProfile(userId="me").execute(http=http)
        except Exception as error:
            raise refusal_of(error) from error
        return str(profile["emailAddress"])


@contextmanager
def _plain_http_on_loopback(url: str) -> Iterator[None]:
    """Let oauthlib take a plain http address, but only of this machine and only for the moment."""
    name = "OAUTHLIB_INSECURE_TRANSPORT"
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or name in os.environ:
        yield
        return
    os.environ[name] = "1"
    try:
        yield
    finally:
        del os.environ[name]
