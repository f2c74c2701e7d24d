"""The account's quota: nothing is refused because of us, replies go first, and a backfill takes the time it must."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.gmail_quota import Bucket, Quota
from entrypoints.gmail_double.running import RunningDouble
from entrypoints.gmail_double.state import Double
from tests.gmail_sync.desk import a_desk
from tests.ports.mailbox_benches import Desk as Reader
from tests.ports.mailbox_benches import an_outgoing
from tickets.errors import Unavailable

GET = 20


@dataclass
class Time:
    """Seconds that pass only when somebody sleeps."""

    at: float = 1_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept.append(seconds)
        await asyncio.sleep(0)

    def quota(self, units_per_minute: int = 6_000) -> Quota:
        return Quota(units_per_minute, now=self.now, sleep=self.sleep)


async def test_no_minute_wherever_it_begins_costs_more_than_the_limit() -> None:
    time = Time()
    bucket, spent = Bucket(time.quota()), deque[tuple[float, int]]()

    for batch in range(300):
        await bucket.spend(25 * GET, is_bulk=True)
        spent.append((time.at, 25 * GET))
        if batch % 10 == 0:
            await bucket.spend(100, is_bulk=False)
            spent.append((time.at, 100))

    for start, _ in spent:
        assert sum(units for at, units in spent if start <= at < start + 60) <= 6_000


async def test_ten_thousand_mails_take_about_forty_minutes() -> None:
    time = Time()
    bucket, began = Bucket(time.quota()), time.at

    for _ in range(400):
        await bucket.spend(25 * GET, is_bulk=True)

    assert 34 <= (time.at - began) / 60 <= 40


async def test_a_reply_does_not_wait_behind_a_backfill() -> None:
    time = Time()
    bucket = Bucket(time.quota())
    for _ in range(20):
        await bucket.spend(25 * GET, is_bulk=True)
    before = time.at

    for units in (5, 10, 5, 100, 20):  # what one reply costs
        await bucket.spend(units, is_bulk=False)

    assert time.at == before


async def test_a_reply_that_would_wait_too_long_is_put_off_and_nothing_was_done() -> None:
    time = Time()
    bucket = Bucket(time.quota())
    bucket.refused(retry_after_s=60)

    with pytest.raises(Unavailable) as raised:
        await bucket.spend(100, is_bulk=False)

    assert raised.value.retry_after_s == pytest.approx(60, abs=5)
    assert time.slept == []


async def test_what_google_wishes_is_waited_for_before_anything_else_is_read() -> None:
    time = Time()
    bucket, began = Bucket(time.quota()), time.at
    bucket.refused(retry_after_s=60)

    await bucket.spend(GET, is_bulk=True)

    assert time.at - began >= 60


async def test_a_limit_smaller_than_a_batch_still_lets_single_mails_through() -> None:
    time = Time()
    quota = time.quota(units_per_minute=100)
    bucket = Bucket(quota)

    for _ in range(10):
        await bucket.spend(quota.most("messages.get") * GET, is_bulk=True)

    assert quota.most("messages.get") == 1
    assert (time.at - 1_000_000) / 60 + 0.5 >= 10 * GET / 100


async def test_old_projects_pay_their_own_prices() -> None:
    quota = Quota(15_000, {"messages.get": 5})

    assert quota.cost("messages.get") == 5
    assert quota.most("messages.get") > 200


async def test_a_backfill_under_googles_real_limit_is_never_refused(file: Path) -> None:
    time = Time()
    with RunningDouble(Double(units_per_minute=6_000, clock=time.now)) as gmail:
        async with a_desk(gmail, file, quota=time.quota()) as desk:
            desk.seed(700)

            mails = await Reader(desk.mailbox).sync()

            assert len(mails) == 700
            assert gmail.requests()["messages.get"] == 700
    assert sum(time.slept) > 60


async def test_reading_and_sending_pay_from_one_purse(file: Path) -> None:
    time = Time()
    with RunningDouble() as gmail:
        async with a_desk(gmail, file, quota=time.quota(400)) as desk:
            outgoing = an_outgoing()

            draft = await desk.mailbox.prepare(outgoing)
            await desk.mailbox.submit(draft, outgoing)
            sent_after = sum(time.slept)
            desk.seed(5)
            await desk.pulled()

    assert len(gmail.ledger()) == 1
    assert sent_after > 0
    assert sum(time.slept) > sent_after
