"""What the page of a ticket shows, over a real database. Nothing here needs a script to run in the page."""

import re
from uuid import uuid4

from tests.web.browsing import footer_of, page_of
from tests.web.site import Site, a_mail
from tickets.people import Role


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
        source = re.search(r'src="([^"]+)"', frame.group())
        assert source
        document = await browser.get(source[1])

    assert re.search(r'sandbox="(?!.*allow-scripts)(?!.*allow-same-origin)', frame.group())
    assert document.headers["content-security-policy"].startswith("sandbox allow-popups")
    assert "<b>The</b> red light" in document.text
    assert "alert(1)" not in document.text


async def test_a_ticket_that_is_not_there_is_a_page_and_not_an_error(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get(f"/boards/tickets/{uuid4()}")

    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]
