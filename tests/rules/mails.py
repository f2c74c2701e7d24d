"""Boring parsed mails for the tests of the rules."""

from typing import Any

from tickets.mail import Address, Mail

ANA = Address("Ana Keller", "ana@example.net")


def a_mail(text: str = "Hello", **fields: Any) -> Mail:
    plain: dict[str, Any] = {"message_id": "<m1@x>", "subject": "Hello", "sender": ANA}
    return Mail(**(plain | {"text": text, "visible_text": text} | fields))


def with_headers(**headers: str) -> Mail:
    """`List_Id` sets List-Id, and so on."""
    return a_mail(headers={name.lower().replace("_", "-"): value for name, value in headers.items()})
