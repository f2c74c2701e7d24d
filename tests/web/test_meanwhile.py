"""A form that comes too late: what was typed stays, and the page says what others did."""

from dataclasses import replace
from html import unescape

import pytest

from tests.web.browsing import form_of, page_of
from tests.web.site import Site
from tickets.outbox import OutboxState
from tickets.people import Role
from tickets.ticket import Ticket

WORDS = "Offer Thursday after two."


@pytest.mark.parametrize(("verb", "field"), [("redraft", "feedback"), ("reject", "reason"), ("notes", "note")])
async def test_what_was_typed_in_any_form_stays_on_the_page_that_refuses_it(site: Site, verb: str, field: str) -> None:
    first, second = await site.ticket("First"), await site.ticket("Second")
    async with await site.browser(Role.ADMIN) as admin:
        if verb == "notes":
            await admin.post(page_of(second, "merge"), data={"into": str(first.number), "confirm": "on"})
        else:
            await admin.post(page_of(second, "approve"), data=form_of(await site.draft(second)))
            await _send(site, second)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(second, verb), data={field: WORDS})

    page = unescape(answer.text)
    assert answer.status_code == 409
    assert WORDS in page
    assert "What happened meanwhile" in page
    assert "admin@desk.example" in page


async def test_only_what_came_after_the_draft_that_was_shown_is_told(site: Site) -> None:
    ticket = await site.ticket()
    old = await site.draft(ticket)
    async with await site.browser(Role.ADMIN) as admin:
        await admin.post(page_of(ticket, "draft"), data=form_of(old, body="The administrator's words."))

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "draft"), data=form_of(old, body=WORDS))

    told = unescape(answer.text).partition("What happened meanwhile")[2].partition("</ul>")[0]
    assert answer.status_code == 409
    assert WORDS in answer.text
    assert "Edited: draft 2" in told
    assert "Edited: draft 1" not in told


async def test_an_assignment_that_is_refused_stays_chosen(site: Site) -> None:
    first, second = await site.ticket("First"), await site.ticket("Second")
    admin_person = await site.operator(Role.ADMIN)
    async with await site.browser(Role.ADMIN) as admin:
        nobody = await admin.post(page_of(first, "assign"), data={"assignee": "nobody@desk.example"})
        await admin.post(page_of(second, "merge"), data={"into": str(first.number), "confirm": "on"})
        merged = await admin.post(page_of(second, "assign"), data={"assignee": admin_person.email})

    assert nobody.status_code == 400
    assert "Nobody at this desk has that address" in nobody.text
    assert merged.status_code == 409


async def _send(site: Site, ticket: Ticket) -> None:
    """Its reply is on its way: nothing about it can be changed now."""
    async with site.services.store.begin() as tx:
        outgoing = await tx.latest_outgoing(ticket.id)
        assert outgoing
        await tx.move_outgoing(outgoing, replace(outgoing, state=OutboxState.SENDING))
