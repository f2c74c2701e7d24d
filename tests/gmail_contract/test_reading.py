"""What the adapter relies on when it reads: listings, searches, raw mail, history, batches."""

import base64
from typing import Any

from tests.gmail_contract.targets import LIVE, Target, status_of

UNKNOWN_ID = "19000000000fffff"


def test_the_profile_names_the_address_and_a_history_id(gmail: Target) -> None:
    profile = gmail.api.getProfile(userId="me").execute()

    assert profile["emailAddress"].casefold() == gmail.address.casefold()
    assert int(profile["historyId"]) > 0


def test_a_mail_that_arrived_is_listed_by_its_label(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail())

    assert gmail.seen(lambda: received["id"] in gmail.found(labelIds=["INBOX"]))


def test_a_listing_of_nothing_has_no_messages_key(gmail: Target) -> None:
    listed = gmail.api.messages().list(userId="me", q="subject:nobody-has-written-this").execute()

    assert "messages" not in listed


def test_a_listing_goes_on_page_by_page_and_names_each_mail_once(gmail: Target) -> None:
    put_in = {gmail.put_in(gmail.mail())["id"] for _ in range(5)}
    query = f"subject:{gmail.run}"
    gmail.seen(lambda: len(gmail.found(q=query)) == len(put_in))

    seen: list[str] = []
    request = gmail.api.messages().list(userId="me", q=query, maxResults=2)
    while request is not None:
        listed = request.execute()
        seen += [line["id"] for line in listed["messages"]]
        request = gmail.api.messages().list_next(request, listed)

    assert (len(seen), set(seen)) == (5, put_in)


def test_a_search_for_recent_mail_finds_it(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail())

    assert gmail.seen(lambda: received["id"] in gmail.found(q="newer_than:1d"))


def test_a_search_that_leaves_out_a_folder_finds_the_rest(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail())

    assert gmail.seen(lambda: gmail.found(q=f"subject:{gmail.run} -in:chats") == [received["id"]])


def test_a_search_for_old_mail_does_not_find_what_has_just_come(gmail: Target) -> None:
    gmail.put_in(gmail.mail())
    gmail.seen(lambda: gmail.found(q=f"subject:{gmail.run}"))

    assert gmail.found(q=f"subject:{gmail.run} older_than:1d") == []


def test_a_search_for_sender_subject_and_label_combines_them(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail("Battery"), "INBOX", "STARRED")
    gmail.put_in(gmail.mail("Inverter"), "INBOX", "STARRED")
    gmail.put_in(gmail.mail("Battery"))
    query = f"subject:Battery from:{gmail.address} label:starred subject:{gmail.run}"

    assert gmail.seen(lambda: gmail.found(q=query)) == [received["id"]]


def test_a_search_for_a_message_id_finds_the_mail(gmail: Target) -> None:
    message_id = f"{gmail.run}@customers.example"
    received = gmail.put_in(gmail.mail("Inverter", f"Message-ID: <{message_id}>"))
    gmail.put_in(gmail.mail())

    assert gmail.seen(lambda: gmail.found(q=f"rfc822msgid:{message_id}")) == [received["id"]]


def test_raw_is_what_arrived(gmail: Target) -> None:
    mail = gmail.mail("Grüße", "X-Odd:  two  spaces", body="Zwei Zeilen\r\n\r\nund Umlaute: äöü")
    received = gmail.put_in(mail)

    raw = gmail.raw(received["id"])

    # Google may add headers of its own above ours.
    assert raw.endswith(mail) if gmail.name == LIVE else raw == mail


def test_a_header_of_ours_shows_among_the_headers(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail("Inverter", "X-CA-Send-Id: 4711"))

    asked = gmail.api.messages().get(
        userId="me", id=received["id"], format="metadata", metadataHeaders=["X-CA-Send-Id"]
    )

    assert [header["value"] for header in asked.execute()["payload"].get("headers", [])] == ["4711"]


def test_a_mail_that_is_not_there_is_a_404(gmail: Target) -> None:
    assert status_of(gmail.api.messages().get(userId="me", id=UNKNOWN_ID).execute) == 404


def test_an_attachment_is_fetched_by_its_id(gmail: Target) -> None:
    parts = (
        "--b\r\nContent-Type: text/plain\r\n\r\nSee the photo.\r\n",
        '--b\r\nContent-Type: image/png; name="roof.png"\r\nContent-Disposition: attachment; filename="roof.png"\r\n',
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n",
    )
    head = f"From: {gmail.address}\r\nTo: {gmail.address}\r\nSubject: {gmail.titled('Photo')}\r\nMIME-Version: 1.0\r\n"
    mail = f'{head}Content-Type: multipart/mixed; boundary="b"\r\n\r\n{"".join(parts)}'.encode()
    received = gmail.put_in(mail)

    shown = gmail.api.messages().get(userId="me", id=received["id"]).execute()
    photo = next(part for part in shown["payload"]["parts"] if part["filename"] == "roof.png")
    attachments = gmail.api.messages().attachments()
    fetched = attachments.get(userId="me", messageId=received["id"], id=photo["body"]["attachmentId"]).execute()

    assert base64.urlsafe_b64decode(fetched["data"] + "==") == b"\x89PNG\r\n\x1a\n"


def test_history_tells_what_arrived_and_which_labels_changed(gmail: Target) -> None:
    start = gmail.history_id()
    received = gmail.put_in(gmail.mail())
    changes = {"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    gmail.api.messages().modify(userId="me", id=received["id"], body=changes).execute()

    gmail.seen(lambda: told(gmail.history(start), "labelsRemoved"))
    answer = gmail.history(start)

    assert told(answer, "messagesAdded") == [received["id"]]
    assert told(answer, "labelsAdded") == told(answer, "labelsRemoved") == [received["id"]]
    assert int(answer["historyId"]) > int(start)


def test_history_tells_what_was_deleted(gmail: Target) -> None:
    draft = gmail.draft(gmail.mail())
    start = gmail.history_id()
    gmail.api.drafts().delete(userId="me", id=draft["id"]).execute()

    assert gmail.seen(lambda: told(gmail.history(start), "messagesDeleted")) == [draft["message"]["id"]]


def test_history_without_news_has_no_history_key(gmail: Target) -> None:
    answer = gmail.seen(lambda: newest(gmail))

    assert "history" not in gmail.history(answer)


def test_a_history_id_that_is_too_old_is_a_404(gmail: Target) -> None:
    gmail.put_in(gmail.mail())

    assert status_of(lambda: gmail.history("1")) == 404


def test_history_goes_on_page_by_page(gmail: Target) -> None:
    start = gmail.history_id()
    put_in = [gmail.put_in(gmail.mail())["id"] for _ in range(3)]
    gmail.seen(lambda: put_in[-1] in told(gmail.history(start), "messagesAdded"))

    first = gmail.history(start, maxResults=2)
    second = gmail.history(start, maxResults=2, pageToken=first["nextPageToken"])

    assert told(first, "messagesAdded") + told(second, "messagesAdded") == put_in


def test_a_batch_answers_each_call_with_its_own_status(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail())
    outcomes: dict[str, Any] = {}

    batch = gmail.google.new_batch_http_request(lambda key, answer, error: outcomes.update({key: error or answer}))
    for key, message_id in (("there", received["id"]), ("gone", UNKNOWN_ID)):
        batch.add(gmail.api.messages().get(userId="me", id=message_id, format="raw"), request_id=key)
    batch.execute()

    assert outcomes["there"]["id"] == received["id"]
    assert outcomes["gone"].resp.status == 404


def test_mail_in_the_bin_is_listed_only_when_asked_for_and_comes_back(gmail: Target) -> None:
    received = gmail.put_in(gmail.mail())
    query = f"subject:{gmail.run}"
    gmail.seen(lambda: gmail.found(q=query))

    gmail.api.messages().trash(userId="me", id=received["id"]).execute()
    gmail.seen(lambda: not gmail.found(q=query))
    with_bin = gmail.seen(lambda: gmail.found(q=query, includeSpamTrash=True))
    gmail.api.messages().untrash(userId="me", id=received["id"]).execute()

    assert with_bin == gmail.seen(lambda: gmail.found(q=query)) == [received["id"]]


def test_the_labels_that_decide_what_is_read_are_there(gmail: Target) -> None:
    listed = gmail.api.labels().list(userId="me").execute()["labels"]

    assert {"INBOX", "SENT", "DRAFT", "SPAM", "TRASH", "UNREAD", "CHAT"} <= {label["id"] for label in listed}


def told(answer: Any, kind: str) -> list[str]:
    """The messages that the records name under one of the four kinds."""
    entries = [entry for record in answer.get("history", []) for entry in record.get(kind, [])]
    return list(dict.fromkeys(entry["message"]["id"] for entry in entries))


def newest(gmail: Target) -> str:
    """A history id after which nothing has happened; "" while something still comes in."""
    start = gmail.history_id()
    reported = str(gmail.history(start)["historyId"])
    return reported if int(reported) >= int(start) else ""
