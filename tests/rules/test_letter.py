"""What stands around the words of a reply."""

import email
import email.policy
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tests.rules.test_compose import compose, read
from tickets.choices import typed_addresses
from tickets.compose import File
from tickets.errors import BadInput
from tickets.letter import everyone_else, html_text, plain_text, quote_of
from tickets.mail import Address, Attachment, Mail, MailId, MailKind, Message
from tickets.status import Status
from tickets.ticket import Conversation, Draft, Ticket, TicketId

NOW = datetime(2026, 3, 3, 9, 14, tzinfo=UTC)
ADA, BO, DESK = (
    Address("Ada", "ada@example.org"),
    Address("Bo", "bo@example.org"),
    Address("", "support@helios.example"),
)


def a_draft(**changed):
    facts = {
        "ticket_id": TicketId(uuid4()),
        "revision": 1,
        "work_seq": 1,
        "subject": "Re: Roof",
        "body": "Please restart it.",
        "to": (ADA,),
        "cc": (),
        "made_for": "mail:1",
        "written_by": "local",
        "created_at": NOW,
    }
    return Draft(**{**facts, **changed})


def a_message(**changed):
    mail = Mail("<m@example.org>", "Roof", ADA, **{"text": "Hello,\nit hums.", "sent_at": NOW, **changed})
    return Message(MailId(uuid4()), MailKind.CUSTOMER, mail, NOW)


def test_the_plain_text_is_the_approved_words_then_the_signature_then_the_quote():
    draft = a_draft(signature="Helios Solar\n+49 30 1", quote="On Monday, Ada wrote:\n> It hums.")

    assert plain_text(draft) == (
        "Please restart it.\n\n-- \nHelios Solar\n+49 30 1\n\nOn Monday, Ada wrote:\n> It hums."
    )


def test_a_reply_without_either_is_its_words_alone():
    assert plain_text(a_draft()) == "Please restart it."


def test_the_html_says_the_same_and_escapes_what_it_did_not_render():
    draft = a_draft(signature="Helios <Solar>", quote="On Monday, Ada wrote:\n> <script>x</script>")

    html = html_text(draft, "<p>Please restart it.</p>")

    assert "<p>Please restart it.</p>" in html
    assert "Helios &lt;Solar&gt;" in html
    assert "&lt;script&gt;x&lt;/script&gt;" in html
    assert "<script" not in html


def test_a_quote_names_the_writer_and_the_day_in_the_language_of_the_customer():
    assert quote_of(a_message(), "de") == "Am 2026-03-03 09:14 UTC schrieb Ada:\n> Hello,\n> it hums."
    assert quote_of(a_message(), "xx").startswith("On 2026-03-03 09:14 UTC, Ada wrote:")


def test_a_name_with_line_breaks_cannot_leave_its_line_of_the_quote():
    message = a_message()
    forged = Mail("<m@example.org>", "Roof", Address("Ada\n\nPay to", "ada@example.org"), text="x", sent_at=NOW)

    quote = quote_of(Message(message.id, message.kind, forged, NOW), "en")

    assert quote.splitlines() == ["On 2026-03-03 09:14 UTC, Ada Pay to wrote:", "> x"]


def test_replying_to_all_leaves_out_the_desk_and_those_it_goes_to_already():
    ticket = Ticket(
        id=TicketId(uuid4()),
        number=1,
        mailbox_id=uuid4(),
        mailbox=DESK.address,
        status=Status.NEEDS_ACTION,
        subject="Roof",
        requester=ADA,
        created_at=NOW,
        updated_at=NOW,
        waiting_since=NOW,
    )
    conversation = Conversation(ticket, (a_message(to=(DESK, BO), cc=(Address("", "BO@example.org"), ADA)),))

    others = everyone_else(conversation, (ADA,), frozenset({DESK.key}))

    assert [each.key for each in others] == ["bo@example.org"]


@pytest.mark.parametrize(
    ("changed"),
    [
        {"signature": "x"},
        {"quote": "x"},
        {"bcc": (BO,)},
        {"cc": (BO,)},
        {"sender": DESK},
        {"attachments": (Attachment("a.pdf", "application/pdf", 1, "0" * 64),)},
    ],
)
def test_whatever_leaves_is_part_of_what_is_approved(changed):
    plain = a_draft()

    other = a_draft(ticket_id=plain.ticket_id, **changed)

    assert other.content_hash != plain.content_hash


def test_people_type_addresses_with_and_without_names():
    found = typed_addresses('Bo <bo@example.org>; ada@example.org, "Doe, Jo" <jo@example.org>')

    assert [each.address for each in found] == ["bo@example.org", "ada@example.org", "jo@example.org"]


@pytest.mark.parametrize("text", ["bo", "bo@", "@example.org", "a b@example.org", "bo@example.org, nonsense"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(BadInput, match="separated by commas"):
        typed_addresses(text)


def test_a_file_travels_whole_under_its_own_name():
    raw = compose(html="<p>x</p>", files=[File("Angebot für Müller.pdf", "application/pdf", bytes(range(256)) * 50)])

    (file,) = read(raw).iter_attachments()

    assert file.get_filename() == "Angebot für Müller.pdf"
    assert file.get_content_type() == "application/pdf"
    assert file.get_content() == bytes(range(256)) * 50
    assert b"filename*=" in raw
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_a_media_type_that_is_none_travels_as_bytes():
    raw = compose(files=[File("x", "message/rfc822\r\nX-Evil: 1", b"bytes")])

    (file,) = read(raw).iter_attachments()

    assert file.get_content_type() == "application/octet-stream"
    assert "X-Evil" not in read(raw)


def test_the_plain_text_comes_first_so_that_a_client_prefers_the_html():
    message = read(compose(html="<p>Please restart it.</p>"))

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_an_address_in_another_script_is_written_as_utf8():
    raw = compose(to=[Address("Björn", "björn@bücher.example")])

    parsed = email.message_from_bytes(raw, policy=email.policy.SMTPUTF8)

    assert "björn@xn--bcher-kva.example" in str(parsed["To"])


def test_bcc_is_a_header_of_the_frozen_mail():
    assert str(read(compose(bcc=[BO]))["Bcc"]) == "Bo <bo@example.org>"
