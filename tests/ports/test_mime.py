"""Bytes become a Mail: whatever a sender wrote, every field is usable, and only the limits are errors."""

from datetime import UTC, datetime

import pytest

from adapters.mime import parse
from tests.ports.mime_builders import (
    PLAIN,
    mail,
    multipart,
)
from tickets.authenticity import SEVERAL_SENDERS
from tickets.automatic import is_auto_reply
from tickets.mail import Address, missing_message_id

# --- headers -------------------------------------------------------------------------------------------------------


def test_a_plain_mail_is_read_field_by_field():
    found = mail(
        "From: Ada Lovelace <Ada@Example.org>\nTo: support@helios.example\nCc: Bob <bob@example.org>\n"
        "Reply-To: office@example.org\nSubject: Inverter\nMessage-ID: <q1@example.org>\n"
        "In-Reply-To: <r0@helios.example>\nReferences: <q0@example.org>\n <r0@helios.example>\n"
        "Date: Tue, 3 Mar 2026 10:14:00 +0100\n"
    )

    assert found.sender == Address("Ada Lovelace", "Ada@Example.org")
    assert found.to == (Address("", "support@helios.example"),)
    assert found.cc == (Address("Bob", "bob@example.org"),)
    assert found.reply_to == (Address("", "office@example.org"),)
    assert (found.subject, found.message_id) == ("Inverter", "<q1@example.org>")
    assert found.in_reply_to == "<r0@helios.example>"
    assert found.references == ("<q0@example.org>", "<r0@helios.example>")
    assert found.sent_at == datetime(2026, 3, 3, 9, 14, tzinfo=UTC)
    assert (found.text, found.visible_text) == ("Hello\n", "Hello")


def test_space_before_a_colon_neither_hides_a_field_nor_ends_the_header():
    found = parse(
        b"To : support@helios.example\nFrom : Ada <ada@example.org>\nSubject\t: Inverter\n\nNote : hello\n"
    ).mail

    assert found.sender == Address("Ada", "ada@example.org")
    assert (found.subject, found.text) == ("Inverter", "Note : hello\n")


@pytest.mark.parametrize("field", ["X-Mailer : Odd", "Received : from x by y", "X-Priority\t: 1"])
def test_fields_behind_any_spaced_colon_are_read(field: str):
    found = mail(f"{field}\nFrom: ada@example.org\nAuto-Submitted : auto-replied\nSubject: Inverter")

    assert (found.sender.address, found.subject) == ("ada@example.org", "Inverter")
    assert is_auto_reply(found)


def test_an_author_behind_a_line_that_ends_the_header_early_is_noticed():
    found = mail("From: victim@example.org\nthis is no field\nFrom: evil@example.net\nSubject: x")

    assert SEVERAL_SENDERS in found.defects


def test_a_second_sender_behind_a_spaced_colon_is_noticed():
    found = parse(b"From: Ada <ada@example.org>\nFrom : Boss <boss@helios.example>\nSubject: x\n\nHello\n").mail

    assert SEVERAL_SENDERS in found.defects


def test_what_a_sender_left_out_is_empty():
    raw = b"\nHello\n"

    found = parse(raw).mail

    assert found.message_id == missing_message_id(raw)
    assert (found.sender, found.to, found.subject) == (Address("", ""), (), "")
    assert (found.sent_at, found.in_reply_to, found.references) == (None, None, ())


@pytest.mark.parametrize(
    ("raw", "name", "address"),
    [
        ('"Lovelace, Ada" <ada@example.org>', "Lovelace, Ada", "ada@example.org"),
        ("Lovelace, Ada <ada@example.org>", "Lovelace, Ada", "ada@example.org"),
        ("ada@example.org (Ada)", "Ada", "ada@example.org"),
        ("<ada@example.org>", "", "ada@example.org"),
        ('"Ada <ada@example.org>', "Ada", "ada@example.org"),
        ("Ada <ada@example.org", "Ada", "ada@example.org"),
        ("=?utf-8?q?Ada_L=C3=B6we?= <ada@example.org>", "Ada Löwe", "ada@example.org"),
        (
            "=?utf-8?q?Boss_=3Cboss=40helios.example=3E?= <x@evil.example>",
            "Boss <boss@helios.example>",
            "x@evil.example",
        ),
        ("=?utf-8?q?boss=40helios.example?=", "boss@helios.example", ""),
        ("Ada <ada love@example.org>", "Ada", ""),
        ("Friends: Ada <ada@example.org>, bob@example.org;", "Ada", "ada@example.org"),
        ("((((((((( <ada@example.org>", "", "ada@example.org"),
        ('"ada l"@example.org', "", '"ada l"@example.org'),
        ('Ada <"ada@home"@example.org>', "Ada", '"ada@home"@example.org'),
        ('"ada"@example.org', "", "ada@example.org"),
        ("ada@[IPv6:2001:db8::1]", "", "ada@[IPv6:2001:db8::1]"),
        ("<Ada> <ada@example.org>", "", "ada@example.org"),
        ("Ada <ada@example.org> Bob <bob@example.org>", "Ada", "ada@example.org"),
        ("Ada <ada@example.org>>", "Ada", "ada@example.org"),
        ("ada@example.org>", "", "ada@example.org"),
        ("ada@example.org@evil.example", "", ""),
        ("Ada <ada@\r\n example.org>", "Ada", "ada@example.org"),
        ("Ada <ada@example.org\r\n>", "Ada", "ada@example.org"),
    ],
)
def test_the_sender_is_read_from_what_mail_programs_write(raw, name, address):
    found = mail(f"From: {raw}").sender

    assert (found.name, found.address) == (name, address)


def test_groups_are_opened_and_empty_ones_vanish():
    found = mail("To: Team: Ada <ada@example.org>, bob@example.org;, cleo@example.org\nCc: undisclosed-recipients:;")

    assert [each.address for each in found.to] == ["ada@example.org", "bob@example.org", "cleo@example.org"]
    assert found.cc == ()


def test_two_addresses_without_a_comma_are_two():
    found = mail("To: Ada <ada@example.org> Bob <bob@example.org>").to

    assert found == (Address("Ada", "ada@example.org"), Address("Bob", "bob@example.org"))


def test_the_sender_stands_in_for_a_missing_author():
    assert mail("From: Ada\nSender: office@example.org").sender.address == "office@example.org"


@pytest.mark.parametrize("before", [b"\n\r\n", b" ", b"\xef\xbb\xbf"])
def test_what_a_gateway_put_before_the_header_does_not_hide_it(before):
    found = parse(before + b"From: ada@example.org\nSubject: Inverter\n\nHello\n").mail

    assert (found.sender.address, found.subject, found.text) == ("ada@example.org", "Inverter", "Hello\n")


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?utf-8?q?Gr=C3=B6=C3=9Fe?=", "Größe"),
        (b"=?iso-8859-1?b?R3L232U=?=", "Größe"),
        (b"=?utf-8?b?R3LDtg==?=\n =?utf-8?b?w59l?=", "Größe"),
        (b"=?utf-8?b?R3LDtsM=?= =?utf-8?b?n2U=?=", "Größe"),
        ("Größe".encode(), "Größe"),
        ("Größe".encode("cp1252"), "Größe"),
        (b"=?x-nonsense?q?Hello?=", "Hello"),
        (b"=?utf-8?b?R3LDtsOfZQ?=", "Größe"),
        (b"=?utf-8?q?Gr=C3=B6=C3=9Fe?_ja?=", "Größe? ja"),
        (b"=?utf-8?q?Gr=C3=B6=C3=9Fe", "Größe"),
        (b"=??q?Hello?=", "Hello"),
        (b"folded\n over lines", "folded over lines"),
        (b"nul\x00 and bell\x07", "nul and bell"),
    ],
)
def test_subjects_are_decoded_whatever_their_encoding(raw, subject):
    assert mail(b"Subject: " + raw).subject == subject


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("Tue, 03 Mar 2026 09:14:00 GMT", datetime(2026, 3, 3, 9, 14, tzinfo=UTC)),
        ("3 Mar 2026 09:14 -0000", datetime(2026, 3, 3, 9, 14, tzinfo=UTC)),
        ("2026-03-03T10:14:00+01:00", datetime(2026, 3, 3, 9, 14, tzinfo=UTC)),
        ("Tue, 03 Mar 2026 09:14:60 +0000", datetime(2026, 3, 3, 9, 14, 59, tzinfo=UTC)),
        ("Tue, 99 Mar 2026 09:14:00 GMT", None),
        ("yesterday", None),
        ("Tue, 03 Mar 99999 09:14:00 GMT", None),
    ],
)
def test_dates_are_aware_utc_or_none(raw, at):
    assert mail(f"Date: {raw}").sent_at == at


def test_only_the_topmost_of_repeated_headers_counts():
    found = mail("Authentication-Results: mx.ours; dmarc=fail\nAuthentication-Results: evil; dmarc=pass\nX-Other: 1")

    assert found.headers == {"authentication-results": "mx.ours; dmarc=fail"}


def test_automatic_mail_is_recognised_from_the_kept_headers():
    assert is_auto_reply(mail("Auto-Submitted: auto-replied (vacation)"))


def test_several_ids_in_one_field_are_taken_in_order():
    found = mail("In-Reply-To: <a@x> <b@x>\nReferences: <c@x><d@x>\n\t<c@x>\nMessage-ID: bare@x")

    assert found.in_reply_to == "<a@x>"
    assert found.references == ("<c@x>", "<d@x>")
    assert found.message_id == "<bare@x>"


def test_an_in_reply_to_that_is_repeated_or_empty_is_read_to_its_first_id():
    assert mail("In-Reply-To:\nIn-Reply-To: <a@x>\nIn-Reply-To: <b@x>").in_reply_to == "<a@x>"


# --- bodies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("utf-8", "Größe €".encode()),
        ("iso-8859-1", "Größe €".encode("cp1252")),
        ("us-ascii", "Größe €".encode()),
        ("x-unknown", "Größe €".encode()),
        ("utf8mb4", "Größe €".encode()),
        ("idna", "Größe €".encode()),
    ],
)
def test_bodies_are_decoded_even_when_the_charset_is_misnamed(charset, raw):
    assert mail(f"Content-Type: text/plain; charset={charset}", raw).text == "Größe €"


def test_a_few_broken_bytes_do_not_change_the_charset():
    raw = "Schöne Grüße aus Köln, Änne Öz".encode() + b"\xff"

    assert mail("Content-Type: text/plain; charset=utf-8", raw).text == "Schöne Grüße aus Köln, Änne Öz\ufffd"


def test_base64_with_rubbish_in_it_is_still_read():
    body = "SGVs bG8g\n!!d29ybGQ"

    assert mail("Content-Transfer-Encoding: base64", body).text == "Hello world"


def test_html_alone_becomes_text():
    found = mail("Content-Type: text/html", "<style>p{}</style><p>Hello <b>Ada</b></p><ul><li>one<li>two</ul>")

    assert found.text.split() == ["Hello", "Ada", "*", "one", "*", "two"]
    assert found.html is not None
    assert "<b>Ada</b>" in found.html


def test_the_plain_alternative_is_the_text_and_the_html_is_kept():
    raw = multipart("alternative", PLAIN, "Content-Type: text/html\n\n<p>It shows <b>E07</b>.</p>\n")

    found = parse(raw).mail

    assert found.text.strip() == "It shows E07."
    assert "<b>E07</b>" in (found.html or "")
    assert found.attachments == ()


MARKED = {
    "gmail": '<div>Yes.</div><div class="gmail_quote"><div class="gmail_attr">On Tue</div>'
    '<blockquote class="gmail_quote">Old</blockquote></div>',
    "outlook": '<p>Yes.</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Ada</div><div>Old</div>',
    "outlook desktop": "<p>Yes.</p><div><p><b>From:</b> Ada<br><b>Sent:</b> Tuesday<br><b>To:</b> Us<br>"
    "<b>Subject:</b> Hi</p></div><p>Old</p>",
    "apple": '<div>Yes.</div><br><blockquote type="cite"><div>On 3 Mar, Ada wrote:</div><div>Old</div></blockquote>',
    "thunderbird": '<p>Yes.</p><div class="moz-cite-prefix">On 3/3/26 Ada wrote:</div>'
    '<blockquote type="cite">Old</blockquote>',
    "proton": '<div>Yes.</div><div class="protonmail_quote">On Tuesday<blockquote>Old</blockquote></div>',
    "yahoo": '<div>Yes.</div><div id="ydp1yahoo_quoted_1" class="yahoo_quoted">On Tuesday Old</div>',
}


@pytest.mark.parametrize("html", MARKED.values(), ids=MARKED.keys())
def test_history_that_the_mail_program_marked_is_not_new(html):
    found = mail("Content-Type: text/html", f"<html><body>{html}</body></html>")

    assert found.visible_text == "Yes."
    assert "Old" in found.text


def test_an_answer_below_a_marked_quote_is_new():
    found = mail("Content-Type: text/html", '<blockquote type="cite">Which error?</blockquote><p>E07.</p>')

    assert found.visible_text == "E07."


def test_a_forward_in_html_keeps_what_it_forwards():
    html = '<p>See below.</p><div class="gmail_quote">---------- Forwarded message ---------<br>Pay us.</div>'

    assert "Pay us." in mail("Content-Type: text/html", html).visible_text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "Hello",
        "<ul><li>" * 140 + "Hello",
        "<table><tr><td>" * 140 + "Hello",
        "<!-- " * 9_000 + "-->Hello",
    ],
)
def test_html_of_any_depth_gives_its_text(html):
    assert "Hello" in mail("Content-Type: text/html", html).text
