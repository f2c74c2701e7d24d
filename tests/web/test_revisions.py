"""Earlier revisions of a reply: listed, read, compared word by word, and taken back into the editor."""

import httpx

from tests.web.asking import problem
from tests.web.browsing import current, form_of, page_of
from tests.web.site import Site
from tickets.audit import EventKind
from tickets.people import CONSOLE
from tickets.ticket import Ticket


async def edited(site: Site) -> Ticket:
    """A ticket with three revisions; the first words are there again in none of the later ones."""
    ticket = await site.ticket()
    first = await site.draft(ticket, "It takes a few days.")
    await site.services.desk.edit(ticket.id, 1, first.subject, "It takes seven days.", by=CONSOLE)
    await site.services.desk.edit(ticket.id, 2, first.subject, "It takes seven working days.", by=CONSOLE)
    return ticket


async def test_the_page_lists_all_and_compares_the_newest_with_the_one_before(site: Site) -> None:
    ticket = await edited(site)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket, "revisions"))).text

    assert page.count('<li aria-current="true">') == 1
    assert all(f"Draft {number}" in page for number in (1, 2, 3))
    assert "Edited: draft 2" in page
    assert "working" in page.split("<ins>")[1].split("</ins>")[0]


async def test_any_two_can_be_compared(site: Site) -> None:
    ticket = await edited(site)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket, "revisions"), params={"of": "3", "against": "1"})).text

    assert "compared with draft 1" in page
    assert "a few" in page.split("<del>")[1].split("</del>")[0]


async def test_one_can_be_read_alone(site: Site) -> None:
    ticket = await edited(site)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket, "revisions"), params={"of": "1", "against": "1"})).text

    assert "It takes a few days." in page
    assert "<del>" not in page


async def test_an_earlier_text_comes_into_the_editor_as_unsaved_text(site: Site) -> None:
    ticket = await edited(site)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "revisions/1/take"))
        page = (await browser.get(page_of(ticket))).text

    assert answer.status_code == 303
    assert "\nIt takes a few days.</textarea>" in page
    _, draft, _ = await current(site, ticket)
    assert draft
    assert draft.revision == 3, "nothing is saved yet"


async def test_unsaved_text_gives_way_to_an_earlier_one_only_on_purpose(site: Site) -> None:
    ticket = await edited(site)
    _, draft, _ = await current(site, ticket)
    assert draft

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "work_copy"), data=form_of(draft, body="Typed with care"))
        refused = await browser.post(page_of(ticket, "revisions/1/take"))
        kept = (await browser.get(page_of(ticket))).text
        await browser.post(page_of(ticket, "revisions/1/take"), data={"replace": "on"})
        replaced = (await browser.get(page_of(ticket))).text

    assert refused.status_code == 409
    assert "You have unsaved text" in refused.text
    assert "\nTyped with care</textarea>" in kept
    assert "\nIt takes a few days.</textarea>" in replaced


async def test_unsaved_text_is_compared_with_the_newest_draft(site: Site) -> None:
    ticket = await edited(site)
    _, draft, _ = await current(site, ticket)
    assert draft

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "work_copy"), data=form_of(draft, body="It takes seven short days."))
        page = (await browser.get(page_of(ticket, "revisions"), params={"of": "0"})).text

    assert "compared with draft 3" in page
    assert "working" in page.split("<del>")[1].split("</del>")[0]


async def test_a_ticket_without_a_draft_says_so(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        page = await browser.get(page_of(ticket, "revisions"))

    assert page.status_code == 200
    assert "There is no draft yet" in page.text


async def test_a_revision_that_is_none_is_refused_in_words(site: Site) -> None:
    ticket = await edited(site)

    async with await site.browser() as browser:
        unknown = await browser.get(page_of(ticket, "revisions"), params={"of": "9"})
        nonsense = await browser.get(page_of(ticket, "revisions"), params={"of": "nine"})

    assert (unknown.status_code, nonsense.status_code) == (404, 400)


async def test_the_record_says_how_many_words_were_changed_and_none_of_them(site: Site) -> None:
    ticket = await edited(site)

    events = await site.services.store.events(ticket.id)

    last = [event for event in events if event.kind is EventKind.DRAFT_EDITED][-1]
    assert last.fields
    assert (last.fields["words_added"], last.fields["words_removed"]) == (1, 0)
    assert "working" not in str(last.fields)


async def test_an_approval_without_an_agents_draft_says_that_there_was_none(site: Site) -> None:
    ticket = await edited(site)
    _, draft, _ = await current(site, ticket)
    assert draft

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft))

    approved = [e for e in await site.services.store.events(ticket.id) if e.kind is EventKind.APPROVED][-1]
    assert approved.fields
    assert approved.fields["agents_revision"] is None


async def test_scripts_list_read_and_compare(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await edited(site)
    address = f"/tickets/{ticket.id}/revisions"

    listed = (await script.get(address)).json()["items"]
    read = (await script.get(f"{address}/1")).json()
    diff = (await script.get(f"{address}/3/diff", params={"against": 1})).json()

    assert [(each["revision"], each["end"]) for each in listed] == [(3, "open"), (2, "edited"), (1, "edited")]
    assert (listed[1]["replaced_by"], read["body"]) == (3, "It takes a few days.")
    assert {"kind": "removed", "text": "a few"} in diff["body"]
    assert (diff["words_added"], diff["words_removed"]) == (2, 2)
    assert problem(await script.get(f"{address}/9"), 404)
    assert problem(await script.get(f"{address}/{2**40}"), 404)
