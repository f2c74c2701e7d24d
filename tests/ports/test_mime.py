"""Bytes become a Mail: whatever a sender wrote, every field is usable, and only the limits are errors."""

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.mime import parse
from adapters.mime_wire import packed, unpacked
from tests.ports.mime_builders import (
    ATTACHMENT_BEGINS,
    ATTACHMENT_BYTES,
    ATTACHMENT_PROPERTIES,
    MESSAGE_PROPERTIES,
    PLAIN,
    compressed_rtf,
    mail,
    multipart,
    properties,
    winmail,
)
from tickets.errors import Unreadable
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


# --- limits and hostile input --------------------------------------------------------------------------------------

NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
TOO_MUCH = {
    "one header": b"Cc: " + b"a@example.org, " * 60_000 + b"\n\nx",
    "header lines": b"X-Y: z\n" * 3_000 + b"\nx",
    "header of a part": b"Content-Type: multipart/mixed; boundary=b\n\n--b\nX: " + b"x" * 300_000 + b"\n\nx",
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000,
    "nesting": NESTED,
    "embedded messages": b"Content-Type: message/rfc822\n\n" * 3_000,
    "addresses": b"To: " + b"a@b.example," * 600 + b"\n\nx",
    "parameters": b"Content-Type: text/plain" + b";" * 100_000 + b"\n\nx",
}


@pytest.mark.parametrize("raw", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_what_exceeds_a_limit_is_unreadable_with_a_reason(raw):
    with pytest.raises(Unreadable, match="The message"):
        parse(raw)


def test_mail_just_within_the_limits_is_read():
    header = b"To: " + b", ".join(b"a%d@example.org" % n for n in range(500)) + b"\n"

    found = parse(header + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 900 + b"--b--\n").mail

    assert len(found.to) == 500
    assert found.text.count("x") == 900


def test_lines_that_only_look_like_delimiters_are_no_parts():
    assert mail("From: ada@example.org", "--b\n" * 5_000).text.count("--b") == 5_000


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n"])
def test_of_an_oversized_mail_the_header_is_read(end):
    raw = b"From: Ada <ada@example.org>\nSubject: Plans\nAuto-Submitted: auto-replied\nContent-Type: text/html"

    parsed = parse(raw + end + b"x" * 2_000_000, max_bytes=1024 * 1024)

    found = parsed.mail
    assert (found.sender.address, found.subject) == ("ada@example.org", "Plans")
    assert "1.9 MB" in found.visible_text
    assert "The whole mail is kept" in found.text
    assert (found.html, found.attachments, parsed.blobs) == (None, (), {})
    assert "Oversized" in found.defects
    assert is_auto_reply(found)


def test_an_oversized_mail_without_a_message_id_is_known_by_all_of_its_bytes():
    head = b"From: Ada <ada@example.org>\n\n"

    one, other = (parse(head + body * 100, max_bytes=50).mail.message_id for body in (b"x", b"y"))

    assert one == missing_message_id(head + b"x" * 100)
    assert one != other


def test_an_oversized_bounce_is_still_one():
    header = "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered Mail Returned to Sender\n\n"

    assert parse(header.encode() + b"x" * 100, max_bytes=50).mail.bounce is not None


def test_an_oversized_mail_without_a_header_is_unreadable():
    with pytest.raises(Unreadable, match="without a header"):
        parse(b"x" * 200, max_bytes=50)


FRAGMENTS = st.sampled_from(
    [
        *(
            b"From: ",
            b"To: ",
            b"Subject: ",
            b"Date: ",
            b"Content-Type: ",
            b"Content-Transfer-Encoding: base64\n",
            b"\n",
        ),
        *(
            b"multipart/mixed; boundary=b\n",
            b"--b\n",
            b"--b--\n",
            b"message/rfc822\n",
            b"text/html; charset=",
            b"idna\n",
        ),
        *(
            b"message/delivery-status\n",
            b"multipart/report; boundary=b\n",
            b"=?utf-8?q?=41?=",
            b"<a@b>",
            b'"',
            b"(",
            b",",
        ),
        *(
            b"\r\n ",
            b"\x00",
            b"\xff",
            b"<div>",
            b"<!--",
            b"name*0*=utf-8''%ff;",
            b"boundary*=idna''b\n",
            b"MAILER-DAEMON",
        ),
    ]
)


@given(st.one_of(st.binary(), st.lists(st.one_of(FRAGMENTS, st.binary(max_size=9)), max_size=40).map(b"".join)))
@example(b"Content-Type: text/plain; charset=idna\n\n\xff")
@example(b"Content-Type: multipart/mixed; boundary*=idna''b\n\n--b\n\nx")
@example(b"From: \r\n <\r\na@b>\r\n\r\nx")
def test_any_bytes_give_a_usable_mail(raw):
    parsed = parse(raw)

    found = parsed.mail
    assert found.message_id.startswith("<")
    assert "\x00" not in f"{found.subject}{found.text}{found.html}{found.sender}"
    assert {each.sha256 for each in found.attachments} == set(parsed.blobs)
    assert unpacked(packed(parsed)) == parsed


SEEDS = [
    b"From: Ada <ada@example.org>\r\nTo: support@helios.example\r\nSubject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\r\n"
    b"Date: Tue, 3 Mar 2026 10:14:00 +0100\r\nMessage-ID: <q1@example.org>\r\nContent-Type: multipart/mixed;\r\n"
    b' boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n--b\r\n'
    b"Content-Type: application/pdf; name*=utf-8''Gr%C3%B6.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"JVBERg==\r\n--b--\r\n",
    b"From: MAILER-DAEMON@mx.example.org\nContent-Type: multipart/report; boundary=b\n\n--b\n\nfailed 550 5.1.1\n--b\n"
    b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@example.org\n"
    b"Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <r1@helios.example>\n\nHi\n"
    b"--b--\n",
    multipart(
        "mixed",
        PLAIN,
        winmail(
            (ATTACHMENT_BEGINS, b"\0" * 14),
            (ATTACHMENT_BYTES, b"%PDF"),
            (ATTACHMENT_PROPERTIES, properties((0x3707, 0x1F, "a.pdf"), (0x3701, 0x0D, b"\0" * 16))),
            (MESSAGE_PROPERTIES, properties((0x1000, 0x1F, "Hi"), (0x1009, 0x102, compressed_rtf()))),
        ),
    ),
    b"Subject: plan\n\nbegin 644 plan.txt\n#0V%T\n`\nend\n-----BEGIN PGP MESSAGE-----\n\n> old\n",
]
CHANGES = st.tuples(
    st.sampled_from(["cut", "double", "write", "end"]), st.integers(0, 600), st.integers(1, 60), st.binary(max_size=6)
)


def changed(raw, changes):
    for how, begin, length, written in changes:
        at = begin % (len(raw) + 1)
        piece = raw[at : at + length]
        instead = {"cut": b"", "double": piece * 2, "write": written, "end": b""}[how]
        raw = raw[:at] + instead + (b"" if how == "end" else raw[at + length :])
    return raw


@given(st.sampled_from(SEEDS), st.lists(CHANGES, max_size=8))
def test_mail_that_was_damaged_on_its_way_is_usable(seed, changes):
    raw = changed(seed, changes)

    parsed = parse(raw)

    assert parsed.mail.message_id.startswith("<")
    assert {each.sha256 for each in parsed.mail.attachments} == set(parsed.blobs)
    assert all(each.filename and "/" not in each.filename for each in parsed.mail.attachments)
    assert parsed.mail.bounce is None or "@" not in parsed.mail.bounce.reason
    assert unpacked(packed(parsed)) == parsed
