"""Administrators and people: invitations, roles, disabling, links for new passwords; on pages and over REST."""

import re
from uuid import UUID

import httpx
import pytest

from tests.web.asking import form_token, problem
from tests.web.site import PASSWORD, Site
from tests.web.test_auth import log_in
from tickets.audit import EventKind
from tickets.people import Role, Scope

PATH = "/boards/settings/operators"
BO = "bo@desk.example"


def link_in(page: httpx.Response, way: str) -> str:
    """The address after our own host of a link that works once."""
    found = re.search(rf"http://desk\.example(/{way}/[\w-]+)", page.text)
    assert found, "the page shows no link"
    return found[1]


async def invited(site: Site, email: str = BO, role: Role = Role.OPERATOR) -> str:
    admin = await site.browser(Role.ADMIN)
    return link_in(await admin.post(PATH, data={"email": email, "role": role.value}), "join")


async def join(site: Site, link: str, password: str = PASSWORD, name: str = "Bo Berg") -> httpx.Response:
    visitor = site.visitor()
    token = form_token(await visitor.get(link))
    return await visitor.post(link, data={"name": name, "password": password, "_csrf": token})


async def id_of(site: Site, email: str) -> UUID:
    return next(m.operator.id for m in await site.services.access.staff.members() if m.operator.email == email)


# --- invitations ------------------------------------------------------------------------------------------------------


async def test_an_invitation_lets_somebody_choose_name_and_password_and_logs_them_in(site: Site) -> None:
    link = await invited(site)

    answer = await join(site, link)

    (account,) = [m for m in await site.services.access.staff.members() if m.operator.email == BO]
    assert answer.headers["location"] == "/boards/needs-action"
    assert (account.operator.name, account.operator.role, account.sessions) == ("Bo Berg", Role.OPERATOR, 1)
    assert (await log_in(site.visitor(), email=BO)).status_code == 303
    assert await site.recorded(EventKind.OPERATOR_INVITED) == ["operator:admin@desk.example"]


async def test_an_invitation_works_once(site: Site) -> None:
    link = await invited(site)
    await join(site, link)

    again = await site.visitor().get(link)

    assert again.status_code == 409
    assert "Ask an administrator for a new one" in again.text


async def test_an_invitation_ends_after_seven_days(site: Site) -> None:
    link = await invited(site)
    site.clock.advance(7 * 86400 + 1)

    assert (await site.visitor().get(link)).status_code == 409


async def test_a_withdrawn_invitation_works_no_more(site: Site) -> None:
    link, admin = await invited(site), await site.browser(Role.ADMIN)
    found = re.search(r"/boards/settings/invitations/\w+/withdraw", (await admin.get(PATH)).text)
    assert found

    await admin.post(found[0])

    assert (await site.visitor().get(link)).status_code == 409


async def test_a_password_that_cannot_be_used_leaves_the_invitation_and_the_name(site: Site) -> None:
    link = await invited(site)

    refused = await join(site, link, password="password1234")

    assert refused.status_code == 400
    assert "Bo Berg" in refused.text
    assert (await join(site, link)).status_code == 303


async def test_somebody_with_an_account_is_not_invited(site: Site) -> None:
    await site.account(BO)
    admin = await site.browser(Role.ADMIN)

    refused = await admin.post(PATH, data={"email": " BO@desk.example", "role": "viewer"})

    assert refused.status_code == 409
    assert "has an account already" in refused.text


# --- roles and disabling ----------------------------------------------------------------------------------------------


async def test_a_role_counts_from_the_next_request_on(site: Site) -> None:
    admin, operator = await site.browser(Role.ADMIN), await site.browser(Role.OPERATOR)
    one = f"{PATH}/{await id_of(site, 'operator@desk.example')}"
    before = (await operator.get(PATH)).status_code

    await admin.post(one, data={"name": "Olga", "role": "admin"})

    assert (before, (await operator.get(PATH)).status_code) == (403, 200)
    assert "Olga" in (await admin.get(one)).text


async def test_the_last_administrator_can_be_neither_demoted_nor_disabled(site: Site) -> None:
    admin = await site.browser(Role.ADMIN)
    one = f"{PATH}/{await id_of(site, 'admin@desk.example')}"

    demoted = await admin.post(one, data={"name": "Admin", "role": "viewer"})
    disabled = await admin.post(f"{one}/disable")

    assert (demoted.status_code, disabled.status_code) == (409, 409)
    assert "only administrator" in demoted.text
    assert (await admin.get(PATH)).status_code == 200


async def test_who_is_disabled_is_out_at_once_on_pages_and_over_rest(site: Site) -> None:
    admin, bo = await site.browser(Role.ADMIN), await site.account(BO, Role.ADMIN)
    visitor = site.visitor()
    await log_in(visitor, email=BO)
    visitor.headers["x-csrf-token"] = form_token(await visitor.get("/boards/settings/tokens"))
    made = await visitor.post("/boards/settings/tokens", data={"name": "of bo", "scopes": "tickets:read", "days": ""})
    secret = re.search(r"ca_[\w-]+", made.text)
    assert secret
    script = site.visitor({"Authorization": f"Bearer {secret[0]}"})
    assert (await script.get("/tickets")).status_code == 200

    await admin.post(f"{PATH}/{bo.id}/disable")

    assert (await visitor.get("/boards/new")).headers["location"].startswith("/login")
    assert (await script.get("/tickets")).status_code == 401
    assert (await log_in(site.visitor(), email=BO)).status_code == 401

    await admin.post(f"{PATH}/{bo.id}/enable")

    assert (await log_in(site.visitor(), email=BO)).status_code == 303
    assert (await script.get("/tickets")).status_code == 401


async def test_nobody_disables_themselves(site: Site) -> None:
    await site.account(BO, Role.ADMIN)
    admin = await site.browser(Role.ADMIN)

    refused = await admin.post(f"{PATH}/{await id_of(site, 'admin@desk.example')}/disable")

    assert refused.status_code == 409
    assert "Ask another administrator" in refused.text


# --- links for a new password -----------------------------------------------------------------------------------------


async def test_a_link_sets_a_new_password_once_and_ends_all_sessions(site: Site) -> None:
    bo, admin, before = await site.account(BO), await site.browser(Role.ADMIN), site.visitor()
    await log_in(before, email=BO)
    link = link_in(await admin.post(f"{PATH}/{bo.id}/reset_link"), "reset")
    visitor = site.visitor()
    form = {"password": "another fine password", "_csrf": form_token(await visitor.get(link))}

    answer = await visitor.post(link, data=form)
    again = await visitor.post(link, data=form)

    assert (answer.status_code, again.status_code) == (303, 409)
    assert (await before.get("/boards/new")).headers["location"].startswith("/login")
    assert (await log_in(site.visitor(), email=BO)).status_code == 401
    assert (await log_in(site.visitor(), "another fine password", email=BO)).status_code == 303


async def test_a_link_for_a_password_ends_after_a_day(site: Site) -> None:
    bo, admin = await site.account(BO), await site.browser(Role.ADMIN)
    link = link_in(await admin.post(f"{PATH}/{bo.id}/reset_link"), "reset")
    site.clock.advance(86401)

    assert (await site.visitor().get(link)).status_code == 409


# --- sessions ---------------------------------------------------------------------------------------------------------


async def test_an_administrator_ends_one_session_of_somebody(site: Site) -> None:
    bo, admin = await site.account(BO), await site.browser(Role.ADMIN)
    visitor = site.visitor({"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}, address="192.0.2.77")
    await log_in(visitor, email=BO)
    page = await admin.get(f"{PATH}/{bo.id}")
    found = re.search(rf"{PATH}/{bo.id}/sessions/\w+/end", page.text)
    assert found

    await admin.post(found[0])

    assert "Firefox on Linux" in page.text
    assert "192.0.2.x" in page.text
    assert "192.0.2.77" not in page.text
    assert (await visitor.get("/boards/new")).headers["location"].startswith("/login")


# --- REST -------------------------------------------------------------------------------------------------------------


async def test_rest_invites_changes_and_disables(site: Site) -> None:
    script = await site.script(Scope.ADMIN)
    told = (await script.post("/invitations", json={"email": BO, "role": "viewer"})).json()
    await join(site, told["link"].removeprefix("http://desk.example"))
    who = await id_of(site, BO)

    changed = await script.patch(f"/operators/{who}", json={"name": "B.", "role": "operator", "is_disabled": True})

    assert changed.status_code == 200
    assert {"name": "B.", "role": "operator", "is_disabled": True, "sessions": 0}.items() <= changed.json().items()
    assert (await script.get("/invitations")).json() == {"invitations": []}
    assert BO in {one["email"] for one in (await script.get("/operators")).json()["operators"]}


async def test_rest_tells_whom_it_does_not_know(site: Site) -> None:
    script = await site.script(Scope.ADMIN)
    nobody = "00000000-0000-0000-0000-000000000001"

    problem(await script.get(f"/operators/{nobody}"), 404)
    problem(await script.get(f"/operators/{nobody}/sessions"), 404)
    problem(await script.delete(f"/operators/{nobody}/sessions/abc"), 404)
    problem(await script.delete("/invitations/abc"), 404)
    problem(await script.patch(f"/operators/{nobody}", json={"role": "emperor"}), 400)


# --- tokens -----------------------------------------------------------------------------------------------------------


async def test_a_token_is_shown_once_and_then_only_listed(site: Site) -> None:
    admin = await site.browser(Role.ADMIN)

    shown = await admin.post(
        "/boards/settings/tokens", data={"name": "nightly", "scopes": ["tickets:read", "sync:run"], "days": "30"}
    )
    listed = await admin.get("/boards/settings/tokens")

    secret = re.search(r"ca_[\w-]{40,}", shown.text)
    assert secret
    assert secret[0] not in listed.text
    assert "nightly" in listed.text
    assert "admin@desk.example" in listed.text
    assert (await site.visitor({"Authorization": f"Bearer {secret[0]}"}).get("/tickets")).status_code == 200


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "n", "days": "1"}, "without scopes"),
        ({"name": "", "scopes": "admin", "days": "1"}, "has a name"),
        ({"name": "n", "scopes": "admin", "days": "0"}, "1 to 3650 days"),
        ({"name": "n", "scopes": "admin", "days": "9" * 400}, "1 to 3650 days"),
        ({"name": "n", "scopes": "root", "days": "1"}, "no such permission"),
    ],
)
async def test_a_token_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    form: dict[str, str], sentence: str, site: Site
) -> None:
    admin = await site.browser(Role.ADMIN)

    refused = await admin.post("/boards/settings/tokens", data=form)

    assert refused.status_code == 400
    assert sentence in refused.text
    assert f'value="{form["name"]}"' in refused.text


async def test_a_token_is_revoked_on_the_page_and_over_rest(site: Site) -> None:
    admin, script, other = await site.browser(Role.ADMIN), await site.script(Scope.READ), await site.script(Scope.SYNC)
    tokens = {token.scopes: token.id for token in await site.accounts.tokens()}
    root = await site.script(Scope.ADMIN)

    await admin.post(f"/boards/settings/tokens/{tokens[frozenset({Scope.READ})]}/revoke")
    await root.delete(f"/tokens/{tokens[frozenset({Scope.SYNC})]}")

    assert (await script.get("/tickets")).status_code == 401
    assert (await other.post("/sync/run")).status_code == 401


async def test_a_token_made_over_rest_belongs_to_the_owner_of_the_token_that_made_it(site: Site) -> None:
    admin = await site.browser(Role.ADMIN)
    shown = await admin.post("/boards/settings/tokens", data={"name": "parent", "scopes": "admin", "days": "1"})
    secret = re.search(r"ca_[\w-]{40,}", shown.text)
    assert secret
    parent = site.visitor({"Authorization": f"Bearer {secret[0]}"})

    await parent.post("/tokens", json={"name": "child", "scopes": ["tickets:read"]})

    listed = (await parent.get("/tokens")).json()["tokens"]
    assert {one["name"]: one["owner"] for one in listed} == dict.fromkeys(("child", "parent"), "admin@desk.example")


@pytest.mark.parametrize(
    "address", ["/tokens", "/invitations", "/operators/00000000-0000-0000-0000-000000000001/reset_link"]
)
async def test_an_answer_that_is_told_once_is_kept_under_no_key(address: str, site: Site) -> None:
    script = await site.script(Scope.ADMIN)
    body = {"name": "n", "scopes": ["admin"]} if address == "/tokens" else {"email": BO, "role": "viewer"}

    told = problem(await script.post(address, json=body, headers={"Idempotency-Key": "one"}), 400)

    assert "kept nowhere" in told["detail"]
    assert len(await site.accounts.tokens()) == 1
