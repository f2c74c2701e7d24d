"""Before a reply leaves, somebody has looked at who wrote and at where it goes."""

from email.message import EmailMessage
from html import unescape
from typing import Any

import httpx
import pytest
from sqlalchemy.event import listen, remove

from tests.web.arriving import FAILED, a_plain_mail, answered, arrives, bounces, shown
from tests.web.asking import problem
from tests.web.browsing import current, footer_of, form_of, page_of
from tests.web.site import Site
from tickets.audit import AuditEvent, EventKind
from tickets.people import Role, Scope
from tickets.ticket import Draft, Ticket


def a_failed_mail(subject: str = "Inverter") -> EmailMessage:
    return a_plain_mail(subject, **FAILED)


async def a_doubtful_draft(site: Site, mail: EmailMessage) -> tuple[Ticket, Draft, list[str]]:
    """A ticket with a draft, and the ids of what its approval has to confirm."""
    ticket = await arrives(site, mail)
    draft = await site.draft(ticket)
    view = await site.services.desk.show(ticket.id)
    return ticket, draft, [flag.id for flag in view.cautions]


async def statements_to_show(site: Site, ticket: Ticket) -> int:
    """How often the database is asked for one page."""
    said: list[str] = []

    def listener(*asked: Any) -> None:
        said.append(asked[2])

    engine = site.database.reader.sync_engine
    listen(engine, "before_cursor_execute", listener)
    await site.services.desk.show(ticket.id)
    remove(engine, "before_cursor_execute", listener)
    return len(said)


async def approvals(site: Site, ticket: Ticket) -> list[AuditEvent]:
    return [each for each in await site.services.store.events(ticket.id) if each.kind is EventKind.APPROVED]


@pytest.mark.parametrize(
    ("mail", "kind", "said"),
    [
        (a_failed_mail(), "failed", "failed the provider's check"),
        (a_plain_mail("Hi", "Helios <pay@he1ios.example>"), "look_alike", "looks like helios.example"),
        (a_plain_mail("Hi", '"boss@helios.example" <x@evil.example>'), "other_address_shown", "shows boss@helios"),
        (a_plain_mail("Hi", "Helios Support <x@evil.example>"), "borrowed_name", "named like Helios Support"),
        (a_plain_mail("Hi", "Pay <x@xn--helis-r0e.example>"), "mixed_letters", "several alphabets"),
    ],
    ids=["failed", "look-alike", "other address", "borrowed name", "mixed letters"],
)
async def test_a_doubtful_sender_is_confirmed_beside_the_button_and_said_at_the_mail(
    site: Site, mail: EmailMessage, kind: str, said: str
) -> None:
    ticket, _, ids = await a_doubtful_draft(site, mail)

    page = unescape(await shown(site, ticket.id))

    assert any(each.startswith(f"sender:{kind}:") for each in ids)
    assert all(f'value="{each}"' in footer_of(page) for each in ids)
    assert said in footer_of(page)
    assert 'class="warn"' in page


async def test_without_the_confirmation_nothing_leaves(site: Site) -> None:
    ticket, draft, ids = await a_doubtful_draft(site, a_failed_mail())

    async with await site.browser() as browser:
        refused = await browser.post(page_of(ticket, "approve"), data=form_of(draft))
        _, _, before = await current(site, ticket)
        answer = await browser.post(page_of(ticket, "approve"), data=form_of(draft) | {"confirm_flags": ids})
    _, _, outgoing = await current(site, ticket)

    assert (refused.status_code, before) == (409, None)
    assert "1 thing(s) about its sender or recipients are doubtful" in refused.text
    assert answer.status_code == 303
    assert outgoing


async def test_the_audit_names_the_kinds_that_were_confirmed_and_no_address(site: Site) -> None:
    ticket, draft, ids = await a_doubtful_draft(site, a_failed_mail())

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft) | {"confirm_flags": ids})
    (approved,) = await approvals(site, ticket)

    assert approved.fields
    assert approved.fields["confirmed_warnings"] == ["failed"]
    assert approved.fields["confirmed_flags"] == []
    assert "keller" not in repr(approved.fields)
    assert "confirmed: the sender failed the provider&#39;s check" in await shown(site, ticket.id)


async def test_a_sender_that_raises_no_doubt_asks_for_no_confirmation(site: Site) -> None:
    ticket, draft, ids = await a_doubtful_draft(site, a_plain_mail("Inverter"))

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "approve"), data=form_of(draft))
    (approved,) = await approvals(site, ticket)

    assert (ids, answer.status_code) == ([], 303)
    assert approved.fields
    assert approved.fields["confirmed_warnings"] == []


async def test_an_earlier_mail_that_failed_is_not_washed_by_a_later_one(site: Site) -> None:
    first = a_failed_mail()
    ticket = await arrives(site, first)
    await arrives(site, a_plain_mail("Re: Inverter", text="One more thing.", In_Reply_To=first["Message-ID"]))
    await site.draft(ticket)

    view = await site.services.desk.show(ticket.id)

    assert len(view.messages) == 2
    assert [flag.kind for flag in view.cautions] == ["failed"]


async def test_what_was_answered_is_not_asked_again(site: Site) -> None:
    first = a_failed_mail()
    ticket = await arrives(site, first)
    await answered(site, ticket)
    await arrives(site, a_plain_mail("Re: Inverter", text="It still blinks.", In_Reply_To=first["Message-ID"]))
    await site.draft(ticket)

    view = await site.services.desk.show(ticket.id)

    assert view.cautions == ()


async def test_an_edit_on_the_screen_keeps_the_confirmation(site: Site) -> None:
    ticket, draft, ids = await a_doubtful_draft(site, a_failed_mail())

    async with await site.browser() as browser:
        typed = form_of(draft, body="Other words.") | {"confirm_flags": ids}
        answer = await browser.post(page_of(ticket, "approve"), data=typed)

    assert answer.status_code == 303


async def test_the_domain_of_a_customer_we_answered_is_known_and_one_like_it_is_doubted(site: Site) -> None:
    known = await arrives(site, a_plain_mail("Quote", "Jo <jo@sonnenhof.example>"))
    unanswered = await arrives(site, a_plain_mail("Quote", "Jo <jo@windmuehle.example>"))
    await answered(site, known)

    _, _, like_known = await a_doubtful_draft(site, a_plain_mail("Hi", "Jo <jo@sonnenh0f.example>"))
    _, _, like_unanswered = await a_doubtful_draft(site, a_plain_mail("Hi", "Jo <jo@windmuehIe.example>"))

    assert [each.split(":")[1] for each in like_known] == ["look_alike"]
    assert like_unanswered == []
    assert (await site.services.desk.show(unanswered.id)).warnings != {}


async def test_a_sender_with_an_operators_name_is_doubted(site: Site) -> None:
    await site.account("ada@desk.example", Role.OPERATOR)
    event = site.event(EventKind.OPERATOR_ADDED)
    await site.accounts.add_operator("bea@desk.example", "Bea Lindqvist", Role.OPERATOR, "-", event)

    _, _, ids = await a_doubtful_draft(site, a_plain_mail("Hi", "Béa Lindqvist <bea@free.example>"))

    assert [each.split(":")[1] for each in ids] == ["borrowed_name"]


# --- addresses that bounced -------------------------------------------------------------------------------------------


async def test_a_recipient_that_bounced_for_good_is_confirmed(site: Site) -> None:
    ticket = await arrives(site, a_plain_mail("Inverter"))
    await bounces(site, await answered(site, ticket))
    draft = await site.draft(ticket, "Once more.")

    page = footer_of(await shown(site, ticket.id))
    async with await site.browser() as browser:
        refused = await browser.post(page_of(ticket, "approve"), data=form_of(draft))
        view = await site.services.desk.show(ticket.id)
        ids = [flag.id for flag in view.cautions]
        answer = await browser.post(page_of(ticket, "approve"), data=form_of(draft) | {"confirm_flags": ids})

    assert "anna@keller.example bounced on 2 March 2026" in page
    assert [each.rpartition(":")[0] for each in ids] == ["address:bounced"]
    assert (refused.status_code, answer.status_code) == (409, 303)


async def test_a_delay_is_told_and_asks_for_nothing(site: Site) -> None:
    ticket = await arrives(site, a_plain_mail("Inverter"))
    await bounces(site, await answered(site, ticket), for_good=False)
    await site.draft(ticket, "Once more.")

    view = await site.services.desk.show(ticket.id)

    assert view.cautions == ()
    assert "is delayed" in await shown(site, ticket.id)


async def test_a_copy_to_an_address_that_bounced_is_asked_for_only_once_it_is_there(site: Site) -> None:
    first = await arrives(site, a_plain_mail("Inverter", "Bo <bo@solar.example>"))
    await bounces(site, await answered(site, first), "bo@solar.example")
    ticket, draft, ids = await a_doubtful_draft(site, a_plain_mail("Wallbox"))
    typed = form_of(draft) | {"around": "1", "answer_to": "", "cc": "bo@solar.example", "bcc": "", "signing": ""}

    async with await site.browser() as browser:
        refused = await browser.post(page_of(ticket, "approve"), data=typed)

    assert ids == []
    assert refused.status_code == 409
    assert "bo@solar.example bounced" in footer_of(refused.text)


# --- scripts ----------------------------------------------------------------------------------------------------------


async def test_scripts_find_the_doubts_among_the_flags_and_confirm_them_alike(
    site: Site, script: httpx.AsyncClient
) -> None:
    ticket, draft, ids = await a_doubtful_draft(site, a_failed_mail())
    seen = {"revision": draft.revision, "content_hash": draft.content_hash}

    full = (await script.get(f"/tickets/{ticket.id}")).json()
    told = problem(await script.post(f"/tickets/{ticket.id}/approve_send", json=seen), 409)
    confirmed = seen | {"confirm_flags": [flag["id"] for flag in full["draft"]["flags"]]}
    answer = await script.post(f"/tickets/{ticket.id}/approve_send", json=confirmed)

    assert [flag["id"] for flag in full["draft"]["flags"]] == ids
    assert full["draft"]["content_hash"] == draft.content_hash
    assert (told["type"].rpartition(":")[2], told["flags"]) == ("flags-open", ids)
    assert answer.status_code == 202
    assert answer.json()["draft"]["flags"] == []


async def test_a_token_without_approve_confirms_nothing(site: Site) -> None:
    ticket, draft, ids = await a_doubtful_draft(site, a_failed_mail())
    seen = {"revision": draft.revision, "content_hash": draft.content_hash, "confirm_flags": ids}

    async with await site.script(Scope.DRAFT) as script:
        problem(await script.post(f"/tickets/{ticket.id}/approve_send", json=seen), 403)


# --- the cost ---------------------------------------------------------------------------------------------------------


async def test_a_long_conversation_takes_no_more_statements_than_a_short_one(site: Site) -> None:
    first = a_failed_mail()
    ticket = await arrives(site, first)
    await site.draft(ticket)
    short = await statements_to_show(site, ticket)
    for number in range(6):
        await arrives(site, a_plain_mail("Re: Inverter", text=f"More {number}.", In_Reply_To=first["Message-ID"]))
    await site.draft(ticket)

    assert await statements_to_show(site, ticket) == short
    assert short <= 25
