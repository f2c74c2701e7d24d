"""What the outside world sends: customers, their answers, machines, and mail that no parser should touch."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import uuid4

from tests.service import a_mail

THANKS = "Hello,\n\nthank you, everything works again.\n\nNora\n"


def a_word() -> str:
    """A word that occurs nowhere else."""
    return f"q{uuid4().hex[:12]}"


def a_customer() -> str:
    """Somebody who has never written before."""
    return f"Nora Lind <nora.{uuid4().hex[:12]}@example.net>"


def read(raw: bytes) -> EmailMessage:
    """A mail as a mail program shows it."""
    return message_from_bytes(raw, policy=policy.default)


def text_of(raw: bytes) -> str:
    """The text of a mail with plain line ends."""
    part = read(raw).get_body(("plain",))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")


def an_answer(to: EmailMessage, text: str, sender: str | None = None, **headers: str) -> EmailMessage:
    """A mail in answer to another one, by its recipient unless somebody else is named."""
    known = str(to["Message-ID"])
    before = str(to["References"] or "").split()
    return a_mail(
        subject=f"Re: {str(to['Subject']).removeprefix('Re: ')}",
        text=text,
        sender=sender or str(to["To"]),
        In_Reply_To=known,
        References=" ".join([*before, known]),
        **headers,
    )


def an_out_of_office(to: EmailMessage) -> EmailMessage:
    """What a customer's mailbox answers by itself."""
    return an_answer(to, "I am out of the office until Monday.\n", Auto_Submitted="auto-replied")


def a_newsletter() -> EmailMessage:
    """A mail to many."""
    return a_mail(
        subject=f"Solar news {a_word()}",
        text="Panels are cheaper than ever.\n",
        sender="News <news@panels.example>",
        List_Id="<news.panels.example>",
        List_Unsubscribe="<https://panels.example/leave>",
    )


def a_bounce(of: EmailMessage, reason: str = "550 5.1.1 user unknown") -> bytes:
    """A delivery report on a mail (RFC 3464)."""
    head = (
        f"From: Mail Delivery System <mailer-daemon@example.net>\nTo: {of['From']}\nReturn-Path: <>\n"
        f"Subject: Undelivered Mail Returned to Sender\nMessage-ID: <{uuid4()}@example.net>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="part"\n\n'
    )
    status = (
        "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; nobody@example.net\nAction: failed\n"
        f"Status: 5.1.1\nDiagnostic-Code: smtp; {reason}\n"
    )
    returned = f"Message-ID: {of['Message-ID']}\nSubject: {of['Subject']}\n"
    parts = {
        "text/plain": "Your message could not be delivered.\n",
        "message/delivery-status": status,
        "text/rfc822-headers": returned,
    }
    body = "".join(f"--part\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts.items())
    return f"{head}{body}--part--\n".encode()


def an_unreadable_mail(subject: str) -> bytes:
    """A header far larger than any mail program writes, which the standard library's parser chokes on."""
    head = f"From: Eve <eve@example.net>\r\nTo: support@helios.example\r\nSubject: {subject}\r\n"
    crowd = ",\r\n ".join(f"guest{number}@example.net" for number in range(20_000))
    return f"{head}Message-ID: <{uuid4()}@example.net>\r\nCc: {crowd}\r\n\r\nHello\r\n".encode()
