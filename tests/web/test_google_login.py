"""Signing in with Google, against the double's OpenID Connect."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.google_keys import GoogleKeys
from adapters.google_login import GoogleLogin
from entrypoints.gmail_double.grants import Consent
from entrypoints.gmail_double.running import RunningDouble
from tests.web.asking import form_token
from tests.web.site import Site
from tickets.people import Role

BO = "bo@helios.example"


@pytest.fixture(scope="module")
def google() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture
def desk(site: Site, google: RunningDouble) -> Site:
    google.double.grants.claims = {}
    google.double.grants.next_consent = Consent(account=BO)
    sign_in = GoogleLogin(
        "desk",
        "secret",
        auth_url=f"{google.url}/o/oauth2/v2/auth",
        token_url=f"{google.url}/token",
        keys=GoogleKeys(f"{google.url}/oauth2/v1/certs"),
    )
    return site.with_services(access=replace(site.services.access, sign_in=sign_in))


async def asked(visitor: httpx.AsyncClient, onward: str = "") -> str:
    """Google's page, to which the desk sends the browser."""
    form = {"next": onward, "_csrf": form_token(await visitor.get("/login"))}
    left = await visitor.post("/login/google", data=form)
    assert left.status_code == 200
    return left.headers["refresh"].partition("url=")[2]


async def answer_of(url: str) -> str:
    """The address, on the desk, to which Google sends the browser back."""
    async with httpx.AsyncClient() as browser:
        back = urlsplit((await browser.get(url)).headers["location"])
    return f"{back.path}?{back.query}"


async def sign_in(desk: Site, visitor: httpx.AsyncClient | None = None, onward: str = "") -> httpx.Response:
    visitor = visitor or desk.visitor()
    return await visitor.get(await answer_of(await asked(visitor, onward)))


async def test_the_button_is_there_only_when_it_is_set_up(site: Site, desk: Site) -> None:
    assert "Sign in with Google" in (await desk.visitor().get("/login")).text
    assert "Sign in with Google" not in (await site.visitor().get("/login")).text
    visitor = site.visitor()
    form = {"_csrf": form_token(await visitor.get("/login"))}
    assert (await visitor.post("/login/google", data=form)).status_code == 404


async def test_the_question_carries_state_nonce_and_a_proof_key(desk: Site) -> None:
    query = parse_qs(urlsplit(await asked(desk.visitor())).query)

    assert query["redirect_uri"] == ["http://desk.example/login/google/callback"]
    assert (query["response_type"], query["code_challenge_method"]) == (["code"], ["S256"])
    assert all(len(query[name][0]) > 40 for name in ("state", "nonce", "code_challenge"))


async def test_an_operator_signs_in_and_comes_to_the_page_that_was_asked_for(desk: Site) -> None:
    await desk.account(BO)
    visitor = desk.visitor()

    answer = await sign_in(desk, visitor, "/boards/done")

    assert answer.headers["location"] == "/boards/done"
    assert (await visitor.get("/boards/done")).status_code == 200


async def test_a_stranger_gets_no_account(desk: Site) -> None:
    answer = await sign_in(desk)

    assert answer.status_code == 401
    assert "has no place at this desk" in answer.text
    assert await desk.accounts.operator_by_email(BO) is None


async def test_who_was_invited_joins_without_a_password(desk: Site) -> None:
    admin = await desk.browser(Role.ADMIN)
    await admin.post("/boards/settings/operators", data={"email": BO, "role": "operator"})

    answer = await sign_in(desk)

    known = await desk.accounts.operator_by_email(BO)
    assert answer.status_code == 303
    assert known is not None
    assert (known[0].role, known[0].name, known[1]) == (Role.OPERATOR, "Bo", "")


@pytest.mark.parametrize(("allowed", "status"), [(BO, 303), ("helios.example", 303), ("other.example", 401)])
async def test_the_list_of_addresses_and_domains_opens_with_its_role(allowed: str, status: int, desk: Site) -> None:
    listing = desk.with_settings(sign_in_allowed=(allowed,), sign_in_role=Role.VIEWER)

    answer = await sign_in(listing)

    known = await desk.accounts.operator_by_email(BO)
    assert answer.status_code == status
    assert (known[0].role if known else None) == (Role.VIEWER if status == 303 else None)


async def test_an_address_of_a_domain_that_does_not_manage_the_account_is_not_on_the_list(
    desk: Site, google: RunningDouble
) -> None:
    google.double.grants.claims = {"hd": None}

    answer = await sign_in(desk.with_settings(sign_in_allowed=("helios.example",)))

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"exp": 1},
        {"email": None},
        {"sub": ""},
    ],
    ids=str,
)
async def test_an_answer_that_does_not_hold_opens_nothing(
    claims: dict[str, object], desk: Site, google: RunningDouble
) -> None:
    await desk.account(BO)
    google.double.grants.claims = claims
    visitor = desk.visitor()

    answer = await sign_in(desk, visitor)

    assert answer.status_code == 401
    assert "ca_session" not in visitor.cookies


async def test_a_token_that_google_did_not_sign_opens_nothing(
    desk: Site, google: RunningDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.account(BO)
    url = await asked(visitor := desk.visitor())
    back = await answer_of(url)
    honest = google.double.signer.sign
    monkeypatch.setattr(google.double.signer, "sign", lambda claims: honest(claims)[:-8] + "AAAAAAAA")

    answer = await visitor.get(back)

    assert answer.status_code == 401


async def test_an_answer_works_once_and_only_in_the_browser_that_asked(desk: Site) -> None:
    await desk.account(BO)
    visitor, other = desk.visitor(), desk.visitor()
    await asked(other)
    back = await answer_of(await asked(visitor))

    foreign = await other.get(back)
    first = await visitor.get(back)
    again = await visitor.get(back)

    assert (foreign.status_code, first.status_code, again.status_code) == (401, 303, 401)


async def test_an_answer_with_another_state_is_refused(desk: Site) -> None:
    await desk.account(BO)
    back = await answer_of(await asked(visitor := desk.visitor()))

    answer = await visitor.get(back.replace("state=", "state=x"))

    assert answer.status_code == 401


async def test_a_refusal_at_google_leads_back_to_the_login(desk: Site, google: RunningDouble) -> None:
    google.double.grants.next_consent = Consent(account=BO, is_denied=True)

    answer = await sign_in(desk)

    assert answer.status_code == 401
    assert "Google did not say who you are" in answer.text


async def test_who_is_disabled_is_told_no_more_than_a_stranger(desk: Site) -> None:
    bo = await desk.account(BO)
    admin = await desk.browser(Role.ADMIN)
    await admin.post(f"/boards/settings/operators/{bo.id}/disable")

    answer = await sign_in(desk.with_settings(sign_in_allowed=(BO,)))

    assert answer.status_code == 401
    assert "has no place at this desk" in answer.text


async def test_another_google_account_that_got_the_same_address_later_is_refused(
    desk: Site, google: RunningDouble
) -> None:
    await desk.account(BO)
    await sign_in(desk)
    google.double.grants.next_consent = Consent(account=BO)
    google.double.grants.claims = {"sub": "another account"}

    assert (await sign_in(desk)).status_code == 401
