"""Permission to use a Gmail account: asking for it, taking the answer, and the credentials made from it later.

On the console the consent comes back to a web server on loopback that lives for this one purpose (RFC 8252); on the web
it comes back to the desk itself. Either way it is bound to our request by `state` and PKCE. Google's libraries are
imported where they are needed, so that the command line starts fast.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from adapters.gmail_errors import refusal_of
from adapters.gmail_transport import build_service
from adapters.oauth_redirect import RedirectServer
from tickets.connecting import Grant, Question
from tickets.errors import Rejected, Unavailable

if TYPE_CHECKING:
    from google.oauth2.credentials import Credentials
    from google_auth_oauthlib.flow import Flow

SCOPE: Final = "https://www.googleapis.com/auth/gmail.modify"  # gmail.send alone does not permit drafts.send
CONSENT_TIMEOUT_S: Final = 300.0
REQUEST_TIMEOUT_S: Final = 30.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

AGAIN: Final = "Run `communication-agent connect gmail` again"

# oauthlib reads its permission for plain http from the environment, which all threads share.
_PLAIN_HTTP: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class GoogleOAuth:
    """The application as Google knows it, and where Google's endpoints are. `again` says how to start over."""

    client_id: str
    client_secret: str = field(repr=False)
    auth_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105
    revoke_url: str = "https://oauth2.googleapis.com/revoke"
    api_root: str | None = None
    again: str = AGAIN

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
            question = self.question(redirect.url, address)
            show_url(question.url)
            answer = redirect.wait(question.state, timeout_s)
        refresh_token = self._exchange(redirect.url, question.verifier, answer)
        self._require_account(refresh_token, address)
        return refresh_token

    def question(self, redirect_url: str, address: str | None) -> Question:
        """The consent page to open, and what its answer must be matched with."""
        flow = self._flow(redirect_url)
        with _plain_http_on_loopback(self.auth_url):
            hint = {"login_hint": address} if address else {}
            url, state = flow.authorization_url(access_type="offline", prompt="consent", **hint)
        return Question(str(url), str(state), str(flow.code_verifier))

    def grant(self, redirect_url: str, verifier: str, answer: Mapping[str, str]) -> Grant:
        """The permission behind an answer whose state was checked, and whose it is.

        Raises Rejected when it was refused or is incomplete, Unavailable when Google does not answer.
        """
        refresh_token = self._exchange(redirect_url, verifier, answer)
        return Grant(refresh_token, self.address_of(refresh_token))

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

    def _flow(self, redirect_url: str, verifier: str | None = None) -> "Flow":
        from google_auth_oauthlib.flow import Flow

        client = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "auth_uri": self.auth_url,
            "token_uri": self.token_url,
        }
        return Flow.from_client_config(
            {"installed": client},
            scopes=[SCOPE],
            redirect_uri=redirect_url,
            code_verifier=verifier,
            autogenerate_code_verifier=verifier is None,
        )

    def _exchange(self, redirect_url: str, verifier: str, answer: Mapping[str, str]) -> str:
        """The code for a refresh token; only a complete grant passes."""
        if "code" not in answer:
            reason = answer.get("error", "no code")[:60]
            raise Rejected(f"Google gave no permission ({reason}). {self.again} and agree to what it asks for.")
        granted, token = self._tokens(self._flow(redirect_url, verifier), answer["code"])
        if SCOPE not in granted:
            raise Rejected(f"The permission is incomplete. {self.again} and leave every box ticked.")
        if not token.get("refresh_token"):
            raise Rejected(f"Google gave no lasting permission. Remove the application's access there. {self.again}.")
        return str(token["refresh_token"])

    def _tokens(self, flow: "Flow", code: str) -> tuple[list[str], dict[str, Any]]:
        from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
        from requests import RequestException

        try:
            with _plain_http_on_loopback(self.token_url):
                token = flow.fetch_token(code=code, timeout=REQUEST_TIMEOUT_S)
        except Warning as changed:  # oauthlib's way to say that other scopes were granted than asked for
            token = getattr(changed, "token", {})
        except OAuth2Error as error:
            raise Rejected(f"Google did not accept the consent ({error.error}). {self.again}.") from error
        except RequestException as error:
            raise Unavailable(f"Google cannot be reached ({type(error).__name__}). {self.again}.") from error
        scopes = token.get("scope", SCOPE)
        return scopes.split() if isinstance(scopes, str) else list(scopes), token

    def address_of(self, refresh_token: str) -> str:
        """The address of the account that gave the permission. Raises MailboxError."""
        return self._account(self.credentials(refresh_token))

    def granted(self, refresh_token: str) -> frozenset[str]:
        """What the permission still covers, after renewing the access for real. Raises MailboxError."""
        import google_auth_httplib2
        import httplib2

        credentials = self.credentials(refresh_token)
        try:
            with closing(httplib2.Http(timeout=REQUEST_TIMEOUT_S)) as plain:
                credentials.refresh(google_auth_httplib2.Request(plain))  # type: ignore[no-untyped-call]
        except Exception as error:
            raise refusal_of(error) from error
        return frozenset(credentials.granted_scopes or credentials.scopes or ())

    def _require_account(self, refresh_token: str, address: str | None) -> None:
        if address and self.address_of(refresh_token).casefold() != address.casefold():
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
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        yield
        return
    with _PLAIN_HTTP:
        os.environ[name] = "1"
        try:
            yield
        finally:
            del os.environ[name]
