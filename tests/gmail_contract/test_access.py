"""Tokens: how they are come by, what they open, and how they are refused."""

from typing import Any

import pytest
from google.auth.exceptions import RefreshError
from google_auth_oauthlib.flow import Flow

from tests.gmail_contract.emulated import CLIENT_ID, CLIENT_SECRET, REDIRECT, SCOPE
from tests.gmail_contract.targets import Target


def test_a_refresh_token_gives_access(gmail: Target) -> None:
    credentials: Any = gmail.oauth.credentials(gmail.refresh_token)

    listed = gmail.google_with(credentials).users().labels().list(userId="me").execute()

    assert credentials.token
    assert listed["labels"]


def test_a_refresh_token_that_was_never_given_is_an_invalid_grant(gmail: Target) -> None:
    credentials: Any = gmail.oauth.credentials("never-given")

    with pytest.raises(RefreshError, match="invalid_grant"):
        gmail.google_with(credentials).users().labels().list(userId="me").execute()


def test_an_access_token_that_was_never_given_is_a_401(gmail: Target) -> None:
    assert gmail.status_with("never-given") == 401


def test_a_code_is_exchanged_by_a_client_that_names_itself_in_the_header(
    gmail: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    if gmail.consent is None:
        pytest.skip("a live mailbox: only its owner can give a new consent")
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    endpoints = {"auth_uri": "https://accounts.google.com/o/oauth2/v2/auth", "token_uri": gmail.oauth.token_url}
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **endpoints}
    flow: Any = Flow.from_client_config({"installed": client}, scopes=[SCOPE], redirect_uri=REDIRECT)

    flow.fetch_token(code=gmail.consent())

    assert flow.credentials.refresh_token
    flow.oauth2session.close()
