"""Asking for the permission on the console, with the double in Google's place and a browser that follows redirects."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import google_auth_httplib2
import httplib2
import httpx
import pytest

from adapters.gmail import GmailMailbox
from adapters.google_oauth import SCOPE, GoogleOAuth
from entrypoints.gmail_double.grants import Consent
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.mailbox_benches import QUICK, Desk, a_mail
from tickets.errors import Disconnected, Rejected, Unavailable

SUPPORT = "support@helios.example"


@pytest.fixture
def gmail() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        running.double.add_account(SUPPORT)
        yield running


@pytest.fixture
def oauth(gmail: RunningDouble) -> GoogleOAuth:
    return GoogleOAuth(
        "client-id",
        "client-secret",
        auth_url=f"{gmail.url}/o/oauth2/v2/auth",
        token_url=f"{gmail.url}/token",
        revoke_url=f"{gmail.url}/revoke",
        api_root=gmail.url,
    )


class Browser:
    """Opens the shown address in a thread, as a person would; remembers what was asked."""

    def __init__(self, before: Callable[[str], object] | None = None) -> None:
        self.asked: dict[str, list[str]] = {}
        self._before = before
        self._threads: list[threading.Thread] = []

    def __call__(self, url: str) -> None:
        self.asked = parse_qs(urlsplit(url).query)
        thread = threading.Thread(target=self._visit, args=[url])
        thread.start()
        self._threads.append(thread)

    def _visit(self, url: str) -> None:
        if self._before:
            self._before(self.asked["redirect_uri"][0])
        httpx.get(url, follow_redirects=True)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=10)


async def test_the_permission_gives_a_token_with_which_mail_can_be_read(
    gmail: RunningDouble, oauth: GoogleOAuth
) -> None:
    gmail.receive(SUPPORT, a_mail())
    browser = Browser()

    token = oauth.connect(SUPPORT, browser, timeout_s=20)

    browser.join()
    mailbox = GmailMailbox(SUPPORT, oauth.credentials(token), api_root=gmail.url, backoff=QUICK)
    assert len(await Desk(mailbox).sync()) == 1
    mailbox.close()


def test_google_is_asked_for_one_scope_offline_and_with_proof_of_possession(oauth: GoogleOAuth) -> None:
    browser = Browser()

    oauth.connect(SUPPORT, browser, timeout_s=20)

    browser.join()
    asked = {name: values[0] for name, values in browser.asked.items()}
    assert asked["scope"] == SCOPE
    assert (asked["access_type"], asked["prompt"], asked["login_hint"]) == ("offline", "consent", SUPPORT)
    assert asked["code_challenge_method"] == "S256"
    assert asked["state"]


@pytest.mark.parametrize(
    ("consent", "what"),
    [
        (Consent(is_denied=True), "agree"),
        (Consent(scopes=("https://www.googleapis.com/auth/gmail.readonly",)), "every box"),
        (Consent(account="other@helios.example"), "another account"),
    ],
)
def test_a_consent_that_does_not_fit_is_refused_with_the_next_step(
    gmail: RunningDouble, oauth: GoogleOAuth, consent: Consent, what: str
) -> None:
    gmail.double.add_account("other@helios.example", "another-refresh-token")
    gmail.double.next_consent(consent)
    browser = Browser()

    with pytest.raises(Rejected, match=what):
        oauth.connect(SUPPORT, browser, timeout_s=20)

    browser.join()


def test_a_visitor_with_another_state_is_ignored(oauth: GoogleOAuth) -> None:
    browser = Browser(before=lambda redirect: httpx.get(redirect, params={"code": "stolen", "state": "guessed"}))

    token = oauth.connect(SUPPORT, browser, timeout_s=20)

    browser.join()
    assert token.startswith("1//")


def test_nobody_answering_ends_with_an_error(oauth: GoogleOAuth) -> None:
    with pytest.raises(Unavailable, match="in time"):
        oauth.connect(SUPPORT, lambda url: None, timeout_s=0.05)


def test_plain_http_is_allowed_for_the_moment_only(oauth: GoogleOAuth) -> None:
    browser = Browser()

    oauth.connect(SUPPORT, browser, timeout_s=20)

    browser.join()
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ


def test_the_old_refresh_token_stays_when_the_answer_brings_none(gmail: RunningDouble, oauth: GoogleOAuth) -> None:
    gmail.double.add_account(SUPPORT, "kept")
    credentials = oauth.credentials("kept")

    with closing(httplib2.Http()) as http:
        credentials.refresh(google_auth_httplib2.Request(http))  # type: ignore[no-untyped-call]

    assert credentials.token
    assert credentials.refresh_token == "kept"


async def test_a_revoked_permission_disconnects_the_mailbox(gmail: RunningDouble, oauth: GoogleOAuth) -> None:
    gmail.double.add_account(SUPPORT, "given-back")
    mailbox = GmailMailbox(SUPPORT, oauth.credentials("given-back"), api_root=gmail.url, backoff=QUICK)

    oauth.revoke("given-back")

    with pytest.raises(Disconnected):
        await Desk(mailbox).sync()
    mailbox.close()


def test_the_secret_does_not_show_when_the_settings_are_printed(oauth: GoogleOAuth) -> None:
    assert "client-secret" not in repr(oauth)


def test_the_console_stays_silent_about_the_code(oauth: GoogleOAuth, capfd: pytest.CaptureFixture[str]) -> None:
    browser = Browser()

    oauth.connect(SUPPORT, browser, timeout_s=20)

    browser.join()
    out, err = capfd.readouterr()
    assert "code=" not in out + err


def test_the_adapters_load_without_googles_libraries() -> None:
    probe = "import sys, adapters.gmail, adapters.google_oauth; print(*(m for m in sys.modules if 'google' in m))"

    found = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert [name for name in found.stdout.split() if not name.startswith("adapters.")] == []
