"""Two people approve, through the web: what the page shows to whom, and the rule in the settings."""

import re
from decimal import Decimal
from html import unescape

import httpx
import pytest

from tests.web.asking import problem
from tests.web.browsing import footer_of, form_of, page_of
from tests.web.site import Site
from tickets.desk_settings import Change, TwoPerson
from tickets.people import CONSOLE, Role, Scope
from tickets.ticket import Draft, Ticket

PAGE = "/boards/settings/two-people"
REST = "/settings/two-people"


@pytest.fixture
async def waiting(site: Site) -> tuple[Ticket, Draft]:
    """A reply of 620 EUR, on a desk where 500 is the limit."""
    rule = TwoPerson(amount_above=Decimal(500))
    await site.services.desk_settings.write(Change(rule, 0), by=CONSOLE, now=site.clock.now())
    ticket = await site.ticket()
    return ticket, await site.draft(ticket, "We refund 620 EUR.")


async def approve(site: Site, ticket: Ticket, draft: Draft, role: Role) -> httpx.Response:
    async with await site.browser(role) as browser:
        return await browser.post(page_of(ticket, "approve"), data=form_of(draft))


async def footer(site: Site, ticket: Ticket, role: Role) -> str:
    async with await site.browser(role) as browser:
        return unescape(footer_of((await browser.get(page_of(ticket))).text))


async def test_the_page_says_that_two_are_needed_and_why(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, _ = waiting

    bar = await footer(site, ticket, Role.OPERATOR)

    assert "Two people approve this reply" in bar
    assert "above 500" in bar
    assert "Approve as the first of two" in bar


async def test_the_first_waits_for_a_second_and_may_take_it_back(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, draft = waiting

    answer = await approve(site, ticket, draft, Role.OPERATOR)

    own, others = await footer(site, ticket, Role.OPERATOR), await footer(site, ticket, Role.ADMIN)
    assert answer.status_code == 303
    assert "You approved this reply" in own
    assert "Take my approval back" in own
    assert "data-approve" not in own
    assert "operator@desk.example approved exactly this reply" in others
    assert "Approve and send" in others


async def test_the_second_sends_it(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, draft = waiting
    await approve(site, ticket, draft, Role.OPERATOR)

    await approve(site, ticket, draft, Role.ADMIN)

    assert "Undo" in await footer(site, ticket, Role.OPERATOR)
    assert await site.services.store.latest_outgoing(ticket.id)


async def test_taking_it_back_starts_over(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, draft = waiting
    await approve(site, ticket, draft, Role.OPERATOR)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "undo"))

    assert "Approve as the first of two" in await footer(site, ticket, Role.OPERATOR)


async def test_the_board_says_that_one_of_two_approved(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, draft = waiting
    await approve(site, ticket, draft, Role.OPERATOR)

    async with await site.browser() as browser:
        board = (await browser.get("/boards/needs-action")).text

    assert "1 of 2 approved" in board


async def test_a_second_who_changes_the_words_is_the_first_of_the_new_ones(
    site: Site, waiting: tuple[Ticket, Draft]
) -> None:
    ticket, draft = waiting
    await approve(site, ticket, draft, Role.OPERATOR)

    async with await site.browser(Role.ADMIN) as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft, body="We refund 630 EUR."))

    assert await site.services.store.latest_outgoing(ticket.id) is None
    first = await site.services.store.first_approval(ticket.id)
    assert first
    assert (first.actor, first.revision) == ("operator:admin@desk.example", draft.revision + 1)


async def test_scripts_see_it_and_a_token_of_nobody_does_not_count(
    site: Site, waiting: tuple[Ticket, Draft], script: httpx.AsyncClient
) -> None:
    ticket, draft = waiting
    seen = {"revision": draft.revision, "content_hash": draft.content_hash}

    refused = await script.post(f"/tickets/{ticket.id}/approve_send", json=seen)
    before = (await script.get(f"/tickets/{ticket.id}")).json()
    await approve(site, ticket, draft, Role.OPERATOR)
    after = (await script.get(f"/tickets/{ticket.id}")).json()

    assert problem(refused, 403)["type"].endswith("person-needed")
    assert before["two_needed"] == {"reason": "it states an amount above 500", "first": None}
    assert after["two_needed"]["first"]["by"] == "operator:operator@desk.example"
    assert after["first_approved_by"] == "operator:operator@desk.example"
    assert after["delivery"]["state"] == "none"


# --- the rule ---------------------------------------------------------------------------------------------------------


async def test_an_administrator_sets_the_rule(site: Site) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        form = {"version": "0", "category": ["billing", "complaint"], "amount": "99,90"}
        answer = await admin.post(PAGE, data=form)
        page = (await admin.get(PAGE)).text

    rule = await site.services.desk_settings.read(TwoPerson)
    assert answer.status_code == 303
    assert rule == TwoPerson(("billing", "complaint"), Decimal("99.90"))
    assert re.search(r'value="billing" checked', page)
    assert 'value="99.90"' in page


@pytest.mark.parametrize("amount", ["-1", "much", "NaN", "1e99"])
async def test_an_amount_that_is_none_stays_in_its_field(site: Site, amount: str) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        answer = await admin.post(PAGE, data={"version": "0", "category": "billing", "amount": amount})

    assert answer.status_code == 400
    assert f'value="{amount}"' in answer.text
    assert re.search(r'value="billing" checked', answer.text)


async def test_two_administrators_at_once_lose_nothing(site: Site) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        await admin.post(PAGE, data={"version": "0", "amount": "100"})
        late = await admin.post(PAGE, data={"version": "0", "amount": "200", "category": "sales"})
        endless = await admin.post(PAGE, data={"version": "9" * 5000, "amount": "200", "category": "sales"})

    assert (late.status_code, endless.status_code) == (409, 409)
    assert "amounts above 100" in late.text
    assert 'value="200"' in late.text


async def test_scripts_read_and_set_the_rule(site: Site) -> None:
    async with await site.script(Scope.ADMIN) as script:
        before = (await script.get(REST)).json()
        rule = {"categories": ["billing"], "amount_above": "250", "version": 0}
        after = await script.put(REST, json=rule)
        stale = await script.put(REST, json=rule)

    assert before == {"categories": [], "amount_above": None, "version": 0}
    assert after.json() == {"categories": ["billing"], "amount_above": "250", "version": 1}
    assert problem(stale, 409)
