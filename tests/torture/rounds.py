"""One kill: mails arrive, somebody approves whatever is drafted, a process dies, and the mails are counted."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from http.client import HTTPException
from typing import Final
from uuid import uuid4

from tests.service import Home, MaildirOf, Rest, Service, a_mail, free_port

MAILS: Final = 3
AT_REST_S: Final = 60.0
SHOWN_S: Final = 30.0
REACHED_S: Final = 15.0  # with two processes the other one may have done all the work before the point was reached
RANDOM: Final = "random moment"

NODES: Final = ("ingest", "classify", "plan", "draft", "human_approval", "send")
POINTS: Final = (
    RANDOM,
    "mail_parsed",
    "mail_stored",
    *(f"{side}_{node}" for node in NODES for side in ("enter", "leave")),
    "claimed_drafting",
    "draft_created",
    "stored_drafted",
    "stored_sending",
    "before_submit",
    "submitted",
    "stored_sent",
)


@dataclass(frozen=True)
class World:
    """The desk that is killed, and its mailbox."""

    home: Home
    mailbox: MaildirOf
    token: str

    def answers(self) -> Counter[str]:
        """How often each mail was answered, by the mailbox."""
        return Counter(str(message_from_bytes(raw)["In-Reply-To"]) for raw in self.mailbox.sent())


@dataclass(frozen=True)
class Plan:
    """Where to kill, at which passage, and whether another process works beside the victim."""

    point: str
    passage: int
    delay_s: float  # after the start of the service, for a random moment
    head_start_s: float  # of the victim, before the other process is started
    processes: int

    @classmethod
    def drawn(cls, point: str, processes: int, draw: random.Random) -> "Plan":
        is_once = processes == 2 or point.startswith("mail_")
        passage = 1 if is_once else draw.randint(1, MAILS)
        return cls(point, passage, draw.uniform(0.0, 1.5), draw.uniform(0.0, 2.0), processes)


@dataclass(frozen=True)
class Outcome:
    """What became of the mails of one round."""

    plan: Plan
    was_reached: bool
    lost: int
    doubled: int
    stuck: int
    seconds: float  # from the kill, or from the restart where nobody survived, until all was answered


def play(world: World, plan: Plan) -> Outcome:
    """One round."""
    word = uuid4().hex[:8]
    mails = [a_mail(f"Inverter {word} {n}", sender=f"C <{word}.{n}@example.net>") for n in range(MAILS)]
    asked = [str(mail["Message-ID"]) for mail in mails]
    for mail in mails:
        world.mailbox.deliver(mail)
    crash_at = {} if plan.point == RANDOM else {"CA_CRASH_AT": f"hold:{plan.point}:{plan.passage}"}
    victim, other = _service(world, **crash_at), _service(world)
    try:
        with approving(world, victim, other):
            victim.start()
            if plan.processes == 2:
                time.sleep(plan.head_start_s)
                other.start()
            was_reached = _kill(victim, plan)
            if plan.processes == 1:
                other.start()
            since = time.monotonic()
            while time.monotonic() < since + AT_REST_S and any(not world.answers()[mail] for mail in asked):
                time.sleep(0.1)
            seconds = time.monotonic() - since
        stuck = _unanswered(Rest(other.url, world.token), word)
    finally:
        other.kill()
    answers = world.answers()
    lost = sum(answers[mail] == 0 for mail in asked)
    return Outcome(plan, was_reached, lost, sum(answers[mail] > 1 for mail in asked), stuck, seconds)


@contextmanager
def approving(world: World, *services: Service) -> Iterator[None]:
    """Somebody approves every draft, at whichever process answers, until the end of the block."""
    is_over = threading.Event()

    def approve(service: Service) -> None:
        while not is_over.wait(0.1):
            try:
                _approve_all(Rest(service.url, world.token))
            except (OSError, HTTPException, ValueError, AssertionError):
                continue  # it is not up yet, is standing still, or was killed

    threads = [threading.Thread(target=approve, args=(service,), daemon=True) for service in services]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join(10)


def _approve_all(desk: Rest) -> None:
    for line in desk.tickets(status="NEEDS_ACTION"):
        ticket = desk.ticket(line["id"])
        if ticket["draft"] and ticket["delivery"]["state"] in ("none", "cancelled", "failed"):
            desk.approve(ticket)


def _service(world: World, **settings: str) -> Service:
    return Service(world.home, port=free_port(), extra={"CA_SYNC_EVERY_S": "1", **settings})


def _kill(victim: Service, plan: Plan) -> bool:
    """SIGKILL at the point, or at the random moment; whether it was reached."""
    end = time.monotonic() + (60.0 if plan.processes == 1 else REACHED_S)
    awaited = "serving" if plan.point == RANDOM else f"holding at {plan.point}"
    while time.monotonic() < end and not victim.said(awaited):
        time.sleep(0.02)
    was_reached = victim.said(awaited)
    if plan.point == RANDOM:
        time.sleep(plan.delay_s)
    victim.kill()
    return was_reached


def _unanswered(desk: Rest, word: str) -> int:
    """How many tickets of this round the desk itself does not show as answered, some seconds after the last reply."""
    end = time.monotonic() + SHOWN_S
    stuck = MAILS
    while stuck and time.monotonic() < end:
        time.sleep(0.1)
        with suppress(OSError):  # the web is up a little later than the work
            lines = desk.tickets(q=word)
            shown = sum(bool(line["status"] == "WAITING_OTHERS") for line in lines)
            stuck = MAILS - shown if len(lines) == MAILS else max(1, abs(MAILS - len(lines)))
    return stuck
