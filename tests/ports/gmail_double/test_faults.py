"""Calls fail in the way, at the moment and as often as a test chose."""

import http.client
from contextlib import suppress
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from entrypoints.gmail_double.running import RunningDouble
from entrypoints.gmail_double.state import Double
from tests.ports.gmail_double.conftest import Connect
from tests.ports.gmail_double.talking import SUPPORT, a_draft, call_once, mail, refused


def send_without_retry(gmail: RunningDouble, draft_id: str, timeout_s: float = 10) -> int:
    token = gmail.double.access_token(SUPPORT)
    return call_once(gmail.url, token, "POST", "drafts/send", {"id": draft_id}, timeout_s)


def test_a_drop_after_acceptance_is_seen_as_a_lost_connection_and_one_mail_left(
    gmail: RunningDouble, client: Any
) -> None:
    draft = a_draft(client, mail())
    gmail.fault("drafts.send", "drop_after")

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        send_without_retry(gmail, draft["id"])

    assert len(gmail.ledger()) == 1
    assert gmail.requests()["drafts.send"] == 1


def test_the_stock_client_repeats_a_dropped_send_and_is_told_the_draft_is_gone(
    gmail: RunningDouble, client: Any
) -> None:
    draft = a_draft(client, mail())
    gmail.fault("drafts.send", "drop_after")

    with pytest.raises(HttpError) as error:
        client.drafts().send(userId="me", body={"id": draft["id"]}).execute(num_retries=0)

    assert refused(error) == (404, "notFound")
    assert gmail.requests()["drafts.send"] == 2
    assert len(gmail.ledger()) == 1


@pytest.mark.parametrize(("kind", "mails"), [("drop_before", 0), ("503", 0), ("503_after", 1), ("slow:0", 1)])
def test_a_fault_applies_the_call_or_not_as_its_name_says(
    gmail: RunningDouble, client: Any, kind: str, mails: int
) -> None:
    draft = a_draft(client, mail())
    gmail.fault("drafts.send", kind)

    with suppress(http.client.RemoteDisconnected, ConnectionResetError):
        send_without_retry(gmail, draft["id"])

    assert len(gmail.ledger()) == mails


def test_a_hanging_call_ends_by_the_clients_own_timeout(gmail: RunningDouble, client: Any) -> None:
    draft = a_draft(client, mail())
    gmail.fault("drafts.send", "hang_after")

    with pytest.raises(TimeoutError):
        send_without_retry(gmail, draft["id"], timeout_s=1)

    assert len(gmail.ledger()) == 1


def test_a_fault_meets_only_its_account_and_only_so_often(gmail: RunningDouble, client: Any, connect: Connect) -> None:
    gmail.double.add_account("other@helios.example", "other-refresh-token")
    gmail.fault("getProfile", "403:rateLimitExceeded", times=1, account=SUPPORT)
    other = connect(gmail.double.access_token("other@helios.example")).users()

    other.getProfile(userId="me").execute()
    with pytest.raises(HttpError) as error:
        client.getProfile(userId="me").execute()
    profile = client.getProfile(userId="me").execute()

    assert refused(error) == (403, "rateLimitExceeded")
    assert profile["emailAddress"] == SUPPORT


def test_a_batch_part_that_drops_takes_the_whole_connection_along(gmail: RunningDouble, connect: Connect) -> None:
    received = gmail.receive(SUPPORT, mail())
    google = connect(gmail.double.access_token(SUPPORT))
    gmail.fault("messages.get", "drop_before", times=10)

    batch = google.new_batch_http_request()
    batch.add(google.users().messages().get(userId="me", id=received.id))

    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        batch.execute()


def test_a_misspelt_fault_is_refused_with_the_kinds_there_are() -> None:
    with pytest.raises(ValueError, match="drop_after"):
        Double().fault("drafts.send", "dropped")
