"""Attachments, inline images, embedded and signed mail, and delivery reports."""

import base64

import pytest

from adapters.mime import parse
from tests.ports.mime_builders import PLAIN, mail, multipart

PNG = base64.b64encode(b"\x89PNG not really").decode()


def test_a_referenced_image_is_inline_and_an_unreferenced_one_is_an_attachment():
    image = (
        "Content-Type: image/png; name=roof.png\nContent-ID: <{}>\nContent-Disposition: {}\n"
        f"Content-Transfer-Encoding: base64\n\n{PNG}\n"
    )
    raw = multipart(
        "related",
        'Content-Type: text/html\n\n<img src="cid:Roof%401">\n',
        image.format("roof@1", "attachment"),
        image.format("roof@2", "inline"),
    )

    parsed = parse(raw)

    shown, other = parsed.mail.attachments
    assert (shown.content_id, shown.is_inline) == ("roof@1", True)
    assert (other.content_id, other.is_inline) == ("roof@2", False)
    assert parsed.blobs[shown.sha256] == b"\x89PNG not really"
    assert shown.size == len(b"\x89PNG not really")


@pytest.mark.parametrize(
    ("disposition", "filename"),
    [
        ('attachment; filename="roof plan.pdf"', "roof plan.pdf"),
        ("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf", "Größe.pdf"),
        ("attachment; filename*0=long; filename*1=name.pdf", "longname.pdf"),
        ('attachment; filename="=?utf-8?q?Gr=C3=B6=C3=9Fe.pdf?="', "Größe.pdf"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="C:\\\\Users\\\\ada\\\\bill.pdf"', "bill.pdf"),
        ('attachment; filename="bill\u202efdp.exe"', "billfdp.exe"),
        ("attachment", "part-1.pdf"),
    ],
)
def test_file_names_are_decoded_and_are_only_names(disposition, filename):
    part = f"Content-Type: application/pdf\nContent-Disposition: {disposition}\n\nx\n"

    [found] = parse(multipart("mixed", PLAIN, part)).mail.attachments

    assert found.filename == filename


def test_an_embedded_message_is_an_attachment_and_not_text():
    inner = "Content-Type: message/rfc822\n\nSubject: Old bill\nFrom: b@example.org\n\nPay us.\n"

    parsed = parse(multipart("mixed", PLAIN, inner))

    [found] = parsed.mail.attachments
    assert (found.content_type, found.filename) == ("message/rfc822", "Old bill.eml")
    assert parsed.blobs[found.sha256] == b"Subject: Old bill\nFrom: b@example.org\n\nPay us.\n"
    assert "Pay us." not in parsed.mail.text


def test_signed_mail_shows_its_text_and_names_its_signature():
    signature = "Content-Type: application/pgp-signature\n\nxyz\n"

    found = parse(multipart("signed", PLAIN, signature)).mail

    assert found.text.strip() == "It shows E07."
    assert [each.filename for each in found.attachments] == ["part-1.asc"]
    assert "Signed" in found.defects


def test_encrypted_mail_keeps_its_parts_and_says_so():
    version = "Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
    secret = "Content-Type: application/octet-stream; name=encrypted.asc\n\nxyz\n"

    found = parse(multipart("encrypted", version, secret)).mail

    assert found.text == ""
    assert [each.filename for each in found.attachments] == ["part-1", "encrypted.asc"]
    assert "Encrypted" in found.defects


def test_a_multipart_without_parts_is_shown_as_text():
    assert mail("Content-Type: multipart/mixed", "Hello\n").text.strip() == "Hello"


# --- delivery reports ----------------------------------------------------------------------------------------------

NOTE = "Content-Type: text/plain\n\nYour mail could not be delivered.\n"
RETURNED = "Content-Type: text/rfc822-headers\n\nSubject: Re: Inverter\nMessage-ID: <r1@helios.example>\n"


def report(action, status, reason="smtp; 550 no such user here"):
    fields = (
        f"Final-Recipient: rfc822; ada@example.org\nAction: {action}\nStatus: {status}\nDiagnostic-Code: {reason}\n"
    )
    machine = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n{fields}\n"
    return parse(multipart("report; report-type=delivery-status", NOTE, machine, RETURNED)).mail.bounce


def test_a_delivery_report_names_our_mail_the_recipient_and_the_reason():
    found = report("failed", "5.1.1")

    assert found is not None
    assert found.original_message_id == "<r1@helios.example>"
    assert found.recipient == "ada@example.org"
    assert found.is_permanent
    assert found.reason == "550 no such user here"


@pytest.mark.parametrize(
    ("action", "status", "reason"),
    [("delayed", "4.4.1", "smtp; 451 later"), ("failed", "5.2.2", "smtp; 552 mailbox full")],
)
def test_what_may_work_tomorrow_is_not_permanent(action, status, reason):
    found = report(action, status, reason)

    assert found is not None
    assert not found.is_permanent


def test_a_receipt_of_delivery_is_no_bounce():
    assert report("delivered", "2.0.0", "smtp; 250 ok") is None


def test_a_report_in_prose_is_recognised_by_its_sender_and_subject():
    found = mail(
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: support@helios.example\n"
        "Subject: Undelivered Mail Returned to Sender\n",
        "Sorry: ada@example.org - 550 user unknown\n\nMessage-ID: <r1@helios.example>\n",
    ).bounce

    assert found is not None
    assert (found.recipient, found.original_message_id) == ("ada@example.org", "<r1@helios.example>")


def test_a_customer_who_writes_about_bounces_sends_none():
    found = mail("From: ada@example.org\nSubject: Undelivered Mail Returned to Sender", "I got this from you, why?")

    assert found.bounce is None
