"""Drafts are consumed by sending, threads are joined by rule, and the ledger counts what left."""

import base64
from pathlib import Path
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.ledger import read_ledger
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.talking import SUPPORT, a_draft, encoded, mail, refused, reply_to


def test_sending_consumes_the_draft_and_a_second_call_finds_none(
    gmail: RunningDouble, client: Any, tmp_path: Path
) -> None:
    received = gmail.receive(SUPPORT, mail(Message_ID="<q@customers.example>"))
    approved = reply_to("<q@customers.example>")
    draft = a_draft(client, approved, received.thread_id)
    body = {"id": draft["id"], "message": {"raw": encoded(approved), "threadId": received.thread_id}}

    sent = client.drafts().send(userId="me", body=body).execute()
    with pytest.raises(HttpError) as error:
        client.drafts().send(userId="me", body=body).execute()

    assert refused(error) == (404, "notFound")
    assert sent["labelIds"] == ["SENT"]
    assert sent["threadId"] == received.thread_id
    assert sent["id"] not in (draft["id"], draft["message"]["id"])
    [line] = gmail.ledger()
    assert (line.gmail_id, line.send_id, line.account) == (sent["id"], "send-1", SUPPORT)
    assert read_ledger(tmp_path / "ledger.jsonl") == [line]


def test_a_sent_mail_bears_gmails_message_id_and_its_other_bytes_unchanged(client: Any) -> None:
    approved = reply_to("<q@customers.example>")
    draft = a_draft(client, approved)

    sent = client.drafts().send(userId="me", body={"id": draft["id"]}).execute()
    got = client.messages().get(userId="me", id=sent["id"], format="raw").execute()
    first_line, _, rest = base64.urlsafe_b64decode(got["raw"]).partition(b"\n")

    assert first_line.startswith(b"Message-ID: <CA")
    assert first_line.endswith(b"@mail.gmail.com>")
    assert rest == approved.replace(b"Message-ID: <ours@helios.example>\n", b"")


def test_the_text_given_to_send_leaves_even_if_the_draft_was_edited(client: Any) -> None:
    approved = reply_to("<q@customers.example>")
    draft = a_draft(client, approved)
    edited = {"message": {"raw": encoded(mail("Edited", to="ada@customers.example"))}}

    updated = client.drafts().update(userId="me", id=draft["id"], body=edited).execute()
    body = {"id": draft["id"], "message": {"raw": encoded(approved)}}
    sent = client.drafts().send(userId="me", body=body).execute()
    got = client.messages().get(userId="me", id=sent["id"]).execute()

    assert updated["id"] == draft["id"]
    assert updated["message"]["id"] != draft["message"]["id"]
    assert {"name": "Subject", "value": "Re: Inverter"} in got["payload"]["headers"]
    assert "drafts" not in client.drafts().list(userId="me").execute()


@pytest.mark.parametrize(
    ("subject", "parent", "joins"),
    [
        ("Re: Inverter", "<q@customers.example>", True),
        ("RE: re: inverter", "<q@customers.example>", True),
        ("Another matter", "<q@customers.example>", False),
        ("Re: Inverter", "<unknown@customers.example>", False),
    ],
)
def test_a_reply_joins_its_thread_only_with_known_references_and_the_same_subject(
    gmail: RunningDouble, client: Any, subject: str, parent: str, joins: bool
) -> None:
    received = gmail.receive(SUPPORT, mail(Message_ID="<q@customers.example>"))

    draft = a_draft(client, reply_to(parent, subject), received.thread_id)

    assert (draft["message"]["threadId"] == received.thread_id) is joins


def test_a_draft_that_begins_a_conversation_keeps_its_thread_when_sent(client: Any) -> None:
    fresh = mail(to="ada@customers.example")
    draft = a_draft(client, fresh)
    thread_id = draft["message"]["threadId"]
    body = {"id": draft["id"], "message": {"raw": encoded(fresh), "threadId": thread_id}}

    sent = client.drafts().send(userId="me", body=body).execute()
    thread = client.threads().get(userId="me", id=thread_id, format="minimal").execute()

    assert [(message["id"], message["labelIds"]) for message in thread["messages"]] == [(sent["id"], ["SENT"])]


def test_a_mail_without_a_recipient_is_refused_and_its_draft_stays(gmail: RunningDouble, client: Any) -> None:
    draft = a_draft(client, b"Subject: To nobody\r\n\r\nHello\r\n")

    with pytest.raises(HttpError) as error:
        client.drafts().send(userId="me", body={"id": draft["id"]}).execute()

    assert refused(error) == (400, "invalidArgument")
    assert client.drafts().get(userId="me", id=draft["id"]).execute()["id"] == draft["id"]
    assert gmail.ledger() == []


def test_an_unknown_thread_is_refused(client: Any) -> None:
    with pytest.raises(HttpError) as error:
        a_draft(client, mail(), "19ffffffffffffff")

    assert refused(error) == (404, "notFound")


def test_messages_send_twice_sends_two_mails(gmail: RunningDouble, client: Any) -> None:
    for _ in range(2):
        client.messages().send(userId="me", body={"raw": encoded(mail())}).execute()

    assert len({line.sha256 for line in gmail.ledger()}) == 1
    assert len({line.message_id for line in gmail.ledger()}) == 2
