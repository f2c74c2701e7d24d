"""The rules that read a mail's headers."""

import pytest

from tickets.mail import (
    Address,
    Mail,
    missing_message_id,
    plain_subject,
    reply_references,
    reply_subject,
)


def a_mail(**fields: object) -> Mail:
    plain: dict[str, object] = {"message_id": "<m1@x>", "subject": "Hello", "sender": Address("Ana", "ana@example.net")}
    return Mail(**(plain | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "plain"),
    [
        ("Re: Re: AW: Invoice", "Invoice"),
        ("WG: Fwd: Termin", "Termin"),
        ("Re[2]: x", "x"),
        ("Regarding x", "Regarding x"),
    ],
)
def test_a_subject_is_compared_without_reply_marks(subject: str, plain: str) -> None:
    assert plain_subject(subject) == plain
    assert reply_subject(subject) == f"Re: {plain}"


def test_references_grow_by_the_mail_that_is_answered() -> None:
    mail = a_mail(references=("<a@x>", "<b@x>"), in_reply_to="<b@x>")

    assert reply_references(mail) == ("<a@x>", "<b@x>", "<m1@x>")
    assert reply_references(a_mail(in_reply_to="<b@x>")) == ("<b@x>", "<m1@x>")


def test_a_missing_message_id_is_replaced_by_the_same_one_each_time() -> None:
    assert missing_message_id(b"x") == missing_message_id(b"x") != missing_message_id(b"y")
