"""What operators see and do in a browser, over a real database. Nothing here needs a script to run in the page."""

import re
from dataclasses import replace
from email import message_from_bytes, policy
from uuid import uuid4

import httpx
import pytest

from tests.web.site import ADDRESS, Site, a_mail
from tickets.boards import MailboxState
from tickets.outbox import OutboxState, Outgoing
from tickets.people import CONSOLE, Role
from tickets.status import Status
from tickets.ticket import Draft, DraftState, Flag, Ticket, TicketId

BOARDS = ("new", "needs-action", "waiting", "done")


def page_of(ticket: Ticket, verb: str = "") -> str:
    return f"/boards/tickets/{ticket.id}" + (f"/{verb}" if verb else "")


def form_of(draft: Draft, **changes: str) -> dict[str, str]:
    """The draft's form as the page shows it; browsers send text with CRLF line ends."""
    fields = {
        "revision": str(draft.revision),
        "content_hash": draft.content_hash,
        "subject": draft.subject,
        "body": draft.body.replace("\n", "\r\n"),
    }
    return fields | changes


def footer_of(page: str) -> str:
    found = re.search(r'<footer class="go.*?</footer>', page, re.DOTALL)
    assert found, "the page has no action bar"
    return found.group()


async def current(site: Site, ticket: Ticket) -> tuple[Ticket, Draft | None, Outgoing | None]:
    store = site.services.store
    return (
        await store.ticket(ticket.id),
        await store.current_draft(ticket.id),
        await store.latest_outgoing(ticket.id),
    )


async def with_flags(site: Site, ticket: Ticket, *texts: str) -> Draft:
    """The agent's draft, which claims things that no source says."""
    plain = await site.draft(ticket)
    flags = tuple(Flag(f"flag-{n}", "amount", text, "is in no source.") for n, text in enumerate(texts))
    draft = replace(plain, revision=plain.revision + 1, body=" and ".join(texts), made_for="mail:1", flags=flags)
    async with site.services.store.begin() as tx:
        await tx.set_draft_state(ticket.id, plain.revision, DraftState.SUPERSEDED)
        await tx.add_draft(draft)
    return draft


async def with_delivery(site: Site, ticket: Ticket, state: OutboxState) -> None:
    """The ticket's reply is approved and its delivery has come as far as that."""
    draft = await site.draft(ticket)
    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft))
    async with site.services.store.begin() as tx:
        outgoing = await tx.latest_outgoing(ticket.id)
        assert outgoing
        await tx.move_outgoing(outgoing, replace(outgoing, state=state, next_at=None))


# --- boards ----------------------------------------------------------------------------------------------------------


async def test_the_boards_begin_with_what_needs_people(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get("/boards")

    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/needs-action")


async def test_a_ticket_is_on_the_board_of_its_status_and_on_no_other(site: Site) -> None:
    ticket = await site.ticket("Wechselrichter & Zähler")

    async with await site.browser() as browser:
        shown_on = [board for board in BOARDS if str(ticket.id) in (await browser.get(f"/boards/{board}")).text]

    assert shown_on == ["new"]


async def test_a_customers_words_are_shown_as_words(site: Site) -> None:
    ticket = await site.ticket("<script>alert(1)</script>")

    async with await site.browser() as browser:
        pages = [(await browser.get(path)).text for path in ("/boards/new", page_of(ticket))]

    assert all("<script>alert" not in page and "&lt;script&gt;alert(1)" in page for page in pages)


async def test_an_empty_board_says_so_and_when_mail_was_last_synced(site: Site) -> None:
    await site.services.sync.run()

    async with await site.browser() as browser:
        page = (await browser.get("/boards/done")).text

    assert "All clear" in page
    assert "Mail was last synced 0 s ago" in page


async def test_a_board_that_does_not_exist_is_a_page_that_leads_back(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get("/boards/lost")

    assert answer.status_code == 404
    assert "needs-action" in answer.text
    assert 'href="/boards"' in answer.text


async def test_scripts_on_a_board_get_the_parts_that_change_and_not_the_page_around_them(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        part = await browser.get("/boards/new", headers={"HX-Request": "true"})

    assert str(ticket.id) in part.text
    assert "<html" not in part.text
    assert part.headers["vary"] == "HX-Request"
    assert all(f'id="{name}"' in part.text for name in ("rail-live", "board-live", "banners-live", "version"))


async def test_a_search_looks_on_this_board_or_on_all(site: Site) -> None:
    ticket = await site.ticket("Garantie de l'onduleur")

    async with await site.browser() as browser:
        here = (await browser.get("/boards/done", params={"q": "onduleur"})).text
        everywhere = (await browser.get("/boards/done", params={"q": "onduleur", "everywhere": "1"})).text

    assert "Nothing found" in here
    assert str(ticket.id) in everywhere


async def test_the_filter_for_mine_shows_my_tickets_only(site: Site) -> None:
    mine, other = await site.ticket("Mine"), await site.ticket("Another one")

    async with await site.browser() as browser:
        await browser.post(page_of(mine, "assign"), data={"assignee": "operator@desk.example"})
        page = (await browser.get("/boards/new", params={"assignee": "mine"})).text

    assert str(mine.id) in page
    assert str(other.id) not in page


async def test_a_long_board_goes_on_on_the_next_page(site: Site) -> None:
    for number in range(51):
        site.mailbox.receive(a_mail(f"Mail {number}"))
    await site.services.sync.run()

    async with await site.browser() as browser:
        first = (await browser.get("/boards/new")).text
        next_page = re.search(r'rel="next" href="([^"]+)"', first)
        assert next_page
        second = (await browser.get(next_page[1].replace("&amp;", "&"))).text

    assert (first.count("data-ticket"), second.count("data-ticket")) == (50, 1)
    assert 'rel="next"' not in second


@pytest.mark.parametrize("board", BOARDS)
async def test_every_board_says_that_a_mailbox_is_disconnected_and_how_to_reconnect_it(board: str, site: Site) -> None:
    (mailbox,) = await site.services.store.mailboxes()
    async with site.services.store.begin() as tx:
        await tx.mailbox_is(mailbox.id, MailboxState.RECONNECT_REQUIRED, "The token was revoked.", site.clock.now())

    async with await site.browser() as browser:
        page = (await browser.get(f"/boards/{board}")).text

    assert f"<b>{ADDRESS}</b>" in page
    assert "is disconnected" in page
    assert "communication-agent connect gmail" in page


async def test_the_boards_say_that_answers_are_written_without_a_model(site: Site) -> None:
    told = site.with_settings(model_notice="No language model is configured.")

    async with await told.browser() as browser:
        page = (await browser.get("/boards/new")).text

    assert "No language model is configured." in page


async def test_links_stay_below_the_place_where_the_desk_is_mounted(site: Site) -> None:
    ticket = await site.ticket()
    cookie, _ = await site.session_of(Role.OPERATOR)

    async with site.visitor({"cookie": f"ca_session={cookie}"}, root_path="/app") as browser:
        pages = [(await browser.get(f"/app{path}")).text for path in ("/boards/new", page_of(ticket))]

    for page in pages:
        addresses = re.findall(r'(?:href|action|src|formaction|data-stream|data-url|hx-get)="(/[^"]*)"', page)
        assert addresses
        assert [address for address in addresses if not address.startswith("/app/")] == []


async def test_no_page_carries_a_style_or_a_script_of_its_own(site: Site) -> None:
    ticket = await site.ticket()
    await with_flags(site, ticket, "50 EUR")

    async with await site.browser() as browser:
        for path in ("/boards/new", "/boards/needs-action", "/boards/quarantine", page_of(ticket), "/boards/lost"):
            page = (await browser.get(path)).text

            assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page), path
            assert not re.search(r"<script(?![^>]*\ssrc=)", page), path


# --- the ticket: what is shown ---------------------------------------------------------------------------------------


async def test_a_new_ticket_says_that_the_agent_is_working(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text

    assert "The agent is working" in page
    assert "data-approve" not in page


async def test_the_page_shows_to_whom_and_under_which_subject_beside_the_approve_button(site: Site) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    async with await site.browser() as browser:
        bar = footer_of((await browser.get(page_of(ticket))).text)

    assert "<b>Anna Keller</b> &lt;anna@keller.example&gt;" in bar
    assert "Re: Inverter shows error 403" in bar
    assert "Approve and send" in bar


async def test_a_viewer_reads_the_ticket_and_is_offered_no_button(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser(Role.VIEWER) as browser:
        page = (await browser.get(page_of(ticket))).text

    assert draft.body in page
    assert "<form" not in footer_of(page)
    assert "data-approve" not in page


async def test_an_attachment_comes_as_a_download_that_can_run_nothing(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text
        link = re.search(rf"{page_of(ticket)}/attachments/[0-9a-f]{{64}}", page)
        assert link
        answer = await browser.get(link.group())

    assert answer.content == b"picture"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''light.png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_an_attachment_is_found_only_through_a_ticket_that_has_it(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        answer = await browser.get(f"{page_of(ticket)}/attachments/{'0' * 64}")

    assert answer.status_code == 404


async def test_the_html_of_a_mail_is_shown_cleaned_in_a_frame_that_can_run_nothing(site: Site) -> None:
    raw = a_mail("HTML").replace(b"Content-Type: text/plain", b"Content-Type: text/html")
    site.mailbox.receive(raw.replace(b"The red light", b"<script>alert(1)</script><b>The</b> red light"))
    (report,) = await site.services.sync.run()
    ticket = await site.services.store.ticket(report.ticket_ids[0])
    (message,) = (await site.services.store.conversation(ticket.id)).messages

    async with await site.browser() as browser:
        page = (await browser.get(f"{page_of(ticket)}/mails/{message.id}/html")).text

    frame = re.search(r"<iframe[^>]+>", page)
    assert frame
    assert re.search(r'sandbox="(?!.*allow-scripts)(?!.*allow-same-origin)', frame.group())
    assert "&lt;b&gt;The&lt;/b&gt; red light" in frame.group()
    assert "alert(1)" not in page


async def test_a_ticket_that_is_not_there_is_a_page_and_not_an_error(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get(f"/boards/tickets/{uuid4()}")

    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]


# --- the ticket: what is done ----------------------------------------------------------------------------------------


async def test_saving_keeps_the_typed_text_as_a_new_revision(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "draft"), data=form_of(draft, body="Call us,\r\nplease."))

    assert (answer.status_code, answer.headers["location"]) == (303, page_of(ticket))
    _, saved, _ = await current(site, ticket)
    assert saved
    assert (saved.revision, saved.body, saved.written_by) == (2, "Call us,\nplease.", "operator:operator@desk.example")


async def test_a_reply_can_be_written_where_there_is_no_draft(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        typed = {"revision": "0", "content_hash": "", "subject": "Re: Inverter", "body": "On our way."}
        await browser.post(page_of(ticket, "draft"), data=typed)

    after, draft, _ = await current(site, ticket)
    assert draft
    assert (after.status, draft.revision, draft.body) == (Status.NEEDS_ACTION, 1, "On our way.")


async def test_approving_an_untouched_draft_sends_that_revision(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket, "First line.\n\nSecond line.")

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "approve"), data=form_of(draft))
        page = (await browser.get(page_of(ticket))).text

    assert answer.status_code == 303
    after, _, outgoing = await current(site, ticket)
    assert outgoing
    assert (after.is_leaving, outgoing.revision, outgoing.approved_by) == (True, 1, "operator:operator@desk.example")
    assert "Approved." in footer_of(page)
    assert "data-until=" in footer_of(page)
    assert ">Undo<" in footer_of(page)


async def test_approving_changed_words_sends_the_changed_words(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft, body="Changed on the screen."))

    _, _, outgoing = await current(site, ticket)
    assert outgoing
    assert outgoing.revision == 2
    mail = message_from_bytes(outgoing.mime, policy=policy.default)
    assert "Changed on the screen." in mail.get_content()


async def test_a_stale_approval_is_refused_and_keeps_what_was_typed(site: Site) -> None:
    ticket = await site.ticket()
    seen = await site.draft(ticket)
    await site.services.desk.edit(ticket.id, 1, seen.subject, "A colleague was faster.", by=CONSOLE)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "approve"), data=form_of(seen, body="What I had typed."))

    assert answer.status_code == 409
    assert "Draft 1 is not the current one. Review draft 2" in answer.text
    assert "What I had typed." in answer.text
    assert "A colleague was faster." in answer.text
    assert (await current(site, ticket))[2] is None


async def test_recipients_that_the_approver_did_not_see_stop_even_an_edited_approval(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        form = form_of(draft, body="Changed.", content_hash="0" * 64)
        answer = await browser.post(page_of(ticket, "approve"), data=form)

    assert answer.status_code == 409
    _, kept, outgoing = await current(site, ticket)
    assert kept
    assert (kept.revision, outgoing) == (1, None)


async def test_a_draft_with_open_flags_leaves_only_when_each_is_confirmed(site: Site) -> None:
    ticket = await site.ticket()
    draft = await with_flags(site, ticket, "50 EUR", "two days")

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text
        half = await browser.post(page_of(ticket, "approve"), data=form_of(draft) | {"confirm_flags": "flag-0"})
        both = {**form_of(draft), "confirm_flags": ["flag-0", "flag-1"]}
        whole = await browser.post(page_of(ticket, "approve"), data=both)

    assert page.count('name="confirm_flags"') == 2
    assert half.status_code == 409
    assert re.search(r'value="flag-0" checked', half.text), "what was confirmed stays confirmed"
    assert whole.status_code == 303
    assert (await current(site, ticket))[0].is_leaving


async def test_an_empty_reply_is_refused_on_the_ticket_itself(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "draft"), data=form_of(draft, body=" "))

    assert answer.status_code == 400
    assert "A reply needs a subject and a text" in answer.text


async def test_undo_offers_the_draft_again(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft))
        await browser.post(page_of(ticket, "undo"))
        page = (await browser.get(page_of(ticket))).text

    assert "Approve and send" in footer_of(page)
    assert not (await current(site, ticket))[0].is_leaving


async def test_an_undo_that_comes_too_late_says_so(site: Site) -> None:
    ticket = await site.ticket()
    await with_delivery(site, ticket, OutboxState.SENDING)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "undo"))

    assert answer.status_code == 409
    assert "Too late to take back" in answer.text


async def test_redraft_asks_the_agent_with_the_operators_words(site: Site) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "redraft"), data={"feedback": "Shorter, please"})
        page = (await browser.get(page_of(ticket))).text

    decision = await site.services.store.pending_decision(ticket.id)
    assert decision
    assert decision.feedback == "Shorter, please"
    assert "It writes another draft" in page


@pytest.mark.parametrize(
    ("verb", "form", "status"),
    [
        ("reject", {"reason": "Spam"}, Status.DONE),
        ("close", {}, Status.DONE),
    ],
)
async def test_a_ticket_is_closed_and_can_be_reopened(
    verb: str, form: dict[str, str], status: Status, site: Site
) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, verb), data=form)
        closed, _, _ = await current(site, ticket)
        await browser.post(page_of(ticket, "reopen"))

    reopened, _, _ = await current(site, ticket)
    assert (closed.status, reopened.status) == (status, Status.NEEDS_ACTION)


async def test_a_ticket_is_given_to_somebody_and_taken_back(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "assign"), data={"assignee": "operator@desk.example"})
        given, _, _ = await current(site, ticket)
        await browser.post(page_of(ticket, "assign"), data={"assignee": ""})

    taken, _, _ = await current(site, ticket)
    assert (given.assignee, taken.assignee) == ("operator@desk.example", None)


async def test_an_operator_settles_a_delivery_that_nobody_can_tell_about(site: Site) -> None:
    ticket = await site.ticket()
    await with_delivery(site, ticket, OutboxState.NEEDS_HUMAN)

    async with await site.browser() as browser:
        bar = footer_of((await browser.get(page_of(ticket))).text)
        await browser.post(page_of(ticket, "settle"), data={"was_sent": "yes"})

    assert "It was sent" in bar
    assert "It was not sent" in bar
    after, _, outgoing = await current(site, ticket)
    assert outgoing
    assert (outgoing.state, after.status) == (OutboxState.SENT, Status.WAITING_OTHERS)


async def test_a_stopped_agent_is_started_again_from_the_ticket(site: Site) -> None:
    ticket = await site.ticket()
    async with site.services.store.begin() as tx:
        await tx.save(replace(await tx.ticket(TicketId(ticket.id)), stopped=True))

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text
        await browser.post(page_of(ticket, "retry"))

    assert "The agent stopped." in page
    assert not (await current(site, ticket))[0].stopped


async def test_a_form_without_the_sessions_token_does_nothing(site: Site) -> None:
    ticket = await site.ticket()
    cookie, session = await site.session_of(Role.OPERATOR)

    async with site.visitor({"cookie": f"ca_session={cookie}"}) as browser:
        page = (await browser.get(page_of(ticket))).text
        refused: httpx.Response = await browser.post(page_of(ticket, "close"), data={})
        taken = await browser.post(page_of(ticket, "close"), data={"_csrf": session.csrf})

    assert f'name="_csrf" value="{session.csrf}"' in page
    assert (refused.status_code, taken.status_code) == (403, 303)
