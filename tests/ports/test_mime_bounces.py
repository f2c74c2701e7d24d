"""Delivery reports: what failed, for whom, for good or for now, and which mail of ours it was."""

import pytest

from adapters.mime import parse
from adapters.mime_wire import packed, unpacked
from tests.ports.mime_builders import PLAIN, mail, multipart, report

ROBOT = "From: Mail Delivery System <MAILER-DAEMON@mx.example.org>\nTo: support@helios.example\n"
FAILED = f"{ROBOT}Subject: Undelivered Mail Returned to Sender\n"
FORWARDED = """Content-Type: message/rfc822

From: MAILER-DAEMON@inner.example
Content-Type: multipart/report; boundary=in

--in
Content-Type: message/delivery-status

Final-Recipient: rfc822; ada@example.org
Action: failed
Status: 5.1.1

--in--
"""


def test_a_delivery_report_names_our_mail_the_recipient_and_the_reason():
    found = report("failed", "5.1.1")

    assert found is not None
    assert found.original_message_id == "<r1@helios.example>"
    assert found.recipient == "ada@example.org"
    assert found.is_permanent
    assert found.reason == "5.1.1 550 no such user here"


@pytest.mark.parametrize(
    ("action", "status", "reason"),
    [
        ("delayed", "4.4.1", "smtp; 451 later"),
        ("delayed", "5.1.1", "smtp; 550 user unknown"),
        ("failed", "4.4.1", "smtp; connection timed out"),
        ("failed", "5.2.2", "smtp; 552 mailbox full"),
        ("failed", "5.7.1", "smtp; 550 blocked"),
        ("failed", "5.3.4", "smtp; 552 Recipient address rejected: Message too big"),
    ],
)
def test_what_may_work_tomorrow_is_not_permanent(action, status, reason):
    found = report(action, status, reason)

    assert found is not None
    assert not found.is_permanent


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("5.1.1", "smtp; 550 rejected"),
        ("5.0.0", "smtp; 550 no such user here"),
        ("4.1.1", "smtp; 450 User unknown in virtual alias table"),
        ("5.4.4", "dns; host not found"),
        ("5.0.0", "smtp; 550 something else"),
        ("5.1.1", "smtp; 550 <blocked.quota@example.org>... User unknown"),
    ],
)
def test_an_address_that_does_not_exist_is_permanent(status, reason):
    found = report("failed", status, reason)

    assert found is not None
    assert found.is_permanent


def test_words_in_an_address_decide_nothing():
    found = report("failed", "5.0.0", "smtp; 552 <user-unknown@example.org> mailbox is full")

    assert found is not None
    assert not found.is_permanent


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_a_report_of_success_is_no_bounce(action):
    header = "Subject: Delivery Status Notification (Success)\n"

    assert report(action, "2.0.0", "smtp; 250 ok", header=header) is None


def test_the_reason_holds_the_code_and_no_address():
    written = ("<ada@example.org>", '"ada l"@example.org', "ada @ example.org", "ada%40example.org", "ädä＠example.org")
    reason = f"smtp; 550 5.1.1 {', '.join(written)}"

    found = report("failed", "5.1.1", reason)

    assert found is not None
    assert found.reason.startswith("550 5.1.1")
    assert not any(mark in found.reason for mark in ("@", "ada", "%40", "＠"))


def test_our_own_marker_is_read_from_the_mail_that_came_back():
    embedded = "Content-Type: message/rfc822\n\nX-CA-Send-Id: s-1\nMessage-ID: <r1@helios.example>\n\nHello\n"
    quoted = "Content-Type: text/rfc822-headers\n\nMessage-ID: <r1@helios.example>\nX-CA-Send-Id: s-2\n"

    assert report("failed", "5.1.1", returned=embedded).original_send_id == "s-1"
    assert report("failed", "5.1.1", returned=quoted).original_send_id == "s-2"
    assert report("failed", "5.1.1").original_send_id is None


def test_a_marker_in_the_report_itself_is_not_that_of_the_returned_mail():
    assert report("failed", "5.1.1", header="X-CA-Send-Id: s-9\n").original_send_id is None


def test_a_bounce_survives_the_way_out_of_the_parser():
    returned = "Content-Type: text/rfc822-headers\n\nX-CA-Send-Id: s-2\n"
    machine = "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@example.org\nAction: failed\n"
    parsed = parse(multipart("report", PLAIN, machine, returned))

    assert unpacked(packed(parsed)).mail.bounce == parsed.mail.bounce
    assert parsed.mail.bounce.original_send_id == "s-2"


# --- reports in prose ----------------------------------------------------------------------------------------------


def test_a_report_in_prose_is_recognised_by_its_sender_and_subject():
    found = mail(FAILED, "Sorry: ada@example.org - 550 user unknown\n\nMessage-ID: <r1@helios.example>\n").bounce

    assert found is not None
    assert (found.recipient, found.original_message_id) == ("ada@example.org", "<r1@helios.example>")
    assert found.reason == "Sorry: [address] - 550 user unknown"


@pytest.mark.parametrize(
    "subject",
    [
        "Unzustellbar: Angebot",
        "Non remis : Devis",
        "No se puede entregar: Oferta",
        "Mancato recapito: offerta",
        "Onbestelbaar: offerte",
        "Недоставленное сообщение",
        "Re: your mail",
    ],
)
def test_a_robot_is_understood_in_many_languages_or_by_what_it_says(subject):
    body = "Your message was not delivered to ada@example.org:\n550 no such user\n"

    found = mail(f"{ROBOT}Subject: {subject}\n", body).bounce

    assert found is not None
    assert found.recipient == "ada@example.org"
    assert found.is_permanent


def test_only_the_servers_own_words_are_read_not_the_mail_below_them():
    body = (
        "Your message could not be delivered:\nada@example.org: mailbox is full\n\n"
        "----- Original message -----\nMessage-ID: <r1@helios.example>\nTo: bob@example.org\n\nuser unknown 550 5.1.1\n"
    )

    found = mail(FAILED, body).bounce

    assert found is not None
    assert (found.recipient, found.is_permanent) == ("ada@example.org", False)
    assert found.original_message_id == "<r1@helios.example>"


def test_a_server_that_still_tries_is_not_permanent():
    body = "ada@example.org: 550 later\nThis is a temporary failure report; you do not need to resend.\n"

    found = mail(f"{ROBOT}Subject: Delivery delayed\n", body).bounce

    assert found is not None
    assert not found.is_permanent


def test_a_recipient_named_in_the_header_needs_no_words():
    found = mail("From: it@example.org\nX-Failed-Recipients: ada@example.org\n", "Hm.").bounce

    assert found is not None
    assert found.recipient == "ada@example.org"


def test_the_mail_it_answers_is_the_last_resort():
    found = mail(f"{FAILED}In-Reply-To: <r1@helios.example>\n", "ada@example.org: user unknown").bounce

    assert found is not None
    assert found.original_message_id == "<r1@helios.example>"


def test_a_report_that_a_gateway_wrapped_is_found():
    raw = multipart("mixed", PLAIN, FORWARDED).replace(
        b"From: Ada <ada@example.org>", b"From: MAILER-DAEMON@example.org"
    )

    found = parse(raw).mail.bounce
    assert (found.recipient, found.is_permanent, found.reason) == ("ada@example.org", True, "5.1.1")


# --- what only looks like one --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("From: ada@example.org\nSubject: Undelivered Mail Returned to Sender", "I got this from you, why? 550 5.1.1"),
        ("From: ada@example.org\nReturn-Path: <>\nSubject: Out of office", "I am away. Error: not before Monday, 550."),
        (f"{ROBOT}Subject: Automatic reply: your mail", "Mail to ada@example.org is not delivered to me this week."),
        ("From: ada@example.org\nReturn-Path: <>\nSubject: Delivery status", "Your parcel is on its way."),
        ("From: Postmaster <postmaster@example.org>\nSubject: Solar panels", "What do they cost?"),
        ("From: System Administrator <it@example.org>\nSubject: Inverter", "Error: E07. Write to it@example.org."),
        ("From: System Administrator <it@example.org>\nSubject: Mail error", "It shows E07."),
    ],
)
def test_mail_of_people_and_absence_notes_are_no_bounces(header, body):
    assert mail(header, body).bounce is None


def test_a_customer_who_forwards_a_bounce_sends_none():
    assert parse(multipart("mixed", PLAIN, FORWARDED)).mail.bounce is None


def test_a_receipt_for_reading_is_no_bounce():
    receipt = "Content-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n"
    header = "Subject: Read: could not be delivered\nReturn-Path: <>\n"

    assert (
        parse(multipart("report; report-type=disposition-notification", PLAIN, receipt, header=header)).mail.bounce
        is None
    )
