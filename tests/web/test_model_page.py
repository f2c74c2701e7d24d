"""The page of models: what they cost, what they may cost, and whether they answer."""

from decimal import Decimal

import pytest

from tests.web.asking import problem
from tests.web.site import Site
from tickets.desk_settings import ModelBudget, Price
from tickets.errors import ModelUnavailable
from tickets.people import Role, Scope

PAGE = "/boards/settings/model"
TYPED = {"version-model_budget": "0", "daily": "0.5", "currency": "eur", "prices": "scripted 1000 2000"}


async def spend(site: Site) -> None:
    assert site.services.spending
    await site.services.spending.told(None, "triage", "scripted", (100, 200), 1.5, "ok")


async def test_a_budget_and_prices_hold_and_the_page_says_when_it_is_spent(site: Site) -> None:
    admin = await site.browser(Role.ADMIN)

    await admin.post(PAGE, data=TYPED)
    await spend(site)
    page = await admin.get(PAGE)

    budget = await site.services.desk_settings.read(ModelBudget)
    assert budget == ModelBudget(Decimal("0.5"), "EUR", {"scripted": Price(Decimal(1000), Decimal(2000))})
    assert "0.5000 EUR" in page.text
    assert "s budget is spent." in page.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"prices": "gpt <b>"}, "two numbers"),
        ({"prices": "gpt one 2"}, "are numbers"),
        ({"prices": "gpt -1 2"}, "not negative"),
        ({"daily": "much"}, "is a number"),
        ({"currency": "euro"}, "three letters"),
    ],
)
async def test_what_cannot_be_meant_comes_back(site: Site, changes: dict[str, str], said: str) -> None:
    admin = await site.browser(Role.ADMIN)

    answer = await admin.post(PAGE, data=TYPED | changes)

    assert answer.status_code == 400
    assert said in answer.text
    assert next(iter(changes.values())).replace("<", "&lt;").replace(">", "&gt;") in answer.text


async def test_trying_says_how_long_the_answer_took_or_why_there_was_none(site: Site) -> None:
    async def answers() -> float:
        return 1.25

    async def fails() -> float:
        raise ModelUnavailable("The model refused the key; check its settings")

    said = []
    for model in (answers, fails):
        admin = await site.with_services(try_model=model).browser(Role.ADMIN)
        said.append((await admin.post(f"{PAGE}/try")).text)

    assert "It answered within 1.2 s." in said[0]
    assert "refused the key" in said[1]


async def test_scripts_read_the_use_and_replace_the_budget(site: Site) -> None:
    script = await site.script(Scope.ADMIN)
    value = {"daily": "5", "currency": "USD", "prices": {"scripted": {"per_million_in": "1", "per_million_out": "2.5"}}}

    written = await script.put("/settings/model-budget", json=value | {"version": 0})
    await spend(site)
    use = await script.get("/settings/model-usage?days=1")

    assert {name: written.json()[name] for name in value} == value
    (item,) = use.json()["items"]
    assert (item["calls"], item["tokens_out"], item["cost"], use.json()["is_spent"]) == (1, 200, "0.0006", False)
    problem(await script.put("/settings/model-budget", json=value | {"version": 0}), 409)
    problem(await script.get("/settings/model-usage?days=0"), 400)
