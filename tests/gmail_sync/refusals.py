"""Google refuses, or does not answer: every call for a while, whole batches, or one mail for hours."""

from typing import Final

from tests.gmail_sync.desk import Desk

HOUR_S: Final = 3601
MINUTE_S: Final = 61
TEMPEST: Final = 12  # more than one sync has patience for


async def _storm(desk: Desk, kind: str, **more: object) -> None:
    """On every call that a full sync and then a partial one makes."""
    for route in ("getProfile", "messages.list", "messages.get", "history.list"):
        desk.fault(route, kind, TEMPEST, **more)
    desk.seed(60)
    await desk.settled()
    for route in ("messages.get", "history.list"):
        desk.fault(route, kind, TEMPEST, **more)
    for _ in range(30):
        desk.arrives()
    await desk.settled()
    assert not any(fault.times for fault in desk.gmail.double.faults.waiting)


async def storm_429(desk: Desk) -> None:
    await _storm(desk, "429")


async def storm_403(desk: Desk) -> None:
    await _storm(desk, "403:userRateLimitExceeded")


async def storm_with_a_wish(desk: Desk) -> None:
    await _storm(desk, "429", retry_after_s=60)


async def storm_503(desk: Desk) -> None:
    await _storm(desk, "503")


async def dropped_connections(desk: Desk) -> None:
    desk.seed(60)
    desk.gmail.double.fault("batch", "drop_before", 5)
    desk.gmail.double.fault("batch", "drop_after", 5)
    desk.fault("messages.list", "drop_after", 3)
    await desk.settled()


async def batch_refused(desk: Desk) -> None:
    desk.seed(60)
    desk.gmail.double.fault("batch", "503", TEMPEST)
    await desk.settled()


async def _one_get(desk: Desk, kind: str, times: int) -> str:
    """The others come at once, also those that arrive later; then the one, when Gmail gives it out."""
    desk.seed(30)
    one = desk.account.newest_first()[12].id
    desk.fault("messages.get", kind, times, of=one)
    await desk.pulled()
    desk.arrives()
    await desk.pulled()
    return one


async def one_503(desk: Desk) -> None:
    await _one_get(desk, "503", 1)


async def one_503_for_hours(desk: Desk) -> None:
    one = await _one_get(desk, "503", 1_000)
    assert desk.count().lost == 1
    assert "503" in desk.skipped()[one]
    desk.gmail.double.clear_faults()
    desk.clock.advance(MINUTE_S)
    await desk.pulled()
    assert one not in desk.skipped()


async def one_403_for_hours(desk: Desk) -> None:
    one = await _one_get(desk, "403:forbidden", 1_000)
    assert desk.count().lost == 1
    assert "403" in desk.skipped()[one]
    desk.gmail.double.clear_faults()
    desk.clock.advance(MINUTE_S)
    await desk.pulled()


async def one_404_for_a_moment(desk: Desk) -> None:
    """Gmail's parts may disagree for a moment whether a mail is there."""
    await _one_get(desk, "404", 1)
    desk.clock.advance(HOUR_S)
    await desk.pulled()
