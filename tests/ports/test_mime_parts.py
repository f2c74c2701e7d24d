"""Attachments, inline images, embedded, signed and encrypted mail, and what is wrapped into other formats."""

import base64

import pytest

from adapters.mime import parse
from tests.ports import mime_builders as builders
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


def test_an_embedded_message_that_was_encoded_against_the_rules_is_decoded():
    inner = base64.encodebytes(b"Subject: Old bill\nFrom: b@example.org\n\nPay us.\n").decode()
    part = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}"

    parsed = parse(multipart("mixed", PLAIN, part))

    [found] = parsed.mail.attachments
    assert found.filename == "Old bill.eml"
    assert parsed.blobs[found.sha256].startswith(b"Subject: Old bill")


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

    assert "encrypted" in found.visible_text
    assert [each.filename for each in found.attachments] == ["part-1.asc", "encrypted.asc"]
    assert "Encrypted" in found.defects


def test_smime_in_one_part_is_named_and_says_whether_it_is_encrypted():
    part = 'Content-Type: application/pkcs7-mime; smime-type={}; name="smime.p7m"\nFrom: ada@example.org'

    encrypted = mail(part.format("enveloped-data"), "xyz")
    signed = mail(part.format("signed-data"), "xyz")

    assert [each.filename for each in encrypted.attachments] == ["smime.p7m"]
    assert "encrypted" in encrypted.visible_text
    assert ("Encrypted" in encrypted.defects, "Signed" in encrypted.defects) == (True, False)
    assert ("Encrypted" in signed.defects, "Signed" in signed.defects) == (False, True)


def test_text_that_is_armoured_in_the_body_is_recognised():
    encrypted = mail("From: ada@example.org", "-----BEGIN PGP MESSAGE-----\n\nxyz\n-----END PGP MESSAGE-----\n")
    signed = mail("From: ada@example.org", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n")

    assert "Encrypted" in encrypted.defects
    assert "Signed" in signed.defects
    assert "Hello" in signed.text


def test_a_multipart_without_parts_is_shown_as_text():
    assert mail("Content-Type: multipart/mixed", "Hello\n").text.strip() == "Hello"


# --- the text from several parts -----------------------------------------------------------------------------------

HTML = "Content-Type: text/html\n\n<p>The <b>roof</b> leaks.</p>\n"
FOOTER = "Content-Type: text/plain\n\nSent to the list <owners>.\n"


def test_a_plain_footer_does_not_hide_the_html_above_it():
    found = parse(multipart("mixed", HTML, FOOTER)).mail

    assert "The roof leaks." in found.text
    assert "Sent to the list <owners>." in found.text
    assert "<b>roof</b>" in (found.html or "")
    assert "Sent to the list &lt;owners&gt;." in (found.html or "")


def test_two_ways_to_say_the_same_are_one_text():
    found = parse(multipart("alternative", PLAIN, "Content-Type: text/html\n\n<p>It shows <b>E07</b>.</p>\n")).mail

    assert found.text.count("E07") == 1


def test_a_text_beyond_all_reading_is_cut_and_kept_whole_as_an_attachment():
    raw = b"From: ada@example.org\n\n" + b"0123456789abcde\n" * 200_000

    parsed = parse(raw)

    [whole] = parsed.mail.attachments
    assert len(parsed.mail.text) < 2_200_000
    assert whole.filename in parsed.mail.text[-200:]
    assert parsed.blobs[whole.sha256] == b"0123456789abcde\n" * 200_000
    assert "TextCut" in parsed.mail.defects


def test_files_that_old_programs_write_into_the_text_are_attachments():
    body = "See the plan.\nbegin 644 plan.txt\n#0V%T\n`\nend\nThanks\n"

    found = parse(b"From: ada@example.org\n\n" + body.encode())

    [plan] = found.mail.attachments
    assert (plan.filename, plan.content_type) == ("plan.txt", "text/plain")
    assert found.blobs[plan.sha256] == b"Cat"
    assert found.mail.text == "See the plan.\nThanks\n"


@pytest.mark.parametrize("text", ["begin 644 plan.txt\nof the works\nend\n", "begin 644 plan.txt\n#0V%T\n"])
def test_text_that_only_begins_like_a_file_stays_text(text):
    found = mail("From: ada@example.org", text)

    assert (found.text, found.attachments) == (text, ())


# --- winmail.dat ---------------------------------------------------------------------------------------------------

LONG_NAME, MEDIA_TYPE, CONTENT_ID, OBJECT = 0x3707, 0x370E, 0x3712, 0x3701
BODY, BODY_HTML, BODY_RTF = 0x1000, 0x1013, 0x1009
TEXT, BYTES, LONG = 0x1F, 0x102, 0x03


def test_what_outlook_wrapped_is_unpacked():
    wrapped = builders.winmail(
        (builders.ATTACHMENT_BEGINS, b"\0" * 14),
        (builders.ATTACHMENT_TITLE, b"ROOFPL~1.PDF\0"),
        (builders.ATTACHMENT_BYTES, b"%PDF"),
        (
            builders.ATTACHMENT_PROPERTIES,
            builders.properties((0x0E20, LONG, b"\4\0\0\0"), (LONG_NAME, TEXT, "Roof plan Größe.pdf")),
        ),
        (builders.ATTACHMENT_BEGINS, b"\0" * 14),
        (builders.ATTACHMENT_BYTES, b"PNG"),
        (
            builders.ATTACHMENT_PROPERTIES,
            builders.properties(
                (LONG_NAME, TEXT, "../logo.png"), (MEDIA_TYPE, TEXT, "image/png"), (CONTENT_ID, TEXT, "logo@1")
            ),
        ),
    )

    parsed = parse(multipart("mixed", PLAIN, wrapped))

    plan, logo = parsed.mail.attachments
    assert (plan.filename, plan.content_type) == ("Roof plan Größe.pdf", "application/pdf")
    assert parsed.blobs[plan.sha256] == b"%PDF"
    assert (logo.filename, logo.content_type, logo.content_id) == ("logo.png", "image/png", "logo@1")
    assert parsed.mail.text.strip() == "It shows E07."


def test_a_mail_that_is_all_wrapped_shows_its_text():
    body = builders.properties((BODY, TEXT, "It shows E07."), (BODY_HTML, BYTES, b"<p>It shows <b>E07</b>.</p>"))

    found = parse(multipart("mixed", builders.winmail((builders.MESSAGE_PROPERTIES, body)))).mail

    assert found.visible_text == "It shows E07."
    assert found.html == "<p>It shows <b>E07</b>.</p>"
    assert found.attachments == ()


def test_a_body_that_is_only_formatted_becomes_a_file():
    body = builders.properties((BODY_RTF, BYTES, builders.compressed_rtf()))

    parsed = parse(multipart("mixed", builders.winmail((builders.MESSAGE_PROPERTIES, body))))

    [found] = parsed.mail.attachments
    assert (found.filename, found.content_type) == ("message.rtf", "application/rtf")
    assert parsed.blobs[found.sha256] == rb"{\rtf1\ansi roof roof}"


def test_a_message_inside_the_wrapping_gives_its_files_too():
    inner = builders.tnef(
        (builders.MESSAGE_PROPERTIES, builders.properties((BODY, TEXT, "Old text"))),
        (builders.ATTACHMENT_BEGINS, b"\0" * 14),
        (builders.ATTACHMENT_TITLE, b"bill.pdf\0"),
        (builders.ATTACHMENT_BYTES, b"%PDF"),
    )
    held = builders.properties((OBJECT, 0x0D, b"\0" * 16 + inner), (LONG_NAME, TEXT, "Old mail"))
    wrapped = builders.winmail((builders.ATTACHMENT_BEGINS, b""), (builders.ATTACHMENT_PROPERTIES, held))

    parsed = parse(multipart("mixed", PLAIN, wrapped))

    bill, message = parsed.mail.attachments
    assert bill.filename == "bill.pdf"
    assert (message.filename, parsed.blobs[message.sha256]) == ("Old mail", b"Old text")


@pytest.mark.parametrize("cut", [3, 6, 20, 40, 60])
def test_wrapping_that_is_broken_stays_a_file(cut):
    whole = builders.tnef((builders.ATTACHMENT_BEGINS, b"\0" * 14), (builders.ATTACHMENT_BYTES, b"%PDF" * 20))
    part = "Content-Type: application/ms-tnef\nContent-Transfer-Encoding: base64\n\n"

    parsed = parse(multipart("mixed", PLAIN, part + base64.b64encode(whole[:cut]).decode()))

    [found] = parsed.mail.attachments
    assert (found.filename, parsed.blobs[found.sha256]) == ("part-1.dat", whole[:cut])


# --- complaints ----------------------------------------------------------------------------------------------------


def test_a_complaint_report_is_recognised_and_is_no_bounce():
    note = "Content-Type: text/plain\n\nThis is an email abuse report.\n"
    facts = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n"

    found = parse(multipart("report; report-type=feedback-report", note, facts)).mail

    assert "FeedbackReport" in found.defects
    assert found.bounce is None
