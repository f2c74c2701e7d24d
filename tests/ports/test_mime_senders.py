"""A mail that names more than one sender says so; one that repeats itself or names one in a strange way does not."""

import pytest

from adapters.mime import parse
from tests.ports.mime_builders import mail
from tickets.authenticity import SEVERAL_SENDERS, WarningKind, sender_verdict, sender_warnings
from tickets.mail import SenderVerdict

CEO = "From: Ceo <ceo@helios.example>\n"


@pytest.mark.parametrize(
    "head",
    [
        CEO + "From: eve@evil3.test\n",
        CEO + "Subject: x\nFROM: eve@evil3.test\n",
        CEO + "From: =?utf-8?q?Eve?=\n",
        CEO + "From:\n",
        "From: Ceo <ceo@helios.example>, eve@evil3.test\n",
        "From: Ceo <ceo@helios.example> Eve <eve@evil3.test>\n",
        CEO * 30 + "From: eve@evil3.test\n",
    ],
)
def test_more_than_one_sender_is_a_defect(head):
    assert SEVERAL_SENDERS in mail(head).defects


@pytest.mark.parametrize(
    "head",
    [
        CEO,
        CEO + CEO,
        CEO + "Sender: eve@evil3.test\nReply-To: x@y.example\n",
        "From: Ceo <ceo@helios.example>, CEO@helios.example\n",
        'From: "ceo@helios.example" <eve@evil3.test>\n',
        "From: ceo@helios.example <eve@evil3.test>\n",
        "From: Keller, Ada <ada@example.net>\n",
        "From: undisclosed-recipients:;\n",
        "From: =?utf-8?q?a=40b=2Eexample=2C_c?= <ada@example.net>\n",
        "From: Ada (a@b.example, c@d.example) <ada@example.net>\n",
        "To: a@b.example, c@d.example\n",
        "",
    ],
)
def test_one_sender_is_none_however_strangely_it_is_written(head):
    assert SEVERAL_SENDERS not in mail(head).defects


def test_a_second_from_field_takes_the_trust_that_the_provider_put_into_it():
    results = "Authentication-Results: mx.helios.example; dmarc=pass{}\n"
    trusted = mail(results.format("") + CEO)

    doubted = mail(results.format(" header.from=evil3.test") + CEO + "From: eve@evil3.test\n")
    unsaid = mail(results.format("") + CEO + "From: eve@evil3.test\n")

    assert sender_verdict(trusted, "mx.helios.example") is SenderVerdict.VERIFIED
    assert sender_verdict(doubted, "mx.helios.example") is SenderVerdict.UNVERIFIED
    assert sender_verdict(unsaid, "mx.helios.example") is SenderVerdict.UNVERIFIED
    assert [warning.kind for warning in sender_warnings(doubted)] == [WarningKind.SEVERAL_SENDERS]


def test_an_oversized_mail_says_so_too():
    raw = (CEO + "From: eve@evil3.test\n\n" + "x" * 2_000).encode()

    assert SEVERAL_SENDERS in parse(raw, max_bytes=1_000).mail.defects
