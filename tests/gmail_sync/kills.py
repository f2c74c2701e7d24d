"""A process that ends between two HTTP calls: after the k-th one, for every k there is."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

import httplib2

from entrypoints.gmail_double.history import HistoryFault
from tests.gmail_sync.desk import Desk
from tests.gmail_sync.refusals import HOUR_S, MINUTE_S
from tests.gmail_sync.scenarios import small_pages


class Killed(BaseException):
    """The end of the process: nobody catches it."""


@dataclass
class Executioner:
    """Counts the calls, and ends everything once the `at`-th one has been answered; 0 lets everything live."""

    at: int = 0
    calls: int = 0
    _lived: Callable[..., Any] = field(default=httplib2.Http.request)

    def request(self, http: httplib2.Http, *args: Any, **kw: Any) -> Any:
        if self.at and self.calls >= self.at:
            raise Killed
        answer = self._lived(http, *args, **kw)
        self.calls += 1
        if self.calls == self.at:
            raise Killed
        return answer


@contextmanager
def killing(at: int) -> Iterator[Executioner]:
    """Inside, the process lives for so many calls."""
    executioner = Executioner(at)

    def request(http: httplib2.Http, *args: Any, **kw: Any) -> Any:
        return executioner.request(http, *args, **kw)

    with patch.object(httplib2.Http, "request", request):
        yield executioner


@dataclass(frozen=True)
class Course:
    """How an account comes to the sync that is killed."""

    name: str
    prepare: Callable[[Desk], Awaitable[None]]


async def _backfill(desk: Desk) -> None:
    desk.seed(20)


async def _partial(desk: Desk) -> None:
    desk.seed(10)
    await desk.pulled()
    for _ in range(8):
        desk.colleague_answers(desk.arrives())
    desk.gmail.double.history_fault(desk.address, HistoryFault("duplicate"))


async def _expired(desk: Desk) -> None:
    await _partial(desk)
    desk.gmail.double.history_floor(desk.address)


async def _reconcile(desk: Desk) -> None:
    await _partial(desk)
    desk.gmail.double.history_fault(desk.address, HistoryFault("delay", records=10, lossy=True))
    desk.clock.advance(HOUR_S)


async def _stumbling(desk: Desk) -> None:
    await _backfill(desk)
    for skip in (0, 4):
        desk.fault("messages.get", "503", 1, skip=skip)
    desk.fault("messages.list", "429", 2, skip=1)
    desk.fault("messages.get", "503", 4, of=desk.account.newest_first()[10].id)


COURSES: Final = (
    Course("full sync", _backfill),
    Course("partial sync", _partial),
    Course("full sync after an expired cursor", _expired),
    Course("hourly listing", _reconcile),
    Course("full sync under faults", _stumbling),
)


async def killed_after(desk: Desk, course: Course, call: int) -> bool:
    """Whether the sync was killed there. The next process goes on, and gets well."""
    await course.prepare(desk)
    with small_pages(8), patch("adapters.gmail_transport.BATCH", 5):
        was_killed = False
        try:
            with killing(call):
                await desk.pull()
        except Killed:
            was_killed = True
        await desk.settled()
        desk.clock.advance(MINUTE_S)  # what Gmail would not give out is asked for again, but nothing is listed anew
        await desk.settled()
    return was_killed
