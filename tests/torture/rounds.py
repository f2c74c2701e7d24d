"""One round: mails keep coming, somebody approves whatever is drafted, one process after the other dies.

At the end everything is mended, a service is started for good, and the mails are counted in Gmail's own ledger.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from signal import SIGKILL
from typing import Any, Final

from tests.service import Rest
from tests.torture.desk import WAITING, Desk
from tests.torture.forked import Forked
from tests.torture.kills import ACCEPTED, NAMED, RANDOM, Kill

AT_REST_S: Final = 60.0  # the promise: after any crash the next start converges in this time
OVERDUE_S: Final = 20.0  # a point that is not reached by then; the process is killed where it is
LOOK_EVERY_S: Final = 0.03


@dataclass(frozen=True)
class Death:
    """A kill that took place. One whose point was not reached in time was a kill at a random moment."""

    kill: Kill
    was_reached: bool

    @property
    def point(self) -> str:
        return self.kill.point if self.was_reached else RANDOM


@dataclass(frozen=True)
class Outcome:
    """What became of the mails of one round."""

    processes: int
    deaths: tuple[Death, ...]
    mails: int
    lost: int  # customers without an answer, or without a ticket
    doubled: int  # customers with two answers, or two tickets
    stuck: int  # tickets and deliveries that are not at rest
    seconds: float  # from the last start until everything was answered and at rest

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.stuck)


@dataclass
class Approver:
    """Somebody who approves every draft, at whichever process answers."""

    token: str
    services: list[Forked] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until the round is over."""
        while not self._is_over.wait(0.1):
            for service in list(self.services):
                with suppress(OSError, HTTPException, ValueError, AssertionError):  # not up yet, or killed
                    _approve_all(Rest(service.url, self.token))

    def end(self) -> None:
        self._is_over.set()


def _approve_all(desk: Rest) -> None:
    for line in desk.tickets(status="NEEDS_ACTION"):
        ticket: dict[str, Any] = desk.ticket(line["id"])
        if ticket["draft"] and ticket["delivery"]["state"] in ("none", "cancelled", "failed"):
            desk.approve(ticket)


@contextmanager
def approving(desk: Desk) -> Iterator[list[Forked]]:
    """Gives the list of services at which drafts are approved; the block keeps it up to date."""
    approver = Approver(desk.token)
    thread = threading.Thread(target=approver.run, daemon=True)
    thread.start()
    try:
        yield approver.services
    finally:
        approver.end()
        thread.join(10)


def play(desk: Desk, kills: Sequence[Kill], processes: int) -> Outcome:
    """Kill so many services, `processes` at a time, then let one (or two) finish."""
    before = len(desk.customers)
    with approving(desk) as services:
        deaths = _killed(desk, deque(kills), processes, services)
        desk.account.double.heal()
        started = time.monotonic()
        services[:] = [desk.start() for _ in range(processes)]
        while time.monotonic() < started + AT_REST_S and (desk.unanswered() or desk.unrest()):
            time.sleep(0.1)
        seconds = time.monotonic() - started
        stuck = desk.unrest()
        for service in services:
            service.kill()
            _require_killed(service)
    return Outcome(
        processes,
        tuple(deaths),
        len(desk.customers) - before,
        lost=desk.newly("lost"),
        doubled=desk.newly("doubled"),
        stuck=stuck,
        seconds=round(seconds, 1),
    )


def drafts_left(desk: Desk) -> int:
    """How many drafts are still in the mailbox after one more start has cleared up."""
    service, end = desk.start(), time.monotonic() + OVERDUE_S
    while desk.account.drafts() and time.monotonic() < end:
        time.sleep(0.1)
    service.kill()
    _require_killed(service)
    return len(desk.account.drafts())


@dataclass
class _Victim:
    service: Forked
    kill: Kill
    left_before: int  # how many mails had left when it was started

    def is_due(self, desk: Desk) -> bool:
        """Whether it is to be killed from outside now."""
        age = time.monotonic() - self.service.started
        if self.kill.point == RANDOM:
            return age >= self.kill.delay_s
        if self.kill.point == ACCEPTED and desk.ledger.answers().total() > self.left_before:
            return True
        return age >= OVERDUE_S


def _killed(desk: Desk, kills: deque[Kill], processes: int, services: list[Forked]) -> list[Death]:
    deaths: list[Death] = []
    victims: list[_Victim] = []
    while kills or victims:
        while kills and len(victims) < processes:
            victims.append(_sent_to_death(desk, kills.popleft()))
            services[:] = [victim.service for victim in victims]
        for victim in list(victims):
            if not victim.service.is_dead() and not victim.is_due(desk):
                continue
            deaths.append(_died(victim, desk))
            victims.remove(victim)
        desk.keep_receiving()
        time.sleep(LOOK_EVERY_S)
    return deaths


def _sent_to_death(desk: Desk, kill: Kill) -> _Victim:
    desk.receive(WAITING)
    if kill.needs_fault:
        desk.account.double.heal()  # what an earlier victim did not live to meet would come first
    if kill.fault:
        desk.account.fault(*kill.fault)
    return _Victim(desk.start(**kill.crash_at), kill, desk.ledger.answers().total())


def _died(victim: _Victim, desk: Desk) -> Death:
    was_alive = not victim.service.is_dead()
    is_overdue = was_alive and time.monotonic() - victim.service.started >= OVERDUE_S
    victim.service.kill()
    _require_killed(victim.service)
    was_reached = not was_alive if victim.kill.point in NAMED else not is_overdue
    return Death(victim.kill, was_reached)


def _require_killed(service: Forked) -> None:
    code = service.buried()
    assert code == -SIGKILL, f"a service ended by itself ({code}):\n{service.said_last()}"
