"""Recipients, signature, quote and files on the ticket's form: what stands on the screen is what is kept and sent."""

import re
from email import message_from_bytes, policy

from tests.web.browsing import current, form_of, page_of
from tests.web.site import Site, a_mail
from tickets.ticket import Draft, Ticket

AROUND = {"around": "1", "answer_to": "", "cc": "", "bcc": "", "signing": ""}


async def a_draft(site: Site, headers: str = "") -> tuple[Ticket, Draft]:
    raw = a_mail("Inverter").replace(b"Subject:", headers.encode() + b"Subject:", 1)
    site.mailbox.receive(raw)
    (report,) = await site.services.sync.run()
    ticket = await site.services.store.ticket(report.ticket_ids[0])
    return ticket, await site.draft(ticket)


async def sent_mime(site: Site, ticket: Ticket):
    _, _, outgoing = await current(site, ticket)
    assert outgoing
    return message_from_bytes(outgoing.mime, policy=policy.default)


async def test_an_untouched_form_with_all_its_fields_approves_the_draft_itself(site: Site) -> None:
    ticket, draft = await a_draft(site)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "approve"), data=form_of(draft) | AROUND)
    _, after, _ = await current(site, ticket)

    assert answer.status_code == 303
    assert after
    assert after.revision == draft.revision


async def test_copies_typed_on_the_screen_leave_with_the_approval(site: Site) -> None:
    ticket, draft = await a_draft(site)
    typed = form_of(draft) | AROUND | {"cc": "Bo <bo@example.org>, jo@example.org", "bcc": "al@example.org"}

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=typed)

    mail = await sent_mime(site, ticket)
    assert str(mail["Cc"]) == "Bo <bo@example.org>, jo@example.org"
    assert str(mail["Bcc"]) == "al@example.org"


async def test_an_address_that_is_none_loses_nothing_of_what_was_typed(site: Site) -> None:
    ticket, draft = await a_draft(site)
    typed = form_of(draft, body="My own words.") | AROUND | {"cc": "nobody"}

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "approve"), data=typed)

    assert answer.status_code == 400
    assert "name@example.com" in answer.text
    assert "My own words." in answer.text
    assert 'value="nobody"' in answer.text


async def test_a_reply_to_is_offered_and_followed_when_it_is_chosen(site: Site) -> None:
    ticket, draft = await a_draft(site, "Reply-To: office@example.net\r\n")
    typed = form_of(draft) | AROUND | {"answer_to": "reply_to"}

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text
        await browser.post(page_of(ticket, "draft"), data=typed)
    _, after, _ = await current(site, ticket)

    assert re.search(r"Where the mail asks for answers:.*office@example.net", page)
    assert after
    assert [each.address for each in after.to] == ["office@example.net"]


async def test_files_come_with_the_form_and_stay_until_they_are_unticked(site: Site) -> None:
    ticket, draft = await a_draft(site)
    upload = {"upload": ("Plan.pdf", b"%PDF-1", "application/pdf")}

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "draft"), data=form_of(draft) | AROUND, files=upload)
        _, with_file, _ = await current(site, ticket)
        assert with_file
        (file,) = with_file.attachments
        kept = form_of(with_file, body="Other words.") | AROUND | {"file": file.sha256}
        await browser.post(page_of(ticket, "draft"), data=kept)
        _, still, _ = await current(site, ticket)
        assert still
        await browser.post(page_of(ticket, "draft"), data=form_of(still) | AROUND)
        _, without, _ = await current(site, ticket)

    assert file.filename == "Plan.pdf"
    assert still.attachments == (file,)
    assert without
    assert without.attachments == ()


async def test_a_form_that_knows_nothing_of_choices_leaves_them_alone(site: Site) -> None:
    ticket, draft = await a_draft(site)

    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "draft"), data=form_of(draft) | AROUND | {"cc": "bo@example.org"})
        _, chosen, _ = await current(site, ticket)
        assert chosen
        await browser.post(page_of(ticket, "draft"), data=form_of(chosen, body="Other words."))
    _, after, _ = await current(site, ticket)

    assert after
    assert after.cc == chosen.cc
