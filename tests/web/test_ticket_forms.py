"""What operators do on the page of a ticket, over a real database; plain forms, no script."""

import re
from email import message_from_bytes, policy

import httpx
import pytest

from tests.web.browsing import current, footer_of, form_of, page_of, with_delivery, with_flags
from tests.web.site import Site
from tickets.drive import retry_delay
from tickets.outbox import OutboxState
from tickets.people import CONSOLE, Role
from tickets.status import Status


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
    assert "Changed on the screen." in mail.get_body(("plain",)).get_content()


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


@pytest.mark.parametrize(("verb", "form"), [("reject", {"reason": "Spam"}), ("close", {})])
async def test_a_ticket_is_closed_and_can_be_reopened(verb: str, form: dict[str, str], site: Site) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, verb), data=form)
        closed, _, _ = await current(site, ticket)
        await browser.post(page_of(ticket, "reopen"))

    reopened, _, _ = await current(site, ticket)
    assert (closed.status, reopened.status) == (Status.DONE, Status.NEEDS_ACTION)


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
        await tx.work_failed(ticket.id, "TimeoutError", site.clock.now(), retry_delay, max_attempts=1)

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
