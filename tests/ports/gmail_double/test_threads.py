"""Whole threads, searches and mail that is put in rather than received."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.running import RunningDouble
from entrypoints.gmail_double.state import Double
from tests.ports.gmail_double.talking import SUPPORT, encoded, mail, refused


def a_thread(gmail: RunningDouble) -> str:
    first = gmail.receive(SUPPORT, mail(Message_ID="<q@customers.example>"))
    gmail.receive(SUPPORT, mail("Re: Inverter", In_Reply_To="<q@customers.example>"))
    return first.thread_id


def labels(client: Any, thread_id: str) -> list[list[str]]:
    thread = client.threads().get(userId="me", id=thread_id, format="minimal").execute()
    return [message["labelIds"] for message in thread["messages"]]


def test_a_thread_is_relabelled_and_thrown_away_as_one(gmail: RunningDouble, client: Any) -> None:
    thread_id = a_thread(gmail)
    threads = client.threads()

    threads.modify(userId="me", id=thread_id, body={"removeLabelIds": ["UNREAD"]}).execute()
    read = labels(client, thread_id)
    threads.trash(userId="me", id=thread_id).execute()
    thrown_away = labels(client, thread_id)
    threads.untrash(userId="me", id=thread_id).execute()

    assert (read, thrown_away) == ([["INBOX"]] * 2, [["TRASH"]] * 2)
    assert labels(client, thread_id) == [[]] * 2


def test_threads_are_listed_by_their_newest_mail(gmail: RunningDouble, client: Any) -> None:
    older = a_thread(gmail)
    newer = gmail.receive(SUPPORT, mail("Battery")).thread_id
    gmail.receive(SUPPORT, mail("Re: Inverter", In_Reply_To="<q@customers.example>"))

    first = client.threads().list(userId="me", maxResults=1).execute()
    second = client.threads().list(userId="me", maxResults=1, pageToken=first["nextPageToken"]).execute()

    assert [first["threads"][0]["id"], second["threads"][0]["id"]] == [older, newer]
    assert first["threads"][0]["snippet"] == "It beeps."


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("from:ada subject:inverter", {"Inverter"}),
        ("to:support has:attachment", {"Photos"}),
        ("label:starred", {"Photos"}),
        ("-has:attachment -subject:inverter", {"Old"}),
        ("older_than:7d", {"Old"}),
        ("newer_than:7d -label:starred", {"Inverter"}),
        ("before:{edge}", {"Old"}),
        ("after:{edge}", {"Inverter", "Photos"}),
    ],
)
def test_searches(gmail: RunningDouble, client: Any, query: str, subjects: set[str]) -> None:
    week_ago_ms = gmail.double.now_ms() - 8 * 86_400_000
    gmail.receive(SUPPORT, mail("Inverter"))
    photos = b"From: b@customers.example\r\nTo: support@helios.example\r\nSubject: Photos\r\n"
    attachment = b"Content-Type: image/png\r\nContent-Disposition: attachment; filename=roof.png\r\n\r\npng\r\n"
    gmail.receive(SUPPORT, photos + attachment, labels=("INBOX", "STARRED"))
    gmail.double.receive(SUPPORT, mail("Old", sender="c@customers.example"), at_ms=week_ago_ms)

    listed = client.messages().list(userId="me", q=query.format(edge=week_ago_ms // 1000 + 60)).execute()

    found = {gmail.double.mailbox(SUPPORT).get(line["id"]).source.subject for line in listed["messages"]}
    assert found == subjects


def test_an_imported_mail_counts_from_its_own_date_and_an_inserted_one_from_now(
    gmail: RunningDouble, client: Any
) -> None:
    written = datetime.now(UTC).replace(microsecond=0) - timedelta(days=90)
    body = {"raw": encoded(mail(Date=format_datetime(written))), "labelIds": ["INBOX"]}

    imported = client.messages().import_(userId="me", body=body).execute()
    inserted = client.messages().insert(userId="me", body=body).execute()

    mailbox = gmail.double.mailbox(SUPPORT)
    assert mailbox.get(imported["id"]).internal_ms == written.timestamp() * 1000
    assert mailbox.get(inserted["id"]).internal_ms > (written + timedelta(days=89)).timestamp() * 1000


def test_an_id_that_cannot_be_one_is_another_refusal_than_one_that_is_unknown(client: Any) -> None:
    with pytest.raises(HttpError) as malformed:
        client.messages().get(userId="me", id="no-id").execute()
    with pytest.raises(HttpError) as unknown:
        client.messages().get(userId="me", id="19000000000fffff").execute()

    assert refused(malformed) == (400, "invalidArgument")
    assert refused(unknown) == (404, "notFound")


def test_a_made_up_backlog_reads_like_mail_and_has_follow_ups_in_its_threads() -> None:
    double = Double()
    double.add_account(SUPPORT)

    double.seed(SUPPORT, 60, replies_every=3)

    mailbox = double.mailbox(SUPPORT)
    kinds = {message.source.has_attachment for message in mailbox.messages.values()}
    assert kinds == {True, False}
    assert (len(mailbox.messages), len(mailbox.threads)) == (60, 40)


def test_a_made_up_mail_says_of_itself_what_its_text_says(gmail: RunningDouble, client: Any) -> None:
    gmail.double.seed(SUPPORT, 14)

    for message in gmail.double.mailbox(SUPPORT).newest_first():
        raw = client.messages().get(userId="me", id=message.id, format="raw").execute()
        again = gmail.receive(SUPPORT, base64.urlsafe_b64decode(raw["raw"])).source
        facts = ("message_id", "subject", "parents", "snippet", "has_attachment")
        assert [getattr(again, fact) for fact in facts] == [getattr(message.source, fact) for fact in facts]
        assert again.header("From") == message.source.header("From")
