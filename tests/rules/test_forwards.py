"""Whose mail a colleague forwarded: from the text that mail programs write, or from the attached mail."""

import pytest

from tests.rules.mails import a_mail
from tickets.forwards import as_the_customers, original_sender
from tickets.mail import Address, Attachment

FORWARDS = {
    "gmail": "Please look.\n\n---------- Forwarded message ---------\nFrom: Carl Roth <carl@example.org>\n"
    "Date: Fri, 20 Nov 2026\nSubject: Inverter\nTo: <bea@helios.example>\n\nIt beeps.",
    "outlook": "________________________________\nVon: Carl Roth <carl@example.org>\nGesendet: Freitag, 20. November\n"
    "An: Bea\nBetreff: Inverter\n\nEr piept.",
    "apple": "Begin forwarded message:\n\n> From: Carl Roth <carl@example.org>\n> Subject: Inverter\n>\n> It beeps.",
    "bold": "*From:* Carl Roth <carl@example.org>\n*Sent:* Friday\n*Subject:* Inverter\n\nIt beeps.",
    "french": "De : Carl Roth <carl@example.org>\nEnvoyé : vendredi\nÀ : Bea\nObjet : Onduleur\n\nBip.",
    "mailto": "From: Carl Roth [mailto:carl@example.org]\nSent: Friday\nTo: Bea\nSubject: Inverter\n\nIt beeps.",
}


@pytest.mark.parametrize("text", FORWARDS.values(), ids=FORWARDS.keys())
def test_the_customer_is_read_from_what_mail_programs_write(text: str) -> None:
    assert original_sender(a_mail(text, subject="Fwd: Inverter"), {}) == Address("Carl Roth", "carl@example.org")


def test_the_customer_is_read_from_the_attached_mail() -> None:
    part = Attachment("mail.eml", "message/rfc822", 9, "a" * 64)
    raw = b"Received: x\r\nFrom: Carl Roth\r\n <carl@example.org>\r\nSubject: x\r\n\r\nFrom: <other@example.org>"

    mail = a_mail("See below.", attachments=(part,))

    assert original_sender(mail, {"a" * 64: raw}) == Address("Carl Roth", "carl@example.org")
    assert original_sender(mail, {"a" * 64: b"\xff\x00 no mail at all"}) is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Inverter", FORWARDS["gmail"]),  # an answer that quotes
        ("Fwd: Inverter", "From: the roof\nTo: the cellar"),
        ("Fwd: Inverter", "It beeps. Write to carl@example.org"),
        ("Fwd: Inverter", "From: Carl Roth <carl@example.org>\n" + "It beeps.\n" * 10 + "Subject: none"),
    ],
)
def test_what_does_not_show_a_forwarded_mail_names_nobody(subject: str, text: str) -> None:
    assert original_sender(a_mail(text, subject=subject), {}) is None


def test_the_forward_becomes_the_customers_mail_and_says_who_handed_it_on() -> None:
    customers = as_the_customers(a_mail(subject="Fwd: Inverter"), Address("Carl", "carl@example.org"))

    assert (customers.sender.address, customers.subject) == ("carl@example.org", "Inverter")
    assert customers.defects == ("Forwarded by ana@example.net",)
