"""The category of a ticket is an operator's word: on its page, over REST, on record, and an example to learn from."""

import httpx

from persistence.examples import SqlExamples
from tests.web.asking import problem
from tests.web.browsing import form_of, page_of
from tests.web.site import Site
from tickets.audit import EventKind
from tickets.examples import Example, Outcome
from tickets.people import Role
from tickets.ticket import Ticket


async def learned(site: Site, ticket: Ticket) -> list[Example]:
    return list(await SqlExamples(site.database).of_ticket(ticket.id))


async def test_a_category_is_chosen_on_the_page(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "category"), data={"category": "technical"})
        page = (await browser.get(page_of(ticket))).text

    (example,) = await learned(site, ticket)
    assert answer.status_code == 303
    assert "Put into the category" in page
    assert (example.category, example.is_resorted, example.teaches) == ("technical", True, True)
    assert len(await site.recorded(EventKind.SORTED)) == 1


async def test_confirming_the_same_category_twice_is_one_event(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    answers = [await script.post(f"/tickets/{ticket.id}/category", json={"category": "billing"}) for _ in range(2)]

    assert [answer.json()["category"] for answer in answers] == ["billing", "billing"]
    assert len(await site.recorded(EventKind.SORTED)) == 1


async def test_a_category_that_no_ticket_can_get_is_refused_and_said(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    told = problem(await script.post(f"/tickets/{ticket.id}/category", json={"category": "no-such"}), 409)
    async with await site.browser() as browser:
        page = await browser.post(page_of(ticket, "category"), data={"category": "no-such"})

    assert "Choose one of the list" in told["detail"]
    assert (page.status_code, "Choose one of the list" in page.text) == (400, True)
    assert await learned(site, ticket) == []


async def test_whoever_only_reads_sees_no_form(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(page_of(ticket))).text
        refused = await browser.post(page_of(ticket, "category"), data={"category": "billing"})

    assert "sort-into" not in page
    assert refused.status_code == 403


async def test_an_approval_confirms_the_category_and_taking_it_back_withdraws_that(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)
    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "category"), data={"category": "technical"})
        await browser.post(page_of(ticket, "approve"), data=form_of(draft))
        (approved,) = await learned(site, ticket)

        await browser.post(page_of(ticket, "undo"))

    (undone,) = await learned(site, ticket)
    assert (approved.outcome, undone.outcome) == (Outcome.APPROVED, Outcome.OPEN)
    assert approved.answer == "Please switch it off and on again."
    assert "anna@keller.example" not in f"{approved.question}{approved.answer}"
