"""What everybody does to their own login: password, second step, recovery codes, sessions."""

import html
import re

import httpx
import pyotp

from api.entering import STEP_COOKIE
from tests.web.asking import form_token
from tests.web.site import PASSWORD, Site
from tests.web.test_auth import EMAIL, log_in
from tickets.people import Role

PATH = "/boards/me/security"
FACTOR = PATH + "/second_factor"
NEW = "another fine password"


async def logged_in(site: Site, role: Role = Role.OPERATOR) -> httpx.AsyncClient:
    """Ada at her own page, with the token of its forms."""
    await site.account(EMAIL, role)
    visitor = site.visitor()
    await log_in(visitor)
    visitor.headers["x-csrf-token"] = form_token(await visitor.get(PATH))
    return visitor


async def with_second_step(site: Site, role: Role = Role.OPERATOR) -> tuple[httpx.AsyncClient, pyotp.TOTP, list[str]]:
    visitor = await logged_in(site, role)
    await visitor.post(FACTOR + "/offer")
    found = re.search(r'id="factor-key" value="([A-Z2-7 ]+)"', (await visitor.get(PATH)).text)
    assert found
    generator = pyotp.TOTP(found[1].replace(" ", ""))
    shown = await visitor.post(FACTOR, data={"code": now(site, generator)})
    listed = re.search(r"<textarea[^>]*>([^<]+)</textarea>", shown.text)
    assert listed
    return visitor, generator, html.unescape(listed[1]).split("\n")


def now(site: Site, generator: pyotp.TOTP) -> str:
    return generator.at(site.clock.now())


async def second_step(site: Site, code: str, visitor: httpx.AsyncClient | None = None) -> httpx.Response:
    """Log in by password and answer the question for the code."""
    visitor = visitor or site.visitor()
    asked = await log_in(visitor, onward="/boards/done")
    assert asked.headers["location"] == "/login/code"
    token = form_token(await visitor.get("/login/code"))
    return await visitor.post("/login/code", data={"code": code, "_csrf": token})


# --- password ---------------------------------------------------------------------------------------------------------


async def test_a_password_is_changed_with_the_old_one_and_logs_others_out(site: Site) -> None:
    ada, other = await logged_in(site), site.visitor()
    await log_in(other)

    answer = await ada.post(PATH + "/password", data={"old": PASSWORD, "password": NEW})

    assert answer.status_code == 303
    assert (await ada.get("/boards/new")).status_code == 200
    assert (await other.get("/boards/new")).status_code == 303
    assert (await log_in(site.visitor(), NEW)).status_code == 303


async def test_without_the_old_password_nothing_changes(site: Site) -> None:
    ada = await logged_in(site)

    refused = await ada.post(PATH + "/password", data={"old": "not the old one", "password": NEW})

    assert refused.status_code == 400
    assert "That is not your password" in refused.text
    assert (await log_in(site.visitor(), PASSWORD)).status_code == 303


async def test_a_stolen_session_cannot_guess_the_password_for_long(site: Site) -> None:
    ada = await logged_in(site)
    for _ in range(5):
        await ada.post(PATH + "/password", data={"old": "guess", "password": NEW})

    assert (await ada.post(PATH + "/password", data={"old": PASSWORD, "password": NEW})).status_code == 429


# --- second step ------------------------------------------------------------------------------------------------------


async def test_the_key_is_shown_as_a_picture_of_our_own_and_as_text(site: Site) -> None:
    ada = await logged_in(site)

    await ada.post(FACTOR + "/offer")
    page = (await ada.get(PATH)).text

    assert "<svg" in page
    assert not re.search(r"<svg[^>]*(style=|href=)", page)


async def test_with_a_second_step_the_password_alone_opens_nothing(site: Site) -> None:
    await with_second_step(site)
    visitor = site.visitor()

    asked = await log_in(visitor)

    assert asked.headers["location"] == "/login/code"
    assert "ca_session" not in visitor.cookies
    assert (await visitor.get("/boards/new")).headers["location"].startswith("/login")


async def test_the_right_code_opens_the_page_that_was_asked_for(site: Site) -> None:
    _, generator, _ = await with_second_step(site)
    site.clock.advance(30)

    answer = await second_step(site, now(site, generator))

    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/done")


async def test_a_code_works_once(site: Site) -> None:
    _, generator, _ = await with_second_step(site)
    site.clock.advance(30)
    code = now(site, generator)

    first, replayed = await second_step(site, code), await second_step(site, code)

    assert (first.status_code, replayed.status_code) == (303, 401)
    assert "was used before" in replayed.text


async def test_the_code_that_switched_it_on_opens_nothing(site: Site) -> None:
    _, generator, _ = await with_second_step(site)

    assert (await second_step(site, now(site, generator))).status_code == 401


async def test_a_code_of_the_step_before_still_fits_and_one_from_long_ago_does_not(site: Site) -> None:
    _, generator, _ = await with_second_step(site)
    site.clock.advance(60)
    code = now(site, generator)
    site.clock.advance(30)

    late = await second_step(site, code)
    site.clock.advance(300)

    assert late.status_code == 303
    assert (await second_step(site, code)).status_code == 401


async def test_codes_cannot_be_guessed_for_long(site: Site) -> None:
    _, generator, _ = await with_second_step(site)
    site.clock.advance(30)
    for guess in range(5):
        await second_step(site, f"00000{guess}")

    assert (await second_step(site, now(site, generator))).status_code == 429


async def test_a_recovery_code_works_once_whatever_its_case_and_gaps(site: Site) -> None:
    ada, _, codes = await with_second_step(site)

    first = await second_step(site, codes[0].lower().replace(" ", "-"))
    again = await second_step(site, codes[0])

    assert (len(codes), len(set(codes))) == (10, 10)
    assert (first.status_code, again.status_code) == (303, 401)
    assert "9 recovery codes are left" in (await ada.get(PATH)).text


async def test_switching_it_on_ends_the_sessions_that_came_in_without_it(site: Site) -> None:
    await site.account(EMAIL)
    thief, ada = site.visitor(), site.visitor()
    await log_in(thief)
    await log_in(ada)
    ada.headers["x-csrf-token"] = form_token(await ada.get(PATH))
    await ada.post(FACTOR + "/offer")
    found = re.search(r'id="factor-key" value="([A-Z2-7 ]+)"', (await ada.get(PATH)).text)
    assert found

    await ada.post(FACTOR, data={"code": now(site, pyotp.TOTP(found[1].replace(" ", "")))})

    assert (await thief.get("/boards/new")).status_code == 303
    assert (await ada.get("/boards/new")).status_code == 200


async def test_it_is_switched_off_only_with_a_code(site: Site) -> None:
    ada, generator, _ = await with_second_step(site)
    site.clock.advance(30)

    refused = await ada.post(FACTOR + "/remove", data={"code": "000000"})
    removed = await ada.post(FACTOR + "/remove", data={"code": now(site, generator)})

    assert (refused.status_code, removed.status_code) == (400, 303)
    assert (await log_in(site.visitor())).headers["location"] == "/boards/needs-action"


async def test_an_administrator_removes_it_for_who_lost_the_device(site: Site) -> None:
    await with_second_step(site)
    admin = await site.browser(Role.ADMIN)
    known = await site.accounts.operator_by_email(EMAIL)
    assert known

    await admin.post(f"/boards/settings/operators/{known[0].id}/second_factor/remove")

    assert (await log_in(site.visitor())).headers["location"] == "/boards/needs-action"


async def test_the_step_between_belongs_to_one_browser_and_ends_after_five_minutes(site: Site) -> None:
    await with_second_step(site)
    visitor, stranger = site.visitor(), site.visitor()
    await log_in(visitor)
    await stranger.get("/login")
    site.clock.advance(301)

    late, foreign = await visitor.get("/login/code"), await stranger.get("/login/code")

    assert STEP_COOKIE in visitor.cookies
    assert "Log in again" in late.text
    assert "Log in again" in foreign.text


async def test_a_link_for_a_new_password_is_no_way_round_the_second_step(site: Site) -> None:
    await with_second_step(site)
    admin = await site.browser(Role.ADMIN)
    known = await site.accounts.operator_by_email(EMAIL)
    assert known
    page = await admin.post(f"/boards/settings/operators/{known[0].id}/reset_link")
    found = re.search(r"/reset/[\w-]+", page.text)
    assert found
    visitor = site.visitor()

    answer = await visitor.post(found[0], data={"password": NEW, "_csrf": form_token(await visitor.get(found[0]))})

    assert answer.headers["location"] == "/login/code"


async def test_where_it_is_required_an_administrator_gets_no_further_without_it(site: Site) -> None:
    strict = site.with_settings(admins_need_second_factor=True)
    admin, operator = await strict.browser(Role.ADMIN), await strict.browser(Role.OPERATOR)

    led = await admin.get("/boards/new")
    refused = await admin.post("/boards/settings/operators", data={"email": "x@y.org", "role": "admin"})

    assert (led.status_code, led.headers["location"]) == (303, PATH)
    assert refused.headers["location"] == PATH
    assert (await admin.get(PATH)).status_code == 200
    assert (await operator.get("/boards/new")).status_code == 200


# --- sessions ---------------------------------------------------------------------------------------------------------


async def test_one_sees_and_ends_ones_other_sessions(site: Site) -> None:
    ada = await logged_in(site)
    phone = site.visitor({"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/605"})
    await log_in(phone)
    page = (await ada.get(PATH)).text
    found = re.search(PATH + r"/sessions/\w+/end", page)
    assert found

    await ada.post(found[0])

    assert "Safari on iPhone" in page
    assert (await phone.get("/boards/new")).status_code == 303
    assert (await ada.get("/boards/new")).status_code == 200


async def test_nobody_ends_a_session_of_somebody_else_from_their_own_page(site: Site) -> None:
    ada = await logged_in(site)
    _, others = await site.session_of(Role.VIEWER)

    refused = await ada.post(f"{PATH}/sessions/{others.id_hash[:16]}/end")

    assert refused.status_code == 404
    assert await site.accounts.session(others.id_hash) is not None
