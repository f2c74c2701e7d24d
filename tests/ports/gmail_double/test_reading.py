"""Listing, searching and reading mail through the real Google client library."""

import base64
from email.message import EmailMessage
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.conftest import Connect
from tests.ports.gmail_double.talking import SUPPORT, mail


def test_every_seeded_mail_is_listed_once_even_when_mail_arrives_between_pages(
    gmail: RunningDouble, client: Any
) -> None:
    gmail.double.seed(SUPPORT, 10_000)
    seen: list[str] = []

    request = client.messages().list(userId="me", q="newer_than:30d -in:chats", maxResults=500)
    while request is not None:
        listed = request.execute()
        seen += [line["id"] for line in listed["messages"]]
        gmail.receive(SUPPORT, mail())
        request = client.messages().list_next(request, listed)

    assert len(seen) == len(set(seen)) == 10_000


def test_an_empty_listing_has_no_messages_key(client: Any) -> None:
    listed = client.messages().list(userId="me").execute()

    assert listed == {"resultSizeEstimate": 0}


def test_search_understands_age_folder_and_message_id(gmail: RunningDouble, client: Any) -> None:
    day_ms = 86_400_000
    old = gmail.double.receive(SUPPORT, mail(), at_ms=gmail.double.now_ms() - 40 * day_ms)
    chat = gmail.receive(SUPPORT, mail(), labels=("CHAT",))
    spam = gmail.receive(SUPPORT, mail(), labels=("SPAM",))
    new = gmail.receive(SUPPORT, mail(Message_ID="<new@customers.example>"))

    def ids(query: str) -> set[str]:
        listed = client.messages().list(userId="me", q=query).execute()
        return {line["id"] for line in listed.get("messages", [])}

    assert ids("newer_than:30d -in:chats") == {new.id}
    assert ids("") == {old.id, chat.id, new.id}
    assert ids("in:spam") == {spam.id}
    assert ids("rfc822msgid:new@customers.example") == {new.id}
    with pytest.raises(HttpError, match="search operator"):
        ids("filename:pdf")


def test_raw_is_byte_for_byte_what_arrived(gmail: RunningDouble, client: Any) -> None:
    raw = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Odd:  two  spaces\r\n\r\nbody\r\n\r\nend \r\n"
    received = gmail.receive(SUPPORT, raw)

    got = client.messages().get(userId="me", id=received.id, format="raw").execute()

    assert base64.urlsafe_b64decode(got["raw"]) == raw
    assert got["labelIds"] == ["INBOX", "UNREAD"]
    assert got["snippet"] == "body end"


def test_full_shows_parts_and_the_attachment_is_fetched_by_its_id(gmail: RunningDouble, client: Any) -> None:
    message = EmailMessage()
    message["Subject"] = "Photo"
    message.set_content("See the photo.")
    message.add_attachment(b"\xff\xd8jpeg", maintype="image", subtype="jpeg", filename="roof.jpg")
    received = gmail.receive(SUPPORT, message.as_bytes())

    got = client.messages().get(userId="me", id=received.id).execute()
    text, photo = got["payload"]["parts"]
    attachments = client.messages().attachments()
    fetched = attachments.get(userId="me", messageId=received.id, id=photo["body"]["attachmentId"]).execute()

    assert base64.urlsafe_b64decode(text["body"]["data"]) == b"See the photo.\n"
    assert (photo["filename"], photo["mimeType"]) == ("roof.jpg", "image/jpeg")
    assert base64.urlsafe_b64decode(fetched["data"]) == b"\xff\xd8jpeg"


def test_metadata_gives_only_the_headers_asked_for(gmail: RunningDouble, client: Any) -> None:
    received = gmail.receive(SUPPORT, mail("Grüße"))

    got = client.messages().get(userId="me", id=received.id, format="metadata", metadataHeaders=["subject"])

    assert got.execute()["payload"]["headers"] == [{"name": "Subject", "value": "Grüße"}]


def test_a_batch_answers_each_part_with_its_own_status(gmail: RunningDouble, connect: Connect) -> None:
    first, second = gmail.receive(SUPPORT, mail("One")), gmail.receive(SUPPORT, mail("Two"))
    gmail.double.fault("messages.get", "429", skip=1)
    google = connect(gmail.double.access_token(SUPPORT))
    outcomes: dict[str, Any] = {}

    batch = google.new_batch_http_request(lambda key, answer, error: outcomes.update({key: error or answer}))
    for key, message_id in (("a", first.id), ("b", second.id), ("c", "190000000000ffff")):
        get = google.users().messages().get(userId="me", id=message_id, format="raw")
        batch.add(get, request_id=key)
    batch.execute()

    assert base64.urlsafe_b64decode(outcomes["a"]["raw"]) == mail("One")
    assert outcomes["b"].resp.status == 429
    assert outcomes["c"].resp.status == 404
    assert gmail.requests()["batch"] == 1
