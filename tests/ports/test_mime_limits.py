"""What exceeds the limits is Unreadable or read by its header only; any other bytes are a usable mail."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.mime import parse
from adapters.mime_oversized import head_of
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
from tickets.automatic import is_auto_reply
from tickets.errors import Unreadable
from tickets.mail import missing_message_id

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


def test_no_byte_behind_the_header_of_an_oversized_mail_is_looked_at():
    assert head_of(b"A: b\r\n\r\nbody\n\nmore") == b"A: b\r\n\r\n"
    assert head_of(b"A: b\n\nbody") == b"A: b\n\n"


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
