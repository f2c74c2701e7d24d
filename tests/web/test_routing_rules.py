"""Routing rules on their page and by REST: written, tried on past tickets, ordered, never lost half typed."""

import httpx
import pytest

from adapters.memory import MemoryKnowledge, MemoryModel
from tests.web.asking import problem
from tests.web.site import Site
from tickets.agent import Agent
from tickets.audit import EventKind
from tickets.desk_settings import Change
from tickets.people import SYNC, Role, Scope
from tickets.routing import RoutingRules, Rule
from tickets.ticket import Ticket

PAGE = "/boards/settings/rules"
RULE = {"name": "Inverters", "subject_has": "inverter", "set_category": "warranty", "set_priority": "high"}


@pytest.fixture
async def admin(site: Site) -> httpx.AsyncClient:
    return await site.browser(Role.ADMIN)


async def read(site: Site, subject: str = "Inverter shows error 403") -> Ticket:
    """A ticket that triage has read."""
    ticket = await site.ticket(subject)
    services = site.services
    agent = Agent(services.store, MemoryModel(), MemoryKnowledge(()), site.clock, settings=services.desk_settings)
    await agent.triage(ticket.id, ticket.work_seq)
    return await services.store.ticket(ticket.id)


async def rules(site: Site) -> tuple[Rule, ...]:
    return (await site.services.desk_settings.read(RoutingRules)).rules


async def test_a_saved_rule_acts_on_the_next_mail_and_says_so(site: Site, admin: httpx.AsyncClient) -> None:
    operator = await site.operator(Role.OPERATOR)
    await admin.post(PAGE, data=RULE | {"set_assignee": operator.email, "version": "0"})

    ticket = await read(site)
    page = await admin.get(f"/boards/tickets/{ticket.id}")

    assert (ticket.category, ticket.priority, ticket.assignee) == ("warranty", "high", operator.email)
    assert "rule 1 &#39;Inverters&#39;: category Warranty, priority high" in page.text


async def test_an_assignee_who_is_no_operator_is_refused_on_the_page_and_by_rest(
    site: Site, admin: httpx.AsyncClient
) -> None:
    script = await site.script(Scope.ADMIN)
    nobody = {"subject_has": "inverter", "set_assignee": "nobody@nowhere.example"}

    page = await admin.post(PAGE, data=RULE | nobody | {"version": "0"})
    answer = await script.put("/settings/rules", json={"rules": [nobody], "version": 0})

    assert page.status_code == 400
    assert "no active operator of this desk" in page.text
    assert "no active operator" in problem(answer, 400)["detail"]
    assert await rules(site) == ()


async def test_an_assignee_who_was_disabled_since_is_told_in_the_reason(site: Site, admin: httpx.AsyncClient) -> None:
    stale = RoutingRules((Rule(subject_has="inverter", set_assignee="gone@desk.example"),))
    await site.services.desk_settings.write(Change(stale, 0), by=SYNC, now=site.clock.now())

    ticket = await read(site)
    page = await admin.get(f"/boards/tickets/{ticket.id}")

    assert ticket.assignee is None
    assert "rule 1: not assigned, gone@desk.example is no active operator" in page.text


async def test_tags_of_a_rule_are_put_on_the_next_ticket_and_found_by_the_trial_first(
    site: Site, admin: httpx.AsyncClient
) -> None:
    before = await read(site, "Inverter is loud")
    tagging = {"name": "Inverters", "subject_has": "inverter", "add_tags": "Hardware, field work"}

    tried = await admin.post(PAGE, data=tagging | {"do": "try", "version": "0"})
    await admin.post(PAGE, data=tagging | {"version": "0"})
    after = await read(site)

    assert f"#{before.number} Inverter is loud" in tried.text
    assert '<span class="tag own">field work</span>' in tried.text
    assert (await site.services.store.ticket(before.id)).tags == ()
    assert after.tags == ("hardware", "field work")
    assert await site.recorded(EventKind.TAGGED) == ["agent"]
    assert await site.services.store.tags(5) == ("field work", "hardware")


async def test_trying_shows_what_would_have_changed_and_saves_nothing(site: Site, admin: httpx.AsyncClient) -> None:
    ticket = await read(site)

    answer = await admin.post(PAGE, data=RULE | {"do": "try", "version": "0"})

    assert answer.status_code == 200
    assert f"#{ticket.number} Inverter shows error 403" in answer.text
    assert "would have changed 1" in answer.text
    assert 'value="Inverters"' in answer.text
    assert await rules(site) == ()


async def test_rules_move_and_go(site: Site, admin: httpx.AsyncClient) -> None:
    for version, name in enumerate("ab"):
        await admin.post(PAGE, data=RULE | {"name": name, "version": str(version)})

    await admin.post(f"{PAGE}/2", data={"do": "up", "version": "2"})
    moved = [rule.name for rule in await rules(site)]
    await admin.post(f"{PAGE}/1", data={"do": "remove", "version": "3"})

    assert moved == ["b", "a"]
    assert [rule.name for rule in await rules(site)] == ["a"]


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"subject_has": "", "set_category": ""}, 400, "without a condition"),
        ({"version": "4"}, 409, "Somebody else"),
    ],
)
async def test_a_refused_rule_comes_back_as_it_was_typed(
    admin: httpx.AsyncClient, changes: dict[str, str], status: int, said: str
) -> None:
    answer = await admin.post(PAGE, data=RULE | {"name": "<b>Mine</b>", "version": "0"} | changes)

    assert answer.status_code == status
    assert said in answer.text
    assert "&lt;b&gt;Mine&lt;/b&gt;" in answer.text


async def test_scripts_try_and_replace_the_rules(site: Site) -> None:
    script, ticket = await site.script(Scope.ADMIN), await read(site)

    trial = await script.post("/settings/rules/try", json={"rules": [RULE]})
    written = await script.put("/settings/rules", json={"rules": [RULE], "version": 0})

    assert (trial.json()["looked_at"], trial.json()["fitting"]) == (1, 1)
    (difference,) = trial.json()["differences"]
    assert (difference["ticket_id"], difference["category"]) == (str(ticket.id), ["technical", "warranty"])
    assert written.json()["rules"][0]["name"] == "Inverters"
    assert (await script.get("/settings/rules")).json()["version"] == 1
    problem(await script.put("/settings/rules", json={"rules": [], "version": 0}), 409)
    problem(await script.put("/settings/rules", json={"rules": [{"name": "x"}], "version": 1}), 400)
