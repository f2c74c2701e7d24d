"""Delivery status notifications as Google's mail servers write them (RFC 3464, in an RFC 6522 report)."""

import hashlib
from dataclasses import dataclass
from email.utils import formatdate

_BOUNDARY = "report_of_the_double"


@dataclass(frozen=True)
class Failure:
    """Why a mail did not arrive. `action` and `status` are RFC 3464's."""

    word: str
    action: str
    status: str
    diagnostic: str
    explanation: str


FAILED = Failure(
    "Failure",
    "failed",
    "5.1.1",
    "550 5.1.1 no mailbox of this name here",
    "Your message was not delivered, because the address does not exist or cannot receive mail.",
)
DELAYED = Failure(
    "Delay",
    "delayed",
    "4.4.1",
    "451 4.4.1 the server of the recipient does not answer",
    "Your message is not delivered yet. Delivery goes on being tried; nothing needs to be done.",
)


def notification(sender: str, mail: bytes, message_id: str, recipient: str, failure: Failure, at_ms: int) -> bytes:
    """The notification for `sender` about `mail`, which bore `message_id` when it left."""
    digest = hashlib.sha256(f"{message_id} {recipient} {at_ms}".encode()).hexdigest()[:20]
    date = formatdate(at_ms / 1000)
    head = (
        "Return-Path: <>",
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        f"To: {sender}",
        "Auto-Submitted: auto-replied",
        f"Subject: Delivery Status Notification ({failure.word})",
        f"Message-ID: <{digest}.report@mx.google.com>",
        f"References: {message_id}",
        f"In-Reply-To: {message_id}",
        f"X-Failed-Recipients: {recipient}",
        f"Date: {date}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{_BOUNDARY}"',
        "",
    )
    status = (
        "Reporting-MTA: dns; googlemail.com",
        f"Arrival-Date: {date}",
        f"X-Original-Message-ID: {message_id}",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {failure.action}",
        f"Status: {failure.status}",
        f"Diagnostic-Code: smtp; {failure.diagnostic}",
        f"Last-Attempt-Date: {date}",
        "",
    )
    text = (failure.explanation, "", f"Recipient: {recipient}", f"The server answered: {failure.diagnostic}", "")
    parts = (
        ("text/plain; charset=utf-8", _lines(text)),
        ("message/delivery-status", _lines(status)),
        ("message/rfc822", mail),
    )
    body = b"".join(_part(kind, content) for kind, content in parts)
    return _lines(head) + b"\r\n" + body + f"--{_BOUNDARY}--\r\n".encode()


def _lines(lines: tuple[str, ...]) -> bytes:
    return "\r\n".join(lines).encode()


def _part(kind: str, content: bytes) -> bytes:
    return f"--{_BOUNDARY}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
