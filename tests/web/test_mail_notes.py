"""What the page and scripts are told of a mail: machines, absences, delivery reports, thanks, files."""

from email.message import EmailMessage

import httpx
import pytest

from tests.web.arriving import a_plain_mail, answered, arrives, bounces, shown
from tests.web.browsing import footer_of, page_of
from tests.web.site import Site
from tickets.reopening import ONLY_THANKS
from tickets.ticket import Ticket

PIXEL = b"\x89PNG\r\n\x1a\n" + bytes(32)


async def an_answered_ticket(site: Site) -> tuple[Ticket, str]:
    ticket = await arrives(site, a_plain_mail("Inverter"))
    return ticket, await answered(site, ticket)


async def out_of_office(site: Site, reply: str) -> None:
    away = a_plain_mail(
        "Automatic reply: Re: Inverter",
        text="I am out of the office until 9 March 2026.",
        Auto_Submitted="auto-replied",
        In_Reply_To=reply,
    )
    site.mailbox.receive(away.as_bytes())
    await site.services.sync.run()


async def test_an_out_of_office_says_until_when(site: Site, script: httpx.AsyncClient) -> None:
    ticket, reply = await an_answered_ticket(site)
    await out_of_office(site, reply)

    page = await shown(site, ticket.id)
    message = (await script.get(f"/tickets/{ticket.id}")).json()["messages"][-1]

    assert '<span class="tag">Out of office until 9 March</span>' in page
    assert message["away_until"] == "2026-03-09"
    assert message["facts"] == {"suppress_automatic_answer": True, "is_auto_reply": True, "is_list": False}
    assert message["warnings"] == []


@pytest.mark.parametrize("for_good", [True, False])
async def test_a_delivery_report_names_the_reply_it_is_about(
    site: Site, script: httpx.AsyncClient, for_good: bool
) -> None:
    ticket, reply = await an_answered_ticket(site)
    await bounces(site, reply, for_good=for_good)

    page = await shown(site, ticket.id)
    full = (await script.get(f"/tickets/{ticket.id}")).json()
    ours, report = full["messages"][1:]

    assert f'<a href="#mail-{ours["id"]}">The reply</a>' in page
    assert ("came back for good" in page) is for_good
    assert report["bounce"]["reply"] == ours["id"]
    assert report["bounce"]["is_permanent"] is for_good
    assert report["bounce"]["recipient"] == "anna@keller.example"
    assert (ours["bounce"], ours["facts"]) == (None, None)


async def test_scripts_are_told_which_recipients_bounced(site: Site, script: httpx.AsyncClient) -> None:
    ticket, reply = await an_answered_ticket(site)
    await bounces(site, reply)

    (bounced,) = (await script.get(f"/tickets/{ticket.id}")).json()["bounced"]

    assert (bounced["address"], bounced["is_permanent"]) == ("anna@keller.example", True)
    assert "mailbox unknown" in bounced["reason"]


async def test_a_bare_thank_you_offers_to_close_first(site: Site) -> None:
    ticket, reply = await an_answered_ticket(site)
    await arrives(site, a_plain_mail("Re: Inverter", text="Thank you very much!", In_Reply_To=reply))

    page = await shown(site, ticket.id)
    async with await site.browser() as browser:
        board = (await browser.get("/boards/needs-action")).text
        closed = await browser.post(page_of(ticket, "close"))

    assert (await site.services.store.ticket(ticket.id)).notice is None
    assert "The customer only says thank you." in page
    assert ONLY_THANKS not in page
    assert '<button class="approve">Close</button>' in footer_of(page)
    assert "only thanks" in board
    assert closed.status_code == 303


async def test_an_answer_from_another_address_is_told_without_asking_for_more(
    site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await arrives(site, a_plain_mail("Inverter", Reply_To="office@elsewhere.example"))
    draft = await site.draft(ticket)

    full = (await script.get(f"/tickets/{ticket.id}")).json()
    page = await shown(site, ticket.id)

    (warning,) = full["messages"][0]["warnings"]
    assert (warning["kind"], warning["grave"]) == ("reply_to_elsewhere", False)
    assert f'<p class="hintbox">{warning["text"]}</p>' in page
    assert full["draft"]["flags"] == []
    assert [each.address for each in draft.to] == ["anna@keller.example"]


# --- files ------------------------------------------------------------------------------------------------------------


def with_files(*files: tuple[str, str, bytes]) -> EmailMessage:
    mail = a_plain_mail("Files")
    for name, content_type, content in files:
        family, _, kind = content_type.partition("/")
        mail.add_attachment(content, maintype=family, subtype=kind, filename=name)
    return mail


async def test_files_tell_what_they_are_and_what_to_beware_of(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await arrives(
        site, with_files(("Plan.pdf", "application/pdf", b"%PDF-1"), ("pay.pdf.exe", "application/pdf", b"MZ"))
    )

    page = await shown(site, ticket.id)
    plan, program = (await script.get(f"/tickets/{ticket.id}")).json()["messages"][0]["attachments"]

    assert "PDF, 6 B" in page
    assert "program, 2 B" in page
    assert page.count("Do not open it.") == 1
    assert plan["warning"] is None
    assert program["warning"].endswith("Do not open it.")


async def test_an_image_is_shown_in_a_frame_that_can_do_nothing(site: Site) -> None:
    ticket = await arrives(site, with_files(("roof.png", "image/png", PIXEL), ("evil.svg", "image/svg+xml", b"<svg/>")))
    image, drawing = (await site.services.store.conversation(ticket.id)).messages[0].mail.attachments

    async with await site.browser() as browser:
        picture = await browser.get(page_of(ticket, f"attachments/{image.sha256}/picture"))
        refused = await browser.get(page_of(ticket, f"attachments/{drawing.sha256}/picture"))

    assert '<img src="data:image/png;base64,' in picture.text
    assert picture.headers["content-security-policy"].startswith("sandbox")
    assert "default-src 'none'" in picture.headers["content-security-policy"]
    assert refused.status_code == 404


# --- the preview ------------------------------------------------------------------------------------------------------


async def test_the_preview_is_the_html_that_leaves_and_runs_nothing(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket, "Dear Anna,\n\n<script>alert(1)</script> 5 < 6")

    async with await site.browser() as browser:
        preview = await browser.get(page_of(ticket, "preview"))
        form = {"revision": "1", "content_hash": draft.content_hash}
        await browser.post(page_of(ticket, "approve"), data=form)
    outgoing = await site.services.store.latest_outgoing(ticket.id)

    assert outgoing
    parsed = await site.services.desk.parser.parse(outgoing.mime)
    assert parsed.mail.html
    assert parsed.mail.html.split() == preview.text.split()
    assert "<script>" not in preview.text
    assert "default-src 'none'" in preview.headers["content-security-policy"]


async def test_without_a_draft_there_is_no_preview(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        answer = await browser.get(page_of(ticket, "preview"))

    assert answer.status_code == 404
