"""Notes and mentions through the web: forms on the ticket's page, the list of calls, and REST."""

import re
from html import unescape

import httpx

from tests.web.asking import problem
from tests.web.browsing import page_of
from tests.web.site import Site
from tickets.people import Role, Scope
from tickets.ticket import Ticket


async def noted(site: Site, ticket: Ticket, text: str, role: Role = Role.OPERATOR) -> httpx.Response:
    async with await site.browser(role) as browser:
        return await browser.post(page_of(ticket, "notes"), data={"note": text})


async def shown(site: Site, path: str, role: Role = Role.OPERATOR) -> str:
    async with await site.browser(role) as browser:
        return unescape((await browser.get(path)).text)


async def test_a_note_stands_between_the_mails_and_is_marked_as_internal(site: Site) -> None:
    ticket = await site.ticket()

    answer = await noted(site, ticket, "The <b>fuse</b> again?")

    page = await shown(site, page_of(ticket))
    assert answer.status_code == 303
    assert "#note-" in answer.headers["location"]
    assert page.index("The red light blinks") < page.index("The <b>fuse</b> again?")
    assert page.count("Internal note</span>") == 1


async def test_a_note_comes_before_the_mails_that_are_younger(site: Site) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "The fuse again?")
    site.clock.advance(60)
    site.mailbox.receive(_answer_to(await site.services.store.conversation(ticket.id)))
    await site.services.sync.run()

    page = await shown(site, page_of(ticket))

    assert page.index("The red light blinks") < page.index("The fuse again?") < page.index("It beeps, too.")


async def test_html_in_a_note_is_text(site: Site) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "<script>alert(1)</script> @operator")

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text

    assert "<script>alert" not in page
    assert '<b class="call">@operator</b>' in page


async def test_a_note_that_cannot_be_added_stays_in_its_field(site: Site) -> None:
    ticket = await site.ticket()

    answer = await noted(site, ticket, "long " * 3000)

    assert answer.status_code == 400
    assert "10000 characters" in answer.text
    assert re.search(r'<textarea id="note"[^>]*>\nlong long', answer.text)


async def test_a_colleagues_note_has_no_form_to_change_it_and_ones_own_has(site: Site) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "Mine.", Role.ADMIN)

    assert "Edit or delete" not in await shown(site, page_of(ticket))
    assert "Edit or delete" in await shown(site, page_of(ticket), Role.ADMIN)


async def test_a_changed_note_says_so_and_a_deleted_one_is_gone(site: Site) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "First words.")
    (note,) = await site.services.store.notes(ticket.id)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, f"notes/{note.id}"), data={"note": "Other words.", "revision": "1"})
        changed = unescape((await browser.get(page_of(ticket))).text)
        stale = await browser.post(page_of(ticket, f"notes/{note.id}"), data={"note": "Lost?", "revision": "1"})
        await browser.post(page_of(ticket, f"notes/{note.id}/delete"))
        gone = unescape((await browser.get(page_of(ticket))).text)

    assert "Other words." in changed
    assert "edited</small>" in changed
    assert stale.status_code == 409
    assert "Lost?" in stale.text
    assert "Other words." not in gone
    assert "Deleted an internal note" in gone


async def test_who_only_reads_sees_notes_and_writes_none(site: Site) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "For all to read.")

    page = await shown(site, page_of(ticket), Role.VIEWER)

    assert "For all to read." in page
    assert 'id="note-form"' not in page
    assert (await noted(site, ticket, "Me too", Role.VIEWER)).status_code == 403


# --- calls ------------------------------------------------------------------------------------------------------------


async def test_a_call_is_counted_in_the_rail_and_listed_until_it_is_read(site: Site) -> None:
    ticket = await site.ticket()
    await site.operator(Role.OPERATOR)
    await noted(site, ticket, "@operator please look", Role.ADMIN)

    async with await site.browser() as browser:
        before = (await browser.get("/boards/needs-action")).text
        page = unescape((await browser.get("/boards/mentions")).text)
        mention = re.search(r'name="mention" value="([^"]+)"', page)
        assert mention
        answer = await browser.post("/boards/mentions/read", data={"mention": mention[1]})
        after = (await browser.get("/boards/mentions")).text
        unread = unescape((await browser.get("/boards/mentions?unread=true")).text)

    assert re.search(r'Mentions <span class="num">1', before)
    assert "@operator please look" in page
    assert f"#{ticket.number} {ticket.subject}" in page
    assert answer.headers["location"].endswith("/boards/mentions")
    assert "Mark as read" not in after
    assert "All read" in unread


async def test_an_assignment_is_listed_and_all_can_be_read_at_once(site: Site) -> None:
    ticket = await site.ticket()
    operator = await site.operator(Role.OPERATOR)
    async with await site.browser(Role.ADMIN) as admin:
        await admin.post(page_of(ticket, "assign"), data={"assignee": operator.email})

    async with await site.browser() as browser:
        page = unescape((await browser.get("/boards/mentions")).text)
        await browser.post("/boards/mentions/read", data={"all": "1"})

    assert "gave you" in page
    assert await site.services.store.unread_mentions(operator.id) == 0


async def test_nobody_marks_the_calls_of_another_as_read(site: Site) -> None:
    ticket = await site.ticket()
    operator = await site.operator(Role.OPERATOR)
    await noted(site, ticket, "@operator", Role.ADMIN)
    (line,) = (await site.services.store.mentions(operator.id, limit=1)).lines

    async with await site.browser(Role.VIEWER) as viewer:
        await viewer.post("/boards/mentions/read", data={"mention": str(line.id)})
        bad = await viewer.post("/boards/mentions/read", data={"mention": "none"})

    assert await site.services.store.unread_mentions(operator.id) == 1
    assert bad.status_code == 400


# --- REST -------------------------------------------------------------------------------------------------------------


async def test_scripts_write_read_change_and_delete_notes(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    notes = f"/tickets/{ticket.id}/notes"

    added = await script.post(notes, json={"text": "From the ERP: paid."})
    path = f"{notes}/{added.json()['id']}"
    changed = await script.patch(path, json={"text": "From the ERP: unpaid.", "revision": 1})
    stale = await script.patch(path, json={"text": "Late.", "revision": 1})
    listed = (await script.get(notes)).json()["items"]
    deleted = await script.delete(path)

    assert (added.status_code, changed.status_code, deleted.status_code) == (201, 200, 204)
    assert [(each["text"], each["revision"]) for each in listed] == [("From the ERP: unpaid.", 2)]
    assert problem(stale, 409)["type"].endswith("stale-note")
    assert (await script.get(notes)).json()["items"] == []
    assert (await script.delete(path)).status_code == 404


async def test_a_token_changes_no_note_of_a_person(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "Mine.")
    (note,) = await site.services.store.notes(ticket.id)

    answer = await script.patch(f"/tickets/{ticket.id}/notes/{note.id}", json={"text": "The script's."})

    assert problem(answer, 403)


async def test_scripts_list_and_read_the_calls_of_an_operator(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    operator = await site.operator(Role.OPERATOR)
    await script.post(f"/tickets/{ticket.id}/notes", json={"text": "@operator one"})
    await script.post(f"/tickets/{ticket.id}/notes", json={"text": "@operator two"})

    async with await site.script(Scope.READ, Scope.DRAFT, Scope.ADMIN) as admin:
        page = (await admin.get("/mentions", params={"email": operator.email, "limit": 1})).json()
        read = await admin.post("/mentions/read", json={"email": operator.email, "ids": [page["items"][0]["id"]]})
        rest = await admin.get("/mentions", params={"email": operator.email, "unread": "true"})
        nobody = await admin.get("/mentions", params={"email": "nobody@x.example"})

    assert page["unread"] == 2
    assert page["next_cursor"]
    assert read.json() == {"read": 1}
    assert len(rest.json()["items"]) == 1
    assert problem(nobody, 404)


async def test_the_calls_of_somebody_else_are_neither_shown_nor_taken(site: Site, script: httpx.AsyncClient) -> None:
    ticket, operator = await site.ticket(), await site.operator(Role.OPERATOR)
    await script.post(f"/tickets/{ticket.id}/notes", json={"text": "@operator look"})

    listed = await script.get("/mentions", params={"email": operator.email})
    read = await script.post("/mentions/read", json={"email": operator.email})

    assert (listed.status_code, read.status_code) == (403, 403)
    assert await site.services.store.unread_mentions(operator.id) == 1


async def test_notes_are_in_no_answer_about_the_ticket_itself(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await noted(site, ticket, "XYLOPHON")

    assert "XYLOPHON" not in (await script.get(f"/tickets/{ticket.id}")).text
    assert "XYLOPHON" not in (await script.get(f"/tickets/{ticket.id}/events")).text
    async with await site.script(Scope.SYNC) as other:
        assert (await other.get(f"/tickets/{ticket.id}/notes")).status_code == 403


def _answer_to(conversation) -> bytes:  # type: ignore[no-untyped-def]
    first = conversation.messages[0].mail
    return (
        f"From: Anna Keller <anna@keller.example>\r\nTo: support@helios.example\r\nSubject: Re: {first.subject}\r\n"
        f"Message-ID: <again@keller.example>\r\nIn-Reply-To: {first.message_id}\r\n\r\nIt beeps, too.\r\n"
    ).encode()
