"""What a script may do to its owner's login: nothing without the password, and never more than the owner could."""

import httpx
import pyotp

from api.accounts_use import create_token
from tests.web.asking import problem
from tests.web.site import PASSWORD, Site
from tests.web.test_auth import EMAIL, log_in
from tickets.people import CONSOLE, Scope

NEW = "another fine password"
PROOF = {"current_password": PASSWORD}


async def owned(site: Site, *scopes: Scope) -> httpx.AsyncClient:
    """A script with a token that Ada owns."""
    ada = await site.account(EMAIL)
    secret = await create_token(
        site.accounts, "ada's", scopes or (Scope.READ,), by=CONSOLE, now=site.clock.now(), owner_id=ada.id
    )
    return site.visitor({"Authorization": f"Bearer {secret}"})


async def with_second_step(site: Site) -> tuple[httpx.AsyncClient, pyotp.TOTP, list[str]]:
    script = await owned(site)
    offered = (await script.post("/me/second_factor", json=PROOF)).json()
    generator = pyotp.TOTP(offered["secret"])
    assert generator.secret in offered["uri"]
    code = generator.at(site.clock.now())
    confirmed = await script.post("/me/second_factor/confirm", json={**PROOF, "code": code})
    assert confirmed.status_code == 200, confirmed.text
    return script, generator, confirmed.json()["recovery_codes"]


async def test_a_password_is_changed_with_the_old_one_and_every_login_ends(site: Site) -> None:
    script, browser = await owned(site), site.visitor()
    await log_in(browser)

    wrong = await script.put("/me/password", json={"current_password": "not it at all", "password": NEW})
    changed = await script.put("/me/password", json={**PROOF, "password": NEW})
    again = await log_in(site.visitor(), password=NEW)

    assert problem(wrong, 401)["type"].endswith("wrong-login")
    assert changed.status_code == 204
    assert (await browser.get("/boards/done")).status_code == 303
    assert again.headers["location"] != "/login"
    assert (await script.get("/me")).status_code == 200


async def test_a_poor_password_is_refused(site: Site) -> None:
    script = await owned(site)

    problem(await script.put("/me/password", json={**PROOF, "password": "short"}), 400)


async def test_wrong_passwords_are_counted(site: Site) -> None:
    script = await owned(site)

    answers = [
        (await script.put("/me/password", json={"current_password": "guess", "password": NEW})).status_code
        for _ in range(6)
    ]

    assert answers == [401] * 5 + [429]


async def test_the_second_step_is_switched_on_and_off_and_asked_for_in_between(site: Site) -> None:
    script, generator, codes = await with_second_step(site)
    me = (await script.get("/me")).json()

    without = await script.put("/me/password", json={**PROOF, "password": NEW})
    used = await script.put("/me/password", json={**PROOF, "password": NEW, "code": codes[0]})
    site.clock.advance(60)
    proof = {"current_password": NEW, "code": generator.at(site.clock.now())}
    removed = await script.post("/me/second_factor/remove", json=proof)

    assert (me["email"], me["codes_left"], me["has_password"]) == (EMAIL, 10, True)
    assert me["second_factor_since"] is not None
    assert problem(without, 400)["detail"].startswith("code")
    assert (used.status_code, removed.status_code) == (204, 204)
    assert (await script.get("/me")).json()["second_factor_since"] is None


async def test_new_recovery_codes_take_the_place_of_the_old_ones(site: Site) -> None:
    script, _, codes = await with_second_step(site)

    renewed = await script.post("/me/second_factor/codes", json={**PROOF, "code": codes[0]})
    old = await script.post("/me/second_factor/codes", json={**PROOF, "code": codes[1]})

    assert len(set(renewed.json()["recovery_codes"]) - set(codes)) == 10
    problem(old, 401)


async def test_no_scope_stands_in_for_the_password(site: Site) -> None:
    script = await owned(site, *Scope)
    body = {"current_password": "a guess", "code": "000000"}

    answers = [
        await script.put("/me/password", json={"current_password": "a guess", "password": NEW}),
        await script.post("/me/second_factor", json={"current_password": "a guess"}),
        await script.post("/me/second_factor/confirm", json=body),
        await script.post("/me/second_factor/codes", json=body),
        await script.post("/me/second_factor/remove", json=body),
    ]

    assert {answer.status_code for answer in answers} == {401}


async def test_a_token_of_nobody_has_no_account(site: Site) -> None:
    async with await site.script(Scope.ADMIN) as script:
        told = problem(await script.get("/me"), 403)

    assert "belongs to nobody" in told["detail"]
