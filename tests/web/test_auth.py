"""Logging in and out, sessions and tokens."""

from datetime import timedelta

import httpx
import pytest
from argon2 import PasswordHasher

from api.accounts_use import create_token
from api.door import MAX_FAILURES_OF_AN_ACCOUNT, MAX_FAILURES_OF_AN_ADDRESS, _account
from tests.web.asking import form_token
from tests.web.site import PASSWORD, Site
from tickets.audit import EventKind
from tickets.people import CONSOLE, Role, Scope

EMAIL = "ada@desk.example"
WRONG = "wrong horse battery staple"


async def log_in(
    visitor: httpx.AsyncClient, password: str = PASSWORD, *, email: str = EMAIL, onward: str = ""
) -> httpx.Response:
    """As a browser does it: open the form, fill it in, send it."""
    token = form_token(await visitor.get("/login"))
    return await visitor.post("/login", data={"email": email, "password": password, "next": onward, "_csrf": token})


# --- login ------------------------------------------------------------------------------------------------------------


async def test_the_right_password_opens_the_boards(site: Site) -> None:
    await site.account(EMAIL)
    visitor = site.visitor()

    answer = await log_in(visitor)

    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/needs-action")
    assert (await visitor.get("/boards/needs-action")).status_code == 200
    assert await site.recorded(EventKind.LOGGED_IN) == [f"operator:{EMAIL}"]


async def test_case_and_space_around_an_address_do_not_matter(site: Site) -> None:
    await site.account(EMAIL)

    answer = await log_in(site.visitor(), email=f"  {EMAIL.upper()} ")

    assert answer.status_code == 303


@pytest.mark.parametrize("email", [EMAIL, "nobody@desk.example"])
async def test_a_wrong_login_does_not_say_what_is_wrong(email: str, site: Site) -> None:
    await site.account(EMAIL)

    answer = await log_in(site.visitor(), WRONG, email=email)

    assert answer.status_code == 401
    assert "The address or the password is not right" in answer.text
    assert "set-cookie" not in answer.headers or "ca_session" not in answer.headers["set-cookie"]
    assert await site.recorded(EventKind.LOGIN_FAILED) == ["visitor"]


async def test_the_sixth_failure_within_a_quarter_hour_must_wait(site: Site) -> None:
    await site.account(EMAIL)
    visitor = site.visitor()
    for _ in range(5):
        await log_in(visitor, WRONG)

    refused = await log_in(visitor, PASSWORD)
    site.clock.advance(15 * 60 + 1)
    later = await log_in(visitor, PASSWORD)

    assert refused.status_code == 429
    assert "Wait 15 minutes" in refused.text
    assert refused.headers["retry-after"] == "900"
    assert later.status_code == 303


async def test_an_attacker_elsewhere_locks_nobody_out(site: Site) -> None:
    await site.account(EMAIL)
    for _ in range(6):
        await log_in(site.visitor(address="192.0.2.66"), WRONG)

    attacker = await log_in(site.visitor(address="192.0.2.66"), PASSWORD)
    owner = await log_in(site.visitor(address="192.0.2.7"), PASSWORD)

    assert (attacker.status_code, owner.status_code) == (429, 303)


async def test_failures_from_very_many_addresses_close_an_account_but_not_where_it_is_at_home(site: Site) -> None:
    await site.account(EMAIL)
    await log_in(site.visitor(address="192.0.2.7"), PASSWORD)
    key, now = _account(EMAIL), site.clock.now()
    for _ in range(MAX_FAILURES_OF_AN_ACCOUNT):
        await site.accounts.login_failed([key], now, site.event(EventKind.LOGIN_FAILED))

    stranger = await log_in(site.visitor(address="192.0.2.99"), PASSWORD)
    at_home = await log_in(site.visitor(address="192.0.2.7"), PASSWORD)

    assert (stranger.status_code, at_home.status_code) == (429, 303)


async def test_a_whole_network_of_ipv6_counts_as_one_address(site: Site) -> None:
    await site.account(EMAIL)
    for last in range(5):
        await log_in(site.visitor(address=f"2001:db8:1:2::{last + 1}"), WRONG)

    near = await log_in(site.visitor(address="2001:db8:1:2:ffff::1"), PASSWORD)
    far = await log_in(site.visitor(address="2001:db8:1:3::1"), PASSWORD)

    assert (near.status_code, far.status_code) == (429, 303)


async def test_a_password_is_hashed_anew_when_the_parameters_have_changed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.account(EMAIL)
    monkeypatch.setattr("api.passwords._hasher", lambda: PasswordHasher(time_cost=4, memory_cost=65536, parallelism=4))

    first, second = await log_in(site.visitor()), await log_in(site.visitor())

    known = await site.accounts.operator_by_email(EMAIL)
    assert known is not None
    assert "t=4" in known[1]
    assert (first.status_code, second.status_code) == (303, 303)


async def test_failures_for_many_accounts_close_one_address(site: Site) -> None:
    await site.account(EMAIL)
    for number in range(MAX_FAILURES_OF_AN_ADDRESS):
        await log_in(site.visitor(), WRONG, email=f"guess{number}@desk.example")

    near, far = await log_in(site.visitor()), await log_in(site.visitor(address="192.0.2.1"))

    assert (near.status_code, far.status_code) == (429, 303)


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("/boards/done?q=inverter", "/boards/done?q=inverter"),
        ("//evil.example/", "/boards/needs-action"),
        ("/\\evil.example", "/boards/needs-action"),
        ("https://evil.example/", "/boards/needs-action"),
        ("/boards\r\nSet-Cookie: a=b", "/boards/needs-action"),
        ("", "/boards/needs-action"),
    ],
)
async def test_after_the_login_one_stays_on_this_site(wanted: str, given: str, site: Site) -> None:
    await site.account(EMAIL)

    answer = await log_in(site.visitor(), onward=wanted)

    assert answer.headers["location"] == given


async def test_a_page_that_needs_a_login_is_come_back_to(site: Site) -> None:
    answer = await site.visitor().get("/boards/done?q=a%20b")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fboards%2Fdone%3Fq%3Da%2520b"


async def test_a_part_of_a_page_without_a_login_sends_the_whole_page_to_it(site: Site) -> None:
    answer = await site.visitor().get("/boards/done", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login")


# --- sessions ---------------------------------------------------------------------------------------------------------


async def test_a_login_never_takes_over_an_id_that_the_browser_brought(site: Site) -> None:
    await site.account(EMAIL)
    visitor = site.visitor()
    visitor.cookies.set("ca_session", "chosen-by-an-attacker", domain="desk.example")

    await log_in(visitor)

    stranger = site.visitor()
    stranger.cookies.set("ca_session", "chosen-by-an-attacker")
    assert (await stranger.get("/boards/new")).headers["location"].startswith("/login")


async def test_logging_in_again_ends_the_session_before(site: Site) -> None:
    await site.account(EMAIL)
    cookie, session = await site.session_of(Role.OPERATOR)
    visitor = site.visitor()
    token = form_token(await visitor.get("/login"))
    visitor.cookies.set("ca_session", cookie)

    await visitor.post("/login", data={"email": EMAIL, "password": PASSWORD, "_csrf": token})

    assert await site.accounts.session(session.id_hash) is None


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site: Site) -> None:
    await site.account(EMAIL)

    cookie = (await log_in(site.visitor())).headers["set-cookie"]

    assert cookie.startswith("ca_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


async def test_over_https_the_cookie_is_bound_to_the_host(site: Site) -> None:
    secure = site.with_settings(secure_cookies=True, base_url="https://desk.example")
    await secure.account(EMAIL)

    cookie = (await log_in(secure.visitor())).headers["set-cookie"]

    assert cookie.startswith("__Host-ca_session=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_the_database_knows_only_the_hash_of_the_cookie(site: Site) -> None:
    await site.account(EMAIL)
    visitor = site.visitor()
    await log_in(visitor)

    assert await site.accounts.session(visitor.cookies["ca_session"]) is None


async def test_logging_out_ends_the_session_for_good(site: Site) -> None:
    browser = await site.browser()
    cookie = browser.cookies["ca_session"]

    answer = await browser.post("/logout")

    thief = site.visitor()
    thief.cookies.set("ca_session", cookie)
    assert answer.headers["location"] == "/login"
    assert (await thief.get("/boards/new")).status_code == 303
    assert await site.recorded(EventKind.LOGGED_OUT) == ["operator:operator@desk.example"]


async def test_a_session_ends_after_twelve_idle_hours(site: Site) -> None:
    browser = await site.browser()
    site.clock.advance(timedelta(hours=12, seconds=1).total_seconds())

    assert (await browser.get("/boards/new")).headers["location"].startswith("/login")


async def test_a_session_that_is_used_ends_after_seven_days_all_the_same(site: Site) -> None:
    browser = await site.browser()
    for _ in range(14):
        site.clock.advance(timedelta(hours=11, minutes=59).total_seconds())
        assert (await browser.get("/boards/new")).status_code == 200
    site.clock.advance(timedelta(minutes=15).total_seconds())

    assert (await browser.get("/boards/new")).status_code == 303


# --- tokens -----------------------------------------------------------------------------------------------------------


async def test_a_token_works_until_it_expires(site: Site) -> None:
    script = await site.script(Scope.READ, lifetime=timedelta(hours=1))

    before = await script.get("/tickets")
    site.clock.advance(3601)
    after = await script.get("/tickets")

    assert (before.status_code, after.status_code) == (200, 401)
    assert after.headers["www-authenticate"].startswith("Bearer")


async def test_a_revoked_token_works_no_more(site: Site) -> None:
    script = await site.script(Scope.READ)
    (token,) = await site.accounts.tokens()

    await site.accounts.revoke_token(token.id, site.event(EventKind.TOKEN_REVOKED))

    assert (await script.get("/tickets")).status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ca_", "Bearer ca_unknown", "Basic YTpi", "ca_unknown"])
async def test_what_is_no_token_opens_nothing(header: str, site: Site) -> None:
    answer = await site.visitor({"Authorization": header}).get("/tickets")

    assert answer.status_code == 401
    assert answer.json()["title"] == "An API token is needed"


async def test_a_token_does_no_more_than_its_owner_may(site: Site) -> None:
    owner = await site.operator(Role.OPERATOR)
    now = site.clock.now()
    secret = await create_token(site.accounts, "big", [Scope.ADMIN, Scope.READ], by=CONSOLE, now=now, owner_id=owner.id)
    script = site.visitor({"Authorization": f"Bearer {secret}"})

    reading, administering = await script.get("/tickets"), await script.get("/operators")

    assert (reading.status_code, administering.status_code) == (200, 403)


async def test_when_a_token_was_used_is_known(site: Site) -> None:
    script = await site.script(Scope.READ)

    await script.get("/tickets")

    (token,) = await site.accounts.tokens()
    assert token.last_used_at == site.clock.now()
