"""Whatever goes wrong while Gmail is read, every mail comes in once."""

import pytest

from tests.gmail_sync.desk import Desk
from tests.gmail_sync.refusals import one_503_for_hours
from tests.gmail_sync.scenarios import SCENARIOS, Scenario
from tickets.boards import MailboxState


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.name for scenario in SCENARIOS])
async def test_every_mail_comes_in_once(desk: Desk, scenario: Scenario) -> None:
    await scenario.play(desk)

    found = desk.count()
    assert found.mails > 0
    assert (found.lost, found.doubled) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "says"), [("403:insufficientPermissions", "connect gmail"), ("400:failedPrecondition", "admin console")]
)
async def test_a_refusal_of_the_account_is_shown_and_not_repeated(desk: Desk, kind: str, says: str) -> None:
    desk.seed(30)
    desk.fault("messages.get", kind, 1_000)

    report = await desk.pull()

    assert says in (report.error or "")
    assert await desk.state() is MailboxState.ERROR
    assert desk.gmail.double.faults.waiting[0].times >= 1_000 - 25


async def test_a_mail_that_gmail_withholds_is_asked_for_less_and_less_often(desk: Desk) -> None:
    await one_503_for_hours(desk)
    one = desk.arrives().id
    desk.fault("messages.get", "503", 1_000, of=one)
    desk.arrives()
    await desk.pulled()
    fault = desk.gmail.double.faults.waiting[0]
    asked = []

    for _ in range(60):
        before = fault.times
        desk.clock.advance(60)
        await desk.pulled()
        asked.append(before - fault.times)

    assert set(asked) == {0, 1}
    assert 3 <= sum(asked) <= 8


async def test_a_mail_that_was_withheld_and_then_deleted_is_accounted_for(desk: Desk) -> None:
    one = desk.arrives().id
    desk.arrives()
    desk.fault("messages.get", "503", 1_000, of=one)
    await desk.pulled()
    desk.vanishes(one)
    desk.gmail.double.clear_faults()
    desk.clock.advance(3600)

    await desk.pulled()

    assert desk.skipped() == {one: "deleted in Gmail before it could be read"}


async def test_the_progress_of_a_backfill_is_stored_with_each_portion_and_ends_with_it(desk: Desk) -> None:
    desk.seed(60)
    shown = []
    desk.meanwhile("messages.get", lambda: shown.append(desk.progress()), times=60)

    await desk.pulled()

    done = [progress["done"] for progress in shown if progress]
    assert done == sorted(done)
    assert 0 < done[-1] < 60
    assert {progress["total"] for progress in shown if progress} == {60}
    assert desk.progress() is None
