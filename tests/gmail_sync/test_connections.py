"""Connections that the server has closed, quota that is waited for longer than it keeps them, batches it fails at."""

import asyncio
import time
from pathlib import Path

import httplib2
import pytest

from adapters.gmail_bearer_http import BearerHttp
from adapters.gmail_quota import Bucket, Quota
from adapters.gmail_transport import Backoff, GmailApi
from adapters.google_oauth import GoogleOAuth
from entrypoints.gmail_double.running import RunningDouble
from tests.gmail_sync.desk import Desk, a_desk
from tests.gmail_sync.front import Front
from tests.gmail_sync.refusals import MINUTE_S
from tests.gmail_sync.test_quota import Time
from tickets.boards import MailboxState
from tickets.errors import Unavailable

KEEP_ALIVE_S = 0.2
FASTER = 16
"""A batch waits about 5.7 s for its quota: here 0.36 s, longer than the server keeps a connection."""


def faster_quota() -> Quota:
    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / FASTER)

    return Quota(now=lambda: time.monotonic() * FASTER, sleep=sleep)


async def test_a_backfill_that_waits_longer_than_the_server_keeps_connections_meets_no_error(
    gmail: RunningDouble, file: Path
) -> None:
    impatient = Backoff(attempts=1)
    with Front(gmail.url, keep_alive_s=KEEP_ALIVE_S) as front:
        async with a_desk(gmail, file, backoff=impatient, quota=faster_quota(), api_root=front.url) as desk:
            desk.seed(120)

            await desk.pulled()

            assert (desk.count().mails, desk.count().lost, desk.count().doubled) == (120, 0, 0)
    assert front.connections > 4, "the server has hung up on the threads' first connections"


@pytest.mark.parametrize("idle_s", [0.0, 60.0])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_read_on_a_connection_that_the_server_closed_is_carried_out_on_a_fresh_one(
    gmail: RunningDouble, idle_s: float, method: str
) -> None:
    with Front(gmail.url, keep_alive_s=KEEP_ALIVE_S) as front:
        http = BearerHttp(lambda: "token", 5.0, idle_s)
        body = b"x" * 100_000 if method == "POST" else None
        http.request(front.url, method, body)
        time.sleep(KEEP_ALIVE_S * 2)  # the server counts real seconds

        response, _ = http.request(front.url, method, body)

        http.close()
    assert response.status == 404
    assert front.connections == 2
    assert len(front.requests) == 2


def test_a_server_that_hangs_up_again_and_again_is_not_asked_for_ever(gmail: RunningDouble) -> None:
    http, asked = BearerHttp(lambda: "token", 5.0, 60.0), gmail.requests().get("batch", 0)
    http.request(gmail.url)
    gmail.double.fault("batch", "drop_before", 100)

    with pytest.raises((OSError, httplib2.HttpLib2Error)):
        http.request(f"{gmail.url}/batch", "POST", b"x")

    http.close()
    gmail.double.clear_faults()
    assert 1 < gmail.requests()["batch"] - asked <= 3


async def test_waiting_for_quota_does_not_use_up_patience(gmail: RunningDouble, file: Path) -> None:
    time = Time()
    backoff = Backoff(first_s=0.001, longest_s=0.02, patience_s=1.0, now=time.now)
    async with a_desk(gmail, file, backoff=backoff, quota=time.quota()) as desk:
        desk.seed(80)
        desk.gmail.double.fault("batch", "429", 1, skip=2)

        await desk.pulled()

        assert desk.count().lost == 0
        assert desk.skipped() == {}
    assert sum(time.slept) > 5


async def test_a_call_that_never_reached_gmail_costs_nothing() -> None:
    time, nowhere = Time(), "http://127.0.0.1:9"
    credentials = GoogleOAuth("client", "secret", token_url=f"{nowhere}/token", api_root=nowhere).credentials("r")
    api = GmailApi(credentials, api_root=nowhere, backoff=Backoff(first_s=0.001), quota=time.quota())

    for _ in range(10):
        fetched = await api.fetch([str(number) for number in range(25)])
        assert isinstance(fetched.trouble, Unavailable)

    api.close()
    assert time.slept == [], "ten times four batches of 500 units, and none of them is missing"


async def test_a_refund_never_fills_the_bucket_over_its_brim() -> None:
    time = Time()
    bucket = Bucket(time.quota())

    bucket.refund(10_000)
    await bucket.spend(time.quota().burst, is_bulk=False)
    await bucket.spend(20, is_bulk=False)

    assert len(time.slept) == 1


async def _poisoned(desk: Desk, front: Front, oldest: int) -> str:
    desk.seed(60)
    front.poison = desk.account.newest_first()[-1 - oldest].id
    return front.poison


@pytest.mark.parametrize("oldest", [0, 1, 12, 29, 59])
async def test_a_mail_at_which_gmail_fails_whole_batches_is_owed_and_the_others_arrive(
    gmail: RunningDouble, file: Path, oldest: int
) -> None:
    with Front(gmail.url) as front:
        async with a_desk(gmail, file, api_root=front.url) as desk:
            one = await _poisoned(desk, front, oldest)

            await desk.pulled()
            desk.arrives()
            await desk.pulled()

            assert desk.count().lost == 1
            assert list(desk.skipped()) == [one]
            assert await desk.state() is not MailboxState.ERROR


async def test_an_owed_mail_comes_once_gmail_gives_it_out(gmail: RunningDouble, file: Path) -> None:
    with Front(gmail.url) as front:
        async with a_desk(gmail, file, api_root=front.url) as desk:
            await _poisoned(desk, front, 7)
            await desk.pulled()
            front.poison = ""
            desk.clock.advance(MINUTE_S)

            await desk.pulled()

            assert desk.count().lost == 0
            assert desk.skipped() == {}


async def test_a_gmail_that_fails_at_everything_is_an_error_of_the_mailbox_and_owes_nothing(desk: Desk) -> None:
    desk.seed(60)
    before = desk.calls("batch")
    desk.gmail.double.fault("batch", "503", 1_000)
    desk.fault("messages.get", "503", 1_000)

    report = await desk.pull()

    assert "503" in (report.error or "")
    assert desk.skipped() == {}
    assert 0 < desk.calls("batch") - before < 12
