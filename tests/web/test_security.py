"""The fences around every answer: headers, hosts, forms from elsewhere, errors that tell nothing, mounting."""

import json
import re

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from api.passwords import hash_password, is_right
from api.security import is_allowed
from tests.web.asking import form_token
from tests.web.site import ADDRESS, Site
from tickets.people import Role, Scope

EVERYWHERE = ["/login", "/boards/new", "/boards/no-such-board", "/tickets", "/nowhere", "/health/live", "/static/none"]


# --- every answer -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", EVERYWHERE)
async def test_every_answer_carries_the_security_headers(address: str, site: Site) -> None:
    answer = await (await site.browser()).get(address)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_pages_are_not_kept_by_caches(site: Site) -> None:
    assert (await (await site.browser()).get("/boards/new")).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("host", ["evil.example", "desk.example.evil.example", "", "desk.example@evil.example"])
async def test_an_unknown_host_gets_nothing(host: str, site: Site) -> None:
    answer = await site.visitor({"Host": host}).get("/login")

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("host", "allowed", "fits"),
    [
        ("desk.example:8000", "desk.example", True),
        ("DESK.example", "desk.example", True),
        ("[::1]:8000", "::1", True),
        ("a.desk.example", "*.desk.example", True),
        ("desk.example", "*.desk.example", False),
        ("evildesk.example", "*.desk.example", False),
        ("anything.example", "*", True),
        ("desk.example:port", "desk.example", False),
    ],
)
def test_hosts_are_compared_by_name(host: str, allowed: str, fits: bool) -> None:
    assert is_allowed(host, [allowed]) is fits


async def test_the_request_id_is_ours_and_in_the_log(site: Site) -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = await site.visitor({"X-Request-Id": "forged"}).get("/boards/new?q=secret")

    (line,) = [line for line in lines if line["event"] == "request"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["route"] == "/boards/{board}"
    assert "secret" not in json.dumps(lines)


# --- forms from elsewhere ---------------------------------------------------------------------------------------------


async def log_out(browser: httpx.AsyncClient, **headers: str) -> httpx.Response:
    return await browser.post("/logout", headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    "headers",
    [
        {"X_CSRF_Token": "guess"},
        {"X_CSRF_Token": ""},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
async def test_a_form_from_elsewhere_does_nothing(headers: dict[str, str], site: Site) -> None:
    browser = await site.browser()

    answer = await log_out(browser, **headers)

    assert answer.status_code == 403
    assert "nothing was done" in answer.text
    assert (await browser.get("/boards/new")).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://desk.example", "Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "none"}]
)
async def test_a_form_of_our_own_pages_is_taken(headers: dict[str, str], site: Site) -> None:
    assert (await log_out(await site.browser(), **headers)).status_code == 303


async def test_the_token_of_one_session_is_worth_nothing_in_another(site: Site) -> None:
    ada, eve = await site.browser(Role.ADMIN), await site.browser(Role.VIEWER)

    assert (await log_out(ada, X_CSRF_Token=eve.headers["x-csrf-token"])).status_code == 403


async def test_the_token_may_stand_in_the_form(site: Site) -> None:
    browser = await site.browser()
    token = browser.headers.pop("x-csrf-token")

    assert (await browser.post("/logout", data={"_csrf": token})).status_code == 303


async def test_a_login_form_needs_the_secret_of_its_own_browser(site: Site) -> None:
    stolen = form_token(await site.visitor().get("/login"))

    answer = await site.visitor().post("/login", data={"email": "a@b", "password": "x", "_csrf": stolen})

    assert answer.status_code == 403


async def test_a_bearer_token_opens_no_page_and_a_cookie_no_rest(site: Site) -> None:
    browser, script = await site.browser(Role.ADMIN), await site.script(*Scope)

    assert (await browser.get("/tickets")).status_code == 401
    assert (await script.get("/boards/new")).status_code == 303


# --- errors -----------------------------------------------------------------------------------------------------------


class Broken:
    """A board whose error quotes what must never be shown."""

    async def page(self, *_: object, **__: object) -> None:
        raise RuntimeError(f"INSERT INTO mails VALUES ('{ADDRESS}', 'Dear customer')")


async def test_an_unexpected_error_tells_its_request_and_nothing_else(site: Site) -> None:
    broken = site.with_services(boards=Broken())
    script = await broken.script(Scope.READ)

    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = await script.get("/tickets")

    (line,) = [line for line in lines if line["event"] == "request_failed"]
    told = answer.json()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["request_id"] == answer.headers["x-request-id"] == line["request_id"]
    assert "Dear customer" not in answer.text + json.dumps(lines)
    assert (line["error"], line["log_level"]) == ("RuntimeError", "error")


async def test_an_error_on_a_page_is_a_page_with_the_next_step(site: Site) -> None:
    answer = await (await site.browser()).get("/boards/no-such-board")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "There is no such board" in answer.text
    assert "/boards" in answer.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [("text/html,*/*", "text/html; charset=utf-8"), ("application/json", "application/problem+json")],
)
async def test_an_unknown_address_is_told_in_the_callers_language(accept: str, media_type: str, site: Site) -> None:
    answer = await site.visitor({"Accept": accept}).get("/nowhere")

    assert (answer.status_code, answer.headers["content-type"]) == (404, media_type)


async def test_what_a_visitor_typed_is_shown_as_text(site: Site) -> None:
    visitor = site.visitor()
    token = form_token(await visitor.get("/login"))

    form = {"email": '"><script>alert(1)</script>', "password": "x", "_csrf": token}
    answer = await visitor.post("/login", data=form)

    assert answer.status_code == 401
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("address", ["/login", "/logout"])
async def test_a_form_larger_than_a_megabyte_is_refused(address: str, site: Site) -> None:
    browser = await site.browser()
    del browser.headers["x-csrf-token"]

    assert (await browser.post(address, data={"email": "x" * 1_100_000})).status_code == 413


# --- passwords --------------------------------------------------------------------------------------------------------


async def test_a_password_is_hashed_with_argon2id() -> None:
    hashed = await hash_password("correct horse battery staple")

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await is_right("correct horse battery staple", hashed)
    assert not await is_right("correct horse battery", hashed)


async def test_an_unknown_account_is_checked_with_the_same_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []

    def fits(_: str, password_hash: str) -> bool:
        checked.append(password_hash.rsplit("$", 2)[0])
        return True

    monkeypatch.setattr("api.passwords._fits", fits)
    hashed = await hash_password("correct horse battery staple")

    assert await is_right("anything", hashed)
    assert not await is_right("anything", None)
    assert checked[0] == checked[1]
