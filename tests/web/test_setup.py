"""The first administrator: before there is one, what answers, to whom, and how they come to be."""

import asyncio

import httpx
import pytest

from tests.web.asking import form_token
from tests.web.site import PASSWORD, SETUP_CODE, Site
from tickets.audit import EventKind
from tickets.people import Role, Scope

EMAIL = "ada@desk.example"


async def set_up(
    visitor: httpx.AsyncClient, code: str = SETUP_CODE, password: str = PASSWORD, email: str = EMAIL
) -> httpx.Response:
    token = form_token(await visitor.get("/setup"))
    form = {"code": code, "email": email, "name": "Ada", "password": password, "_csrf": token}
    return await visitor.post("/setup", data=form)


@pytest.mark.parametrize("address", ["/", "/boards/new", "/login", "/boards/api"])
async def test_without_an_administrator_every_page_leads_to_setup(address: str, fresh_site: Site) -> None:
    answer = await fresh_site.visitor().get(address)

    assert (answer.status_code, answer.headers["location"]) == (303, "/setup")


async def test_without_an_administrator_tokens_and_health_work(fresh_site: Site) -> None:
    script = await fresh_site.script(Scope.READ)

    assert (await script.get("/tickets")).status_code == 200
    assert (await script.get("/health/live")).status_code == 200


async def test_setup_makes_an_administrator_and_logs_them_in(fresh_site: Site) -> None:
    visitor = fresh_site.visitor()

    answer = await set_up(visitor)

    (operator,) = await fresh_site.accounts.operators()
    assert answer.headers["location"] == "/boards/needs-action"
    assert (operator.email, operator.role) == (EMAIL, Role.ADMIN)
    assert (await visitor.get("/boards/needs-action")).status_code == 200
    assert await fresh_site.recorded(EventKind.OPERATOR_ADDED) == ["setup"]


async def test_setup_answers_only_on_the_machine_itself(fresh_site: Site) -> None:
    stranger = fresh_site.visitor(address="192.0.2.7")

    assert (await stranger.get("/setup")).status_code == 403


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"code": "guess"}, 401, "That is not the setup code"),
        ({"password": "too short"}, 400, "A password has 12"),
        ({"email": "ada"}, 400, "That is no e-mail address"),
        ({"password": "Password1234"}, 400, "among the first that anybody would guess"),
        (
            {"email": "ada.lind@desk.example", "password": "ada.lind@desk.example"},
            400,
            "must not be the e-mail address",
        ),
    ],
)
async def test_setup_says_what_to_correct(
    changes: dict[str, str], status: int, sentence: str, fresh_site: Site
) -> None:
    answer = await set_up(fresh_site.visitor(), **changes)

    assert answer.status_code == status
    assert sentence in answer.text
    assert not await fresh_site.accounts.has_admin()


async def test_the_setup_code_cannot_be_guessed_for_long(fresh_site: Site) -> None:
    for _ in range(5):
        await set_up(fresh_site.visitor(), code="guess")

    assert (await set_up(fresh_site.visitor())).status_code == 429


async def test_setup_is_closed_once_there_is_an_administrator(fresh_site: Site) -> None:
    late = fresh_site.visitor()
    token = form_token(await late.get("/setup"))
    await fresh_site.account("first@desk.example", Role.ADMIN)

    form = {"code": SETUP_CODE, "email": EMAIL, "password": PASSWORD, "_csrf": token}
    answer = await late.post("/setup", data=form)

    assert answer.status_code == 409
    assert (await late.get("/setup")).headers["location"] == "/login"


async def test_of_two_setups_at_once_one_makes_the_administrator(fresh_site: Site) -> None:
    one, other = fresh_site.visitor(), fresh_site.visitor()

    answers = await asyncio.gather(set_up(one), set_up(other, email="eve@desk.example"))

    assert sorted(answer.status_code for answer in answers) == [303, 409]
    assert len(await fresh_site.accounts.operators()) == 1


async def test_setup_answers_nobody_whom_a_proxy_passes_on(fresh_site: Site) -> None:
    passed_on = fresh_site.visitor({"X-Forwarded-For": "192.0.2.7"})

    assert (await passed_on.get("/setup")).status_code == 403
