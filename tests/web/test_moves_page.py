"""Splitting, and undoing merges and splits, on pages and by REST."""

import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from tests.web.arriving import a_plain_mail, arrives, shown
from tests.web.asking import problem
from tests.web.browsing import form_of, page_of
from tests.web.site import Site
from tickets.noting import Noting
from tickets.people import CONSOLE, Role
from tickets.status import Status
from tickets.ticket import Ticket


async def a_talk(site: Site) -> Ticket:
    """Anna wrote about the inverter, then about an invoice."""
    first = await arrives(site, a_plain_mail("Inverter error"))
    parent = (await site.services.store.conversation(first.id)).messages[0].mail.message_id
    return await arrives(site, a_plain_mail("An invoice", text="Where is it?", In_Reply_To=parent))


async def mail_ids(site: Site, ticket: Ticket) -> list[str]:
    return [str(each.id) for each in (await site.services.store.conversation(ticket.id)).messages]


async def two(site: Site) -> tuple[Ticket, Ticket]:
    return await arrives(site, a_plain_mail("Inverter error")), await arrives(site, a_plain_mail("The same again"))


async def merged(site: Site) -> tuple[Ticket, Ticket]:
    first, second = await two(site)
    await site.services.desk.merge(second.id, first.id, by=CONSOLE)
    return first, second


async def test_the_mails_are_chosen_with_boxes_and_the_split_leads_to_the_new_ticket(site: Site) -> None:
    ticket = await a_talk(site)
    first, second = await mail_ids(site, ticket)

    async with await site.browser() as browser:
        page = await browser.get(page_of(ticket, "split"))
        answer = await browser.post(page_of(ticket, "split"), data={"mail": [second]})
        opened = await browser.get(answer.headers["location"])

    assert [f'value="{each}"' in page.text for each in (first, second)] == [True, True]
    assert answer.status_code == 303
    assert "Split off from" in opened.text
    assert f'href="{page_of(ticket)}"' in opened.text
    assert len(await mail_ids(site, ticket)) == 1


async def test_a_split_is_taken_back_from_either_page(site: Site) -> None:
    ticket = await a_talk(site)
    opened = await _split(site, ticket)

    here, there = await shown(site, ticket.id), await shown(site, opened.id)
    form = f'action="{page_of(opened, "split/undo")}"'
    async with await site.browser() as browser:
        answer = await browser.post(page_of(opened, "split/undo"))
        again = await browser.post(page_of(opened, "split/undo"))

    assert (form in here, form in there) == (True, True)
    assert "1 mail was split off" in here
    assert (answer.status_code, answer.headers["location"]) == (303, page_of(ticket))
    assert len(await mail_ids(site, ticket)) == 2
    assert again.status_code == 409
    assert "somebody undid that" in again.text


@pytest.mark.parametrize(
    ("chosen", "told"), [("none", "No mail is chosen"), ("all", "nothing would be left"), ("bad", "not on this ticket")]
)
async def test_what_cannot_be_split_is_said_above_the_boxes_as_they_were(site: Site, chosen: str, told: str) -> None:
    ticket = await a_talk(site)
    ids = await mail_ids(site, ticket)
    ticked = {"none": [], "all": ids, "bad": ["nonsense"]}[chosen]

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "split"), data={"mail": ticked})

    assert answer.status_code == 400
    assert told in answer.text
    assert 'name="mail"' in answer.text
    assert len(re.findall(r'name="mail"[^>]* checked>', answer.text)) == (2 if chosen == "all" else 0)


async def test_a_ticket_with_one_mail_offers_no_split(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        page = await browser.get(page_of(ticket, "split"))

    assert "nothing to split" in page.text
    assert "Split…" not in await shown(site, ticket.id)


async def test_a_merge_is_offered_to_be_undone_where_the_mails_are_and_where_they_were(site: Site) -> None:
    first, second = await merged(site)
    form = f'action="{page_of(second, "merge/undo")}"'

    here, there = await shown(site, first.id), await shown(site, second.id)
    async with await site.browser() as browser:
        answer = await browser.post(page_of(second, "merge/undo"))
        page = await browser.get(page_of(first))

    assert (form in here, form in there) == (True, True)
    assert 'class="moved fresh"' in here
    assert (answer.status_code, answer.headers["location"]) == (303, page_of(second))
    assert form not in page.text


async def test_an_old_merge_stands_out_no_more_but_can_be_undone(site: Site) -> None:
    first, second = await merged(site)
    site.clock.advance(timedelta(days=3).total_seconds())

    page = await shown(site, first.id)

    assert 'class="moved"' in page
    assert page_of(second, "merge/undo") in page


async def test_an_undo_that_is_refused_says_why_on_the_ticket_that_has_the_mails(site: Site) -> None:
    first, second = await merged(site)
    draft = await site.draft(first)
    async with await site.browser() as browser:
        await browser.post(page_of(first, "approve"), data=form_of(draft))

        answer = await browser.post(page_of(second, "merge/undo"))

    assert answer.status_code == 409
    assert "Undo the approval first" in answer.text
    assert f"<h1>{first.subject}</h1>" in answer.text


async def test_notes_come_along_and_say_from_where(site: Site) -> None:
    first, second = await two(site)
    await Noting(site.services.store, site.services.clock).add(second.id, "He called twice.", by=CONSOLE)
    await site.services.desk.merge(second.id, first.id, by=CONSOLE)

    page = await shown(site, first.id)

    assert "He called twice." in page
    assert re.search(rf'<a href="{page_of(second)}">came with #{second.number}</a>', page)


async def test_the_timeline_tells_of_it_in_english_and_german(site: Site) -> None:
    ticket = await a_talk(site)
    opened = await _split(site, ticket)
    async with await site.browser() as browser:
        await browser.post(page_of(opened, "split/undo"))

        english = unescape((await browser.get(page_of(ticket))).text)
        german = unescape((await browser.get(page_of(ticket), headers={"Accept-Language": "de"})).text)

    assert "Undid the split of ticket #2 off #1" in english
    assert "Trennung des Tickets #2 von #1 rückgängig gemacht" in german


async def test_a_viewer_sees_what_was_moved_and_cannot_undo_it(site: Site) -> None:
    first, second = await merged(site)

    async with await site.browser(Role.VIEWER) as viewer:
        page = await viewer.get(page_of(first))
        answers = [await viewer.post(page_of(second, verb)) for verb in ("merge/undo", "split", "split/undo")]

    assert "was merged into this ticket" in page.text
    assert "Undo the merge" not in page.text
    assert [answer.status_code for answer in answers] == [403, 403, 403]


# --- scripts ----------------------------------------------------------------------------------------------------------


async def test_a_script_splits_and_takes_it_back(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await a_talk(site)
    _, second = await mail_ids(site, ticket)

    opened = await script.post(f"/tickets/{ticket.id}/split", json={"mails": [second]})
    told = (await script.get(f"/tickets/{ticket.id}")).json()["moves"]
    back = await script.post(f"/tickets/{opened.json()['id']}/split/undo")

    assert opened.status_code == 201
    assert [each["id"] for each in opened.json()["messages"]] == [second]
    assert (told[0]["kind"], told[0]["from_here"], told[0]["mails"]) == ("split", True, 1)
    assert told[0]["other"] == {"id": opened.json()["id"], "number": opened.json()["number"]}
    assert (back.status_code, back.json()["id"], len(back.json()["messages"])) == (200, str(ticket.id), 2)
    assert back.json()["moves"] == []


async def test_a_script_undoes_a_merge(site: Site, script: httpx.AsyncClient) -> None:
    _, second = await merged(site)

    answer = await script.post(f"/tickets/{second.id}/merge/undo")
    again = problem(await script.post(f"/tickets/{second.id}/merge/undo"), 409)

    assert (answer.status_code, answer.json()["id"], answer.json()["status"]) == (200, str(second.id), Status.NEW)
    assert answer.json()["merged_into"] is None
    assert "not merged" in again["detail"]


@pytest.mark.parametrize("body", [{}, {"mails": []}, {"mails": ["nonsense"]}, {"mails": 3}])
async def test_a_split_that_cannot_be_is_told(site: Site, script: httpx.AsyncClient, body: dict[str, object]) -> None:
    ticket = await a_talk(site)

    problem(await script.post(f"/tickets/{ticket.id}/split", json=body), 400)


async def test_a_note_that_came_along_names_its_ticket(site: Site, script: httpx.AsyncClient) -> None:
    first, second = await two(site)
    await script.post(f"/tickets/{second.id}/notes", json={"text": "He called."})
    await script.post(f"/tickets/{second.id}/merge", json={"into": first.number})

    (note,) = (await script.get(f"/tickets/{first.id}/notes")).json()["items"]

    assert note["came_from"] == str(second.id)


async def _split(site: Site, ticket: Ticket) -> Ticket:
    _, second = await mail_ids(site, ticket)
    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "split"), data={"mail": [second]})
        number = re.search(r'class="num">#(\d+)<', (await browser.get(answer.headers["location"])).text)
    assert number
    return await site.services.store.ticket((await site.services.store.ticket_numbered(int(number[1]))).id)
