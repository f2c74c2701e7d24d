"""Mail arrives and vanishes while a listing is read, page tokens expire, and single parts of a batch fail."""

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double import routes
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.conftest import Connect
from tests.ports.gmail_double.talking import SUPPORT, call_once, encoded, mail, post, refused


def pages(client: Any, size: int = 2) -> Iterator[list[str]]:
    """The ids of one page after the other."""
    request = client.messages().list(userId="me", maxResults=size)
    while request is not None:
        listed = request.execute()
        yield [line["id"] for line in listed.get("messages", [])]
        request = client.messages().list_next(request, listed)


def test_what_vanishes_during_a_listing_hides_nothing_else(gmail: RunningDouble, client: Any) -> None:
    ids = [gmail.receive(SUPPORT, mail()).id for _ in range(6)]
    # The last mail of the first page, the one that the page token was made from.
    gmail.double.after("messages.list", lambda: gmail.double.mailbox(SUPPORT).delete(ids[4]))

    listed = list(pages(client))

    assert listed == [[ids[5], ids[4]], [ids[3], ids[2]], [ids[1], ids[0]]]


def test_mail_arrives_between_two_chosen_pages_once(gmail: RunningDouble, client: Any) -> None:
    ids = [gmail.receive(SUPPORT, mail()).id for _ in range(6)]
    late: list[str] = []
    gmail.double.after("messages.list", lambda: late.append(gmail.receive(SUPPORT, mail()).id), skip=1)

    listed = [(page, len(late)) for page in pages(client)]

    # It is newer than the page that is read next, so this listing does not show it.
    assert listed == [(ids[5:3:-1], 0), (ids[3:1:-1], 1), (ids[1::-1], 1)]
    assert gmail.double.mailbox(SUPPORT).newest_first()[0].id == late[0]


def test_a_call_that_fails_is_not_counted_as_one_that_something_waits_for(gmail: RunningDouble, client: Any) -> None:
    happened: list[bool] = []
    gmail.double.after("getProfile", lambda: happened.append(True))
    gmail.fault("getProfile", "503")

    with pytest.raises(HttpError):
        client.getProfile(userId="me").execute()
    after_failure = list(happened)
    client.getProfile(userId="me").execute()
    client.getProfile(userId="me").execute()

    assert (after_failure, happened) == ([], [True])


def test_page_tokens_expire_when_a_test_says_so(gmail: RunningDouble, client: Any) -> None:
    for _ in range(4):
        gmail.receive(SUPPORT, mail())
    first = client.messages().list(userId="me", maxResults=2).execute()

    gmail.double.expire_page_tokens(SUPPORT)
    with pytest.raises(HttpError) as error:
        client.messages().list(userId="me", maxResults=2, pageToken=first["nextPageToken"]).execute()

    assert refused(error) == (400, "invalidArgument")
    assert [len(page) for page in pages(client)] == [2, 2]


def test_control_calls_can_be_planned_for_the_moment_after_a_page(gmail: RunningDouble, client: Any) -> None:
    for _ in range(4):
        gmail.receive(SUPPORT, mail())
    planned: list[dict[str, Any]] = [
        {"control": "delete", "account": SUPPORT, "oldest": 1},
        {"control": "receive", "account": SUPPORT, "raw": encoded(mail("Late"))},
        {"control": "page_tokens", "account": SUPPORT},
    ]
    post(f"{gmail.url}/_double/after", {"route": "messages.list", "account": SUPPORT, "then": planned})

    first = client.messages().list(userId="me", maxResults=2).execute()
    with pytest.raises(HttpError):
        client.messages().list(userId="me", maxResults=2, pageToken=first["nextPageToken"]).execute()

    subjects = [each.source.subject for each in gmail.double.mailbox(SUPPORT).newest_first()]
    assert subjects == ["Late", "Inverter", "Inverter", "Inverter"]


def test_one_get_fails_inside_a_batch_and_the_others_are_answered(gmail: RunningDouble, connect: Connect) -> None:
    ids = [gmail.receive(SUPPORT, mail()).id for _ in range(3)]
    google = connect(gmail.double.access_token(SUPPORT))
    gmail.double.fault("messages.get", "503", times=2, of=ids[1])
    outcomes: dict[str, Any] = {}

    batch = google.new_batch_http_request(lambda key, answer, error: outcomes.update({key: error or answer}))
    for message_id in ids:
        batch.add(google.users().messages().get(userId="me", id=message_id), request_id=message_id)
    batch.execute()

    assert outcomes[ids[1]].resp.status == 503
    assert [outcomes[each]["id"] for each in (ids[0], ids[2])] == [ids[0], ids[2]]


def test_a_fault_may_be_meant_for_parts_of_a_batch_only(gmail: RunningDouble, connect: Connect) -> None:
    received = gmail.receive(SUPPORT, mail()).id
    google = connect(gmail.double.access_token(SUPPORT))
    gmail.double.fault("messages.get", "429", in_batch=True, retry_after_s=7)
    faults: list[HttpError] = []

    alone = call_once(gmail.url, gmail.double.access_token(SUPPORT), "GET", f"messages/{received}")
    batch = google.new_batch_http_request(lambda key, answer, error: faults.append(error))
    batch.add(google.users().messages().get(userId="me", id=received))
    batch.execute()

    assert alone == 200
    assert [(error.resp.status, error.resp["retry-after"]) for error in faults] == [(429, "7")]


def nested(levels: int) -> bytes:
    """A mail of multiparts one inside the other."""
    heads = [f'Content-Type: multipart/mixed; boundary="b{level}"\n\n--b{level}\n' for level in range(levels)]
    return ("From: ada@customers.example\nSubject: Deep\n" + "".join(heads) + "\nEnd\n").encode()


def test_mail_nested_ever_so_deeply_is_given_as_its_bytes(gmail: RunningDouble, client: Any) -> None:
    raw = nested(3000)
    received = gmail.receive(SUPPORT, raw).id

    got = client.messages().get(userId="me", id=received, format="raw").execute()

    assert urlsafe_b64decode(got["raw"]) == raw
    assert client.messages().get(userId="me", id=received, format="metadata").execute()["snippet"] == ""
    assert len(client.messages().list(userId="me", q="subject:Deep").execute()["messages"]) == 1


def test_a_part_of_a_batch_that_breaks_is_its_own_500(
    gmail: RunningDouble, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep, broken, sound = (gmail.receive(SUPPORT, raw).id for raw in (nested(3000), mail("Broken"), mail()))
    google = connect(gmail.double.access_token(SUPPORT))
    original = routes.answer

    def breaks(double: Any, request: Any, **options: Any) -> Any:
        if request.path.endswith(broken):
            raise ZeroDivisionError
        return original(double, request, **options)

    monkeypatch.setattr(routes, "answer", breaks)
    outcomes: dict[str, Any] = {}
    batch = google.new_batch_http_request(lambda key, answer, error: outcomes.update({key: error or answer}))
    for message_id in (deep, broken, sound):
        batch.add(google.users().messages().get(userId="me", id=message_id), request_id=message_id)
    batch.execute()

    assert [outcomes[each].resp.status for each in (deep, broken)] == [500, 500]
    assert outcomes[sound]["id"] == sound
