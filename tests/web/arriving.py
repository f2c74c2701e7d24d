"""Mail of every kind comes to the desk of a test."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from secrets import token_urlsafe

from tests.web.browsing import current, form_of, page_of
from tests.web.site import ADDRESS, Site
from tickets.outbox import Receipt
from tickets.outcome import record_sent
from tickets.ticket import Ticket, TicketId

SERVER = "mx.helios.example"
ANNA = "Anna Keller <anna@keller.example>"
FAILED = {"Authentication-Results": f"{SERVER}; dmarc=fail header.from=keller.example"}


def a_plain_mail(subject: str, sender: str = ANNA, text: str = "The red light blinks.", **headers: str) -> EmailMessage:
    """`headers` may be any; those the desk's own provider adds too."""
    mail = EmailMessage(policy=policy.default)
    mail["From"], mail["To"], mail["Subject"] = sender, ADDRESS, subject
    mail["Date"], mail["Message-ID"] = "Mon, 02 Mar 2026 08:00:00 +0000", f"<{token_urlsafe(8)}@keller.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


async def arrives(site: Site, mail: EmailMessage) -> Ticket:
    """The ticket that the mail came to."""
    site.mailbox.authserv_id = SERVER
    site.mailbox.receive(mail.as_bytes())
    (report,) = await site.services.sync.run()
    return await site.services.store.ticket(report.ticket_ids[0])


async def answered(site: Site, ticket: Ticket) -> str:
    """Our reply has left; the Message-ID it left under."""
    draft = await site.draft(ticket)
    view = await site.services.desk.show(ticket.id)
    async with await site.browser() as browser:
        form = form_of(draft) | {"confirm_flags": [flag.id for flag in view.cautions]}
        answer = await browser.post(page_of(ticket, "approve"), data=form)
    assert answer.status_code == 303, answer.text
    _, _, outgoing = await current(site, ticket)
    assert outgoing
    parsed = await site.services.desk.parser.parse(outgoing.mime)
    async with site.services.store.begin() as tx:
        receipt = Receipt(f"sent-{token_urlsafe(4)}", outgoing.message_id, None)
        await record_sent(tx, outgoing, receipt, parsed, "agent", site.clock.now())
    return str(message_from_bytes(outgoing.mime)["Message-ID"])


async def bounces(
    site: Site, message_id: str, recipient: str = "anna@keller.example", *, for_good: bool = True
) -> None:
    """The mail with that id could not be delivered, says its server."""
    action, status = ("failed", "5.1.1") if for_good else ("delayed", "4.2.2")
    report = f"""From: Mail Delivery System <mailer-daemon@mx.example>
To: {ADDRESS}
Subject: Undelivered Mail
Message-ID: <{token_urlsafe(8)}@mx.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It did not arrive.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {status} mailbox unknown

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
From: {ADDRESS}
To: {recipient}
Subject: Re: Inverter

--b--
"""
    site.mailbox.receive(report.replace("\n", "\r\n").encode())
    await site.services.sync.run()


async def shown(site: Site, ticket_id: TicketId) -> str:
    """The ticket's page."""
    async with await site.browser() as browser:
        return (await browser.get(f"/boards/tickets/{ticket_id}")).text
