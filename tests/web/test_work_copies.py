"""What an operator types is kept while it is typed: on the page, in another browser, after a newer draft."""

from typing import Any

import httpx
import pytest

from tests.web.asking import problem
from tests.web.browsing import current, form_of, page_of
from tests.web.site import Site
from tickets.people import CONSOLE, Role, Scope
from tickets.ticket import Draft, Ticket


async def typed(browser: httpx.AsyncClient, ticket: Ticket, draft: Draft, body: str, **fields: str) -> dict[str, Any]:
    answer = await browser.post(page_of(ticket, "work_copy"), data=form_of(draft, body=body) | fields)
    assert answer.status_code == 200, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


async def test_what_is_typed_stands_in_the_editor_of_the_next_page(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        kept = await typed(browser, ticket, draft, "Half a sentence", around="1", cc="kim@keller.example")
        page = (await browser.get(page_of(ticket))).text

    assert kept["version"] == 1
    assert "\nHalf a sentence</textarea>" in page
    assert 'value="kim@keller.example"' in page
    assert "is in the editor" in page
    assert (await current(site, ticket))[1] == draft, "keeping is no new revision"


async def test_nobody_else_sees_it(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser, await site.browser(Role.ADMIN) as colleague:
        await typed(browser, ticket, draft, "Half a sentence")
        page = (await colleague.get(page_of(ticket))).text

    assert "Half a sentence" not in page


async def test_keeping_tells_no_page_that_something_happened(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        before = await site.services.boards.version()
        await typed(browser, ticket, draft, "Half a sentence")

    assert await site.services.boards.version() == before


async def test_saving_and_approving_end_it(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await typed(browser, ticket, draft, "A sentence")
        await browser.post(page_of(ticket, "draft"), data=form_of(draft, body="A sentence"))
        after_saving = (await browser.get(page_of(ticket))).text
        _, saved, _ = await current(site, ticket)
        assert saved
        await typed(browser, ticket, saved, "Another sentence")
        await browser.post(page_of(ticket, "approve"), data=form_of(saved, body="Another sentence"))

    assert "is in the editor" not in after_saving
    assert await site.services.store.work_copy(ticket.id, "operator:operator@desk.example") is None


async def test_a_newer_draft_leaves_the_unsaved_text_beside_it(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await typed(browser, ticket, draft, "What I had typed")
        await site.services.desk.edit(ticket.id, 1, draft.subject, "A colleague was faster.", by=CONSOLE)
        beside = (await browser.get(page_of(ticket))).text
        await browser.post(page_of(ticket, "work_copy/take_over"))
        taken = (await browser.get(page_of(ticket))).text

    assert "\nA colleague was faster.</textarea>" in beside
    assert "What I had typed" in beside
    assert "Go on with it" in beside
    assert "\nWhat I had typed</textarea>" in taken


async def test_discarding_brings_the_draft_back(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await typed(browser, ticket, draft, "Half a sentence")
        answer = await browser.post(page_of(ticket, "work_copy/drop"))
        page = (await browser.get(page_of(ticket))).text

    assert answer.status_code == 303
    assert f"\n{draft.body}</textarea>" in page


async def test_typing_the_draft_back_needs_no_keeping(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await typed(browser, ticket, draft, "Half a sentence")
        kept = await typed(browser, ticket, draft, draft.body)

    assert kept == {"version": 0, "kept_at": None}
    assert await site.services.store.work_copy(ticket.id, "operator:operator@desk.example") is None


async def test_an_older_window_is_told_that_another_one_went_on(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await typed(browser, ticket, draft, "First", kept_version="0")
        await typed(browser, ticket, draft, "Second", kept_version="1")
        older = await browser.post(
            page_of(ticket, "work_copy"), data=form_of(draft, body="Older") | {"kept_version": "1"}
        )

    assert older.status_code == 409


async def test_a_reply_that_is_begun_without_a_draft_is_kept_too(site: Site) -> None:
    ticket = await site.ticket()
    await site.services.desk.close(ticket.id, by=CONSOLE)
    await site.services.desk.reopen(ticket.id, by=CONSOLE)

    async with await site.browser() as browser:
        fields = {"revision": "0", "content_hash": "", "subject": "Re: Inverter", "body": "On our"}
        await browser.post(page_of(ticket, "work_copy"), data=fields)
        page = (await browser.get(page_of(ticket))).text

    assert '<details class="write" id="write" open>' in page
    assert "\nOn our</textarea>" in page


async def test_closing_the_ticket_clears_up_everybodys(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await typed(browser, ticket, draft, "Half a sentence")
        await site.services.desk.close(ticket.id, by=CONSOLE)
        late = await browser.post(page_of(ticket, "work_copy"), data=form_of(draft, body="Half a sentence m"))

    assert late.status_code == 409
    assert await site.services.store.work_copy(ticket.id, "operator:operator@desk.example") is None


async def test_scripts_keep_read_and_drop_their_own(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    address = f"/tickets/{ticket.id}/work_copy"

    none = await script.get(address)
    kept = await script.put(address, json={"revision": 0, "subject": "Re: Inverter", "body": "Half"})
    read = await script.get(address)
    stale = await script.put(address, json={"revision": 0, "subject": "Re", "body": "Older", "version": 7})
    dropped = await script.delete(address)

    assert problem(none, 404)
    assert kept.json()["version"] == 1
    assert (read.json()["body"], read.json()["version"]) == ("Half", 1)
    assert problem(stale, 409)
    assert dropped.status_code == 204
    assert problem(await script.get(address), 404)


@pytest.mark.parametrize("body", ["x" * 50_001, "\0"])
async def test_what_cannot_be_kept_is_refused(site: Site, script: httpx.AsyncClient, body: str) -> None:
    ticket = await site.ticket()

    answer = await script.put(f"/tickets/{ticket.id}/work_copy", json={"revision": 0, "subject": "Re", "body": body})

    assert problem(answer, 400)


async def test_who_only_reads_keeps_nothing(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.script(Scope.READ) as reader, await site.browser(Role.VIEWER) as viewer:
        by_script = await reader.get(f"/tickets/{ticket.id}/work_copy")
        by_page = await viewer.post(page_of(ticket, "work_copy"), data={"revision": "0", "subject": "x", "body": "y"})

    assert by_script.status_code == 403
    assert by_page.status_code == 403


async def test_the_words_of_a_refused_form_are_there_after_a_reload(site: Site) -> None:
    ticket = await site.ticket()
    seen = await site.draft(ticket)
    await site.services.desk.edit(ticket.id, 1, seen.subject, "A colleague was faster.", by=CONSOLE)

    async with await site.browser() as browser:
        refused = await browser.post(page_of(ticket, "draft"), data=form_of(seen, body="What I had typed."))
        page = (await browser.get(page_of(ticket))).text

    assert refused.status_code == 409
    assert "What I had typed." in page
    assert "Go on with it" in page
