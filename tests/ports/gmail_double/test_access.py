"""Consent, tokens, scopes and quota."""

import http.client
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import google.oauth2.id_token
import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from googleapiclient.errors import HttpError
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError  # type: ignore[import-untyped]

from entrypoints.gmail_double.grants import MODIFY, Consent
from entrypoints.gmail_double.running import RunningDouble
from entrypoints.gmail_double.state import DEFAULT_REFRESH_TOKEN
from tests.ports.gmail_double.conftest import Connect
from tests.ports.gmail_double.talking import SUPPORT, a_draft, call_once, mail, refused


@pytest.fixture
def flow(gmail: RunningDouble, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    web = {
        "client_id": "desk",
        "client_secret": "secret",
        "auth_uri": f"{gmail.url}/o/oauth2/auth",
        "token_uri": f"{gmail.url}/token",
    }
    with_pkce: Any = Flow.from_client_config(
        {"web": web},
        scopes=[MODIFY],
        redirect_uri="http://127.0.0.1:9/callback",
        autogenerate_code_verifier=True,
    )
    yield with_pkce
    with_pkce.oauth2session.close()


def landing(flow: Any, **asked: str) -> dict[str, list[str]]:
    """The query with which the browser comes back from the consent page."""
    asked = {"access_type": "offline", "prompt": "consent", "login_hint": SUPPORT} | asked
    url = urlsplit(flow.authorization_url(**asked)[0])
    connection = http.client.HTTPConnection(url.netloc)
    connection.request("GET", f"{url.path}?{url.query}")
    location = connection.getresponse().headers["location"]
    connection.close()
    return parse_qs(urlsplit(location).query)


def refreshed(gmail: RunningDouble, refresh_token: str, request: Request) -> str:
    credentials: Any = Credentials(  # type: ignore[no-untyped-call]
        None, refresh_token, token_uri=f"{gmail.url}/token", client_id="desk", client_secret="secret"
    )
    credentials.refresh(request)
    return str(credentials.token)


def test_consent_with_pkce_gives_tokens_that_can_be_refreshed_until_revoked(
    gmail: RunningDouble, flow: Any, connect: Connect, auth_request: Request
) -> None:
    flow.fetch_token(code=landing(flow)["code"][0])
    credentials = flow.credentials

    credentials.refresh(auth_request)
    profile = connect(credentials.token).users().getProfile(userId="me").execute()
    gmail.double.revoke(SUPPORT)

    assert profile["emailAddress"] == SUPPORT
    assert call_once(gmail.url, credentials.token, "GET", "profile") == 401
    with pytest.raises(RefreshError, match="invalid_grant"):
        credentials.refresh(auth_request)


def test_a_wrong_code_verifier_is_refused_and_spends_the_code(flow: Any) -> None:
    code = landing(flow)["code"][0]
    right, flow.code_verifier = flow.code_verifier, "x" * 64

    with pytest.raises(InvalidGrantError, match="verifier"):
        flow.fetch_token(code=code)

    flow.code_verifier = right
    with pytest.raises(InvalidGrantError):
        flow.fetch_token(code=code)


def test_a_second_consent_without_prompt_brings_no_refresh_token(gmail: RunningDouble, flow: Any) -> None:
    flow.fetch_token(code=landing(flow)["code"][0])
    held = set(gmail.double.grants.refresh)

    flow.fetch_token(code=landing(flow, prompt="select_account")["code"][0])
    after_second = set(gmail.double.grants.refresh)
    flow.fetch_token(code=landing(flow, prompt="consent")["code"][0])

    assert after_second == held
    assert len(gmail.double.grants.refresh) == len(held) + 1


def test_a_person_may_drop_a_scope_or_deny(gmail: RunningDouble, flow: Any) -> None:
    gmail.double.next_consent(Consent(scopes=("openid",)))
    granted = landing(flow)["scope"]
    gmail.double.next_consent(Consent(is_denied=True))
    denied = landing(flow)

    assert granted == ["openid"]
    assert denied["error"] == ["access_denied"]
    assert "code" not in denied


def test_an_account_made_by_a_test_has_a_refresh_token_ready(gmail: RunningDouble, auth_request: Request) -> None:
    token = refreshed(gmail, DEFAULT_REFRESH_TOKEN, auth_request)

    assert call_once(gmail.url, token, "GET", "profile") == 200
    with pytest.raises(RefreshError, match="invalid_grant"):
        refreshed(gmail, "never issued", auth_request)


def test_access_ends_when_the_clock_moves_on_or_a_test_says_so(gmail: RunningDouble) -> None:
    token = gmail.double.access_token(SUPPORT)

    before = call_once(gmail.url, token, "GET", "profile")
    gmail.double.move_clock(3_700)
    later = call_once(gmail.url, token, "GET", "profile")
    fresh = gmail.double.access_token(SUPPORT)
    gmail.double.expire_access(SUPPORT)

    assert (before, later) == (200, 401)
    assert call_once(gmail.url, fresh, "GET", "profile") == 401


def test_a_token_without_the_scope_is_refused(gmail: RunningDouble, connect: Connect) -> None:
    readonly = gmail.double.access_token(SUPPORT, ["https://www.googleapis.com/auth/gmail.readonly"])

    with pytest.raises(HttpError) as error:
        a_draft(connect(readonly).users(), mail())

    assert refused(error) == (403, "insufficientPermissions")


def test_identity_tokens_verify_against_the_published_keys(gmail: RunningDouble, auth_request: Request) -> None:
    now_s = gmail.double.now_ms() // 1000
    claims = {"iss": "https://accounts.google.com", "aud": "push", "iat": now_s, "exp": now_s + 60}

    token = gmail.double.signer.sign({**claims, "email": SUPPORT})
    verify: Any = google.oauth2.id_token.verify_token
    verified = verify(token, auth_request, audience="push", certs_url=f"{gmail.url}/certs")

    assert verified["email"] == SUPPORT


def test_quota_is_counted_in_units_by_user_and_minute(gmail: RunningDouble, client: Any) -> None:
    received = gmail.receive(SUPPORT, mail())
    # The start of a minute by the double's clock: the three calls must not straddle two minutes.
    gmail.double.move_clock(60 - gmail.double.now_ms() / 1000 % 60)
    gmail.double.limit(45)

    for _ in range(2):
        client.messages().get(userId="me", id=received.id).execute()
    with pytest.raises(HttpError) as error:
        client.messages().get(userId="me", id=received.id).execute()
    gmail.double.move_clock(180)
    token = gmail.double.access_token(SUPPORT)

    assert refused(error) == (429, "rateLimitExceeded")
    assert call_once(gmail.url, token, "GET", f"messages/{received.id}") == 200


def test_the_quota_of_an_older_project_is_larger_and_its_prices_lower(gmail: RunningDouble, client: Any) -> None:
    received = gmail.receive(SUPPORT, mail())
    gmail.double.move_clock(60 - gmail.double.now_ms() / 1000 % 60)
    gmail.double.limit(15_000, prices={"messages.get": 5})

    client.messages().get(userId="me", id=received.id).execute()
    client.messages().list(userId="me").execute()

    assert gmail.double.world.quota.spent(SUPPORT, gmail.double.now_ms()) == 10


def test_a_rotated_refresh_token_is_good_for_one_use(gmail: RunningDouble, auth_request: Request) -> None:
    gmail.double.rotate_refresh_tokens()
    credentials: Any = Credentials(  # type: ignore[no-untyped-call]
        None, DEFAULT_REFRESH_TOKEN, token_uri=f"{gmail.url}/token", client_id="desk", client_secret="secret"
    )

    credentials.refresh(auth_request)
    second = credentials.refresh_token
    credentials.refresh(auth_request)

    assert len({DEFAULT_REFRESH_TOKEN, second, credentials.refresh_token}) == 3
    with pytest.raises(RefreshError, match="invalid_grant"):
        refreshed(gmail, DEFAULT_REFRESH_TOKEN, auth_request)


def test_a_person_chooses_the_account_and_the_permissions_on_a_page(gmail: RunningDouble, flow: Any) -> None:
    gmail.double.add_account("other@helios.example", "other-token")
    gmail.double.ask_people()
    url = flow.authorization_url(access_type="offline", login_hint=SUPPORT)[0]

    with urlopen(url) as answer:
        page = answer.read().decode()
    answered = landing(flow, decision="allow", account="other@helios.example", granted=MODIFY)
    flow.fetch_token(code=answered["code"][0])
    denied = landing(flow, decision="deny")

    assert f'value="{SUPPORT}" checked' in page
    assert 'value="other@helios.example" required' in page
    assert gmail.double.grants.owner(flow.credentials.token) == "other@helios.example"
    assert denied["error"] == ["access_denied"]
