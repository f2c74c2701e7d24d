"""The rules that read a mail's headers."""

import pytest

from tickets.mail import (
    Address,
    Mail,
    SenderVerdict,
    is_automatic_reply,
    is_list_mail,
    missing_message_id,
    must_not_be_answered,
    plain_subject,
    reply_references,
    reply_subject,
    sender_verdict,
)


def a_mail(**fields: object) -> Mail:
    plain: dict[str, object] = {"message_id": "<m1@x>", "subject": "Hello", "sender": Address("Ana", "ana@example.net")}
    return Mail(**(plain | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({"auto-submitted": "auto-replied"}, True),
        ({"auto-submitted": "auto-generated; owner-email=x"}, True),
        ({"auto-submitted": "no"}, False),
        ({"x-autoreply": "yes"}, True),
        ({"x-autoreply": "no"}, False),
        ({"precedence": "bulk"}, False),
        ({}, False),
    ],
)
def test_automatic_replies_are_known_by_their_headers(headers: dict[str, str], automatic: bool) -> None:
    assert is_automatic_reply(a_mail(headers=headers)) is automatic


@pytest.mark.parametrize("headers", [{"list-id": "<news.x>"}, {"list-unsubscribe": "<x>"}, {"precedence": "List"}])
def test_list_mail_is_no_automatic_reply_but_is_not_answered_either(headers: dict[str, str]) -> None:
    mail = a_mail(headers=headers)

    assert is_list_mail(mail)
    assert not is_automatic_reply(mail)
    assert must_not_be_answered(mail)


def test_a_null_return_path_is_never_answered() -> None:
    assert must_not_be_answered(a_mail(headers={"return-path": "<>"}))
    assert not must_not_be_answered(a_mail(headers={"return-path": "<ana@example.net>"}))


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


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("mx.helios.example; dmarc=pass; spf=pass", SenderVerdict.VERIFIED),
        ("mx.helios.example; dmarc=fail; spf=pass", SenderVerdict.FAILED),
        ("mx.helios.example; spf=fail; dkim=none", SenderVerdict.FAILED),
        ("mx.helios.example; none", SenderVerdict.UNVERIFIED),
        ("mx.attacker.example; dmarc=pass", SenderVerdict.UNVERIFIED),
        ("", SenderVerdict.UNVERIFIED),
    ],
)
def test_only_our_own_providers_word_on_the_sender_counts(results: str, verdict: SenderVerdict) -> None:
    mail = a_mail(headers={"authentication-results": results})

    assert sender_verdict(mail, "mx.helios.example") is verdict


def test_a_missing_message_id_is_replaced_by_the_same_one_each_time() -> None:
    assert missing_message_id(b"x") == missing_message_id(b"x") != missing_message_id(b"y")
