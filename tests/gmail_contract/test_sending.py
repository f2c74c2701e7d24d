"""What sending once relies on: a draft is consumed by sending it, keeps our marker, and says where it went."""

import re
from email import message_from_bytes

from adapters.raw_headers import send_id
from tests.gmail_contract.targets import Target, encoded, status_of


def with_marker(gmail: Target, subject: str = "Re: Inverter", body: str = "Switch it off and on.") -> bytes:
    return gmail.mail(subject, "Message-ID: <ours@helios.example>", "X-CA-Send-Id: 4711", body=body)


def test_a_draft_keeps_its_bytes_and_has_an_id_of_its_own(gmail: Target) -> None:
    draft = gmail.draft(with_marker(gmail))

    got = gmail.api.drafts().get(userId="me", id=draft["id"], format="minimal").execute()
    listed = gmail.api.drafts().list(userId="me").execute()["drafts"]

    assert send_id(gmail.raw(draft["message"]["id"])) == "4711"
    assert got["message"]["labelIds"] == ["DRAFT"]
    assert draft["id"] in [each["id"] for each in listed]
    assert draft["id"] != draft["message"]["id"]


def test_a_changed_draft_keeps_its_id_and_its_message_gets_another(gmail: Target) -> None:
    draft = gmail.draft(with_marker(gmail))

    body = {"message": {"raw": encoded(with_marker(gmail, body="Edited."))}}
    changed = gmail.api.drafts().update(userId="me", id=draft["id"], body=body).execute()

    assert changed["id"] == draft["id"]
    assert changed["message"]["id"] != draft["message"]["id"]


def test_sending_consumes_the_draft(gmail: Target) -> None:
    draft = gmail.draft(with_marker(gmail))

    sent = gmail.send(draft["id"])

    assert "SENT" in sent["labelIds"]
    assert status_of(lambda: gmail.send(draft["id"])) == 404
    assert status_of(gmail.api.drafts().get(userId="me", id=draft["id"]).execute) == 404


def test_a_sent_mail_keeps_our_marker(gmail: Target) -> None:
    sent = gmail.send(gmail.draft(with_marker(gmail))["id"])

    assert send_id(gmail.raw(sent["id"])) == "4711"


def test_a_sent_mail_is_another_message_than_its_draft(gmail: Target) -> None:
    draft = gmail.draft(with_marker(gmail))

    sent = gmail.send(draft["id"])

    assert sent["id"] != draft["message"]["id"]
    assert status_of(gmail.api.messages().get(userId="me", id=draft["message"]["id"]).execute) == 404


def test_the_message_id_of_a_sent_mail_is_not_ours(gmail: Target) -> None:
    sent = gmail.send(gmail.draft(with_marker(gmail))["id"])

    message_id = str(message_from_bytes(gmail.raw(sent["id"]))["Message-ID"])

    assert message_id != "<ours@helios.example>"
    assert re.fullmatch(r"<\S+@\S+>", message_id)


def test_the_bytes_given_with_the_call_leave_instead_of_the_drafts(gmail: Target) -> None:
    draft = gmail.draft(with_marker(gmail, body="Edited by somebody."))

    sent = gmail.send(draft["id"], instead=with_marker(gmail, body="As approved."))

    assert b"As approved." in gmail.raw(sent["id"])


def test_a_deleted_draft_is_gone(gmail: Target) -> None:
    draft = gmail.draft(with_marker(gmail))

    gmail.api.drafts().delete(userId="me", id=draft["id"]).execute()

    assert status_of(gmail.api.drafts().get(userId="me", id=draft["id"]).execute) == 404
    assert status_of(lambda: gmail.send(draft["id"])) == 404


def test_a_reply_joins_the_thread_it_names(gmail: Target) -> None:
    message_id = f"<{gmail.run}@customers.example>"
    received = gmail.put_in(gmail.mail("Inverter", f"Message-ID: {message_id}"))
    reply = gmail.mail("Re: Inverter", f"In-Reply-To: {message_id}", f"References: {message_id}")

    sent = gmail.send(gmail.draft(reply, received["threadId"])["id"])
    thread = gmail.api.threads().get(userId="me", id=received["threadId"], format="minimal").execute()

    assert sent["threadId"] == received["threadId"]
    assert [message["id"] for message in thread["messages"]] == [received["id"], sent["id"]]


def test_a_reply_with_another_subject_does_not_join_the_thread(gmail: Target) -> None:
    message_id = f"<{gmail.run}@customers.example>"
    received = gmail.put_in(gmail.mail("Inverter", f"Message-ID: {message_id}"))
    reply = gmail.mail("Another matter", f"In-Reply-To: {message_id}", f"References: {message_id}")

    sent = gmail.send(gmail.draft(reply, received["threadId"])["id"])

    assert sent["threadId"] != received["threadId"]


def test_a_thread_that_is_not_there_is_refused(gmail: Target) -> None:
    assert status_of(lambda: gmail.draft(with_marker(gmail), "19ffffffffffffff")) == 404


def test_a_mail_to_nobody_is_refused_and_its_draft_stays(gmail: Target) -> None:
    nobody = f"From: {gmail.address}\r\nSubject: {gmail.titled('To nobody')}\r\n\r\nHello\r\n".encode()
    draft = gmail.draft(nobody)

    assert status_of(lambda: gmail.send(draft["id"])) == 400
    assert status_of(gmail.api.drafts().get(userId="me", id=draft["id"]).execute) == 200


def test_a_mail_to_oneself_arrives_as_the_message_that_left(gmail: Target) -> None:
    sent = gmail.send(gmail.draft(with_marker(gmail))["id"])

    assert gmail.seen(lambda: sent["id"] in gmail.found(labelIds=["INBOX"]))


def test_a_sender_who_is_not_ours_is_replaced(gmail: Target) -> None:
    foreign = gmail.mail("Re: Inverter", sender="Somebody <somebody@helios.invalid>")

    sent = gmail.send(gmail.draft(foreign)["id"])

    assert gmail.address in str(message_from_bytes(gmail.raw(sent["id"]))["From"])


def test_the_addresses_to_write_as_include_the_accounts_own(gmail: Target) -> None:
    listed = gmail.api.settings().sendAs().list(userId="me").execute()["sendAs"]

    assert [each["sendAsEmail"] for each in listed if each.get("isPrimary")] == [gmail.address]
