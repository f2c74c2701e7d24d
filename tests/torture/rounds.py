"""One round: mails keep coming, somebody approves whatever is drafted, one process after the other dies.

At the end everything is mended, a service is started for good, and the mails are counted in Gmail's own ledger.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from signal import SIGKILL
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import NullPool, create_engine, text

from tests.gmail_journeys.desk import adding, commands, token_made
from tests.gmail_journeys.double import Account, DoubleProcess
from tests.service import Home, Rest, a_mail
from tests.torture.forked import Forked, Zygote
from tests.torture.kills import ACCEPTED, NAMED, RANDOM, Kill

AT_REST_S: Final = 60.0  # the promise: after any crash the next start converges in this time
OVERDUE_S: Final = 20.0  # a point that is not reached by then; the process is killed where it is
LOOK_EVERY_S: Final = 0.03
WAITING: Final = 2  # so many mails are always on their way through the desk

_UNREST: Final = """
SELECT (SELECT count(*) FROM tickets
        WHERE work_at IS NOT NULL OR stopped OR attempts > 0 OR status <> 'WAITING_OTHERS')
     + (SELECT count(*) FROM outbox WHERE state NOT IN ('SENT', 'FAILED', 'CANCELLED'))
"""
_TICKETS: Final = "SELECT count(*) FROM tickets"


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


class Ledger:
    """What the double has accepted for one account, read from its file as it grows."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._seen = 0
        self._answers: Counter[str] = Counter()

    def answers(self) -> Counter[str]:
        """How many mails have left for each address."""
        path = self._account.double.ledger
        if path.exists() and path.stat().st_size != self._seen:
            self._seen = path.stat().st_size
            self._answers = Counter(_bare(line.to) for line in self._account.accepted())
        return self._answers


def _bare(to: str) -> str:
    return to.rpartition("<")[2].strip("<> ").casefold()


@dataclass
class Desk:
    """The desk that is killed, its Gmail account, and everybody who has written to it."""

    home: Home
    account: Account
    token: str
    zygote: Zygote
    ledger: Ledger
    customers: list[str] = field(default_factory=list)
    blamed: Counter[str] = field(default_factory=Counter)  # what earlier rounds have counted already

    @classmethod
    def opened(
        cls, folder: Path, double: DoubleProcess, zygote: Zygote, name: str, database_url: str | None = None
    ) -> "Desk":
        """A new desk with one account of the double."""
        home = Home.at(
            folder / name,
            database_url,
            CA_GMAIL_API_ROOT=double.url,
            CA_GOOGLE_CLIENT_ID="client",
            CA_GOOGLE_CLIENT_SECRET="client-secret",
            CA_GOOGLE_TOKEN_URL=f"{double.url}/token",
            CA_LOG_LEVEL="warning",
            CA_SEND_SETTLE_S="0.4",
            CA_SYNC_EVERY_S="0.5",
        )
        if database_url:
            home.migrate()
        account = double.account(f"{name}@helios.example")
        _, token = commands(home, adding(account), token_made())
        return cls(home, account, token.strip(), zygote, Ledger(account))

    def start(self, **settings: str) -> Forked:
        """A service on it."""
        directory = self.home.data_dir
        return Forked(self.zygote, self.home.environ | settings, directory, directory / "service.log")

    def receive(self, mails: int) -> None:
        """That many new customers write."""
        for _ in range(mails):
            customer = f"{uuid4().hex[:12]}@example.net"
            self.account.receive(a_mail(f"Inverter {customer[:6]}", sender=f"Customer <{customer}>"))
            self.customers.append(customer)

    def unanswered(self) -> list[str]:
        answers = self.ledger.answers()
        return [customer for customer in self.customers if not answers[customer]]

    def newly(self, wrong: str) -> int:
        """How many customers were lost or doubled since this was asked last."""
        answers, tickets = self.ledger.answers(), self.count(_TICKETS)
        now = {
            "lost": len(self.unanswered()) + max(0, len(self.customers) - tickets),
            "doubled": sum(answers[customer] > 1 for customer in self.customers)
            + max(0, tickets - len(self.customers)),
        }[wrong]
        since, self.blamed[wrong] = now - self.blamed[wrong], now
        return max(0, since)

    def count(self, query: str) -> int:
        """A number from the desk's own tables."""
        url = self.home.environ.get("CA_DATABASE_URL", f"sqlite:///{self.home.data_dir / 'desk.sqlite'}")
        engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
        with engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())


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
        while time.monotonic() < started + AT_REST_S and (desk.unanswered() or desk.count(_UNREST)):
            time.sleep(0.1)
        seconds = time.monotonic() - started
        stuck = desk.count(_UNREST)
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
        if len(desk.unanswered()) < WAITING:
            desk.receive(1)
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
