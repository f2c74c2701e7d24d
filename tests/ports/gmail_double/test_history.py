"""History records: what they tell, where they end, how they may come late or twice."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.gmail_double.talking import SUPPORT, mail, refused


def history_since(client: Any, start: str, **more: Any) -> Any:
    return client.history().list(userId="me", startHistoryId=start, **more).execute()


def test_history_tells_additions_deletions_and_label_changes(gmail: RunningDouble, client: Any) -> None:
    start = client.getProfile(userId="me").execute()["historyId"]
    received = gmail.receive(SUPPORT, mail())
    client.messages().modify(
        userId="me", id=received.id, body={"addLabelIds": ["STARRED"], "removeLabelIds": ["UNREAD"]}
    ).execute()
    gmail.double.mailbox(SUPPORT).delete(received.id)

    answer = history_since(client, start)

    kinds = [next(iter(record.keys() - {"id", "messages"})) for record in answer["history"]]
    assert kinds == ["messagesAdded", "labelsAdded", "labelsRemoved", "messagesDeleted"]
    assert answer["history"][1]["labelsAdded"][0]["labelIds"] == ["STARRED"]
    assert answer["historyId"] == answer["history"][-1]["id"]
    assert "history" not in history_since(client, answer["historyId"])


def test_history_pages_show_the_same_changes_although_mail_goes_on_arriving(gmail: RunningDouble, client: Any) -> None:
    start = client.getProfile(userId="me").execute()["historyId"]
    arrived = [gmail.receive(SUPPORT, mail()).id for _ in range(5)]
    gmail.double.history_fault(SUPPORT, HistoryFault("shuffle"))

    first = history_since(client, start, maxResults=3)
    late = gmail.receive(SUPPORT, mail())
    second = history_since(client, start, maxResults=3, pageToken=first["nextPageToken"])
    records = first["history"] + second["history"]

    assert sorted(record["messages"][0]["id"] for record in records) == arrived
    assert [record["id"] for record in records] != sorted(record["id"] for record in records)
    following = history_since(client, second["historyId"])["history"]
    assert [record["messages"][0]["id"] for record in following] == [late.id]


def test_history_below_the_floor_is_gone(gmail: RunningDouble, client: Any) -> None:
    start = client.getProfile(userId="me").execute()["historyId"]
    gmail.double.history_floor(SUPPORT)

    with pytest.raises(HttpError) as error:
        history_since(client, start)

    assert refused(error) == (404, "notFound")


def test_duplicated_and_late_history_records(gmail: RunningDouble, client: Any) -> None:
    start = client.getProfile(userId="me").execute()["historyId"]
    gmail.receive(SUPPORT, mail())

    gmail.double.history_fault(SUPPORT, HistoryFault("duplicate"))
    twice = history_since(client, start)
    gmail.double.history_fault(SUPPORT, HistoryFault("delay"))
    late = history_since(client, start)
    arrived = history_since(client, start)
    gmail.double.history_fault(SUPPORT, HistoryFault("delay", lossy=True))
    lost = history_since(client, start)

    assert twice["history"][0] == twice["history"][1]
    assert "history" not in late
    assert late["historyId"] == start
    assert len(arrived["history"]) == 1
    assert ("history" in lost, lost["historyId"]) == (False, arrived["historyId"])
