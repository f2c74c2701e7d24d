"""A whole run: two desks side by side, round after round, until every point has had its kills."""

import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tests.gmail_journeys.double import DoubleProcess
from tests.torture.desk import Desk
from tests.torture.forked import Zygote
from tests.torture.kills import Kill, drawn_points
from tests.torture.report import Report
from tests.torture.rounds import Outcome, drafts_left, play

ROUND: Final = 6  # kills a round
TRIES: Final = 4  # so often is a point tried that is not reached, for each kill that it is to have


@dataclass
class Plan:
    """Which points still lack kills; shared by the desks."""

    wanted: Counter[str]
    draw: random.Random
    _queue: list[str] = field(default_factory=list)
    _tries: Counter[str] = field(default_factory=Counter)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._queue = drawn_points(self.wanted, self.draw)

    def next_round(self, processes: int) -> list[Kill]:
        """The kills of the next round; empty when all have been."""
        with self._turn:
            points, self._queue = self._queue[:ROUND], self._queue[ROUND:]
            return [Kill.drawn(point, processes, self.draw) for point in points]

    def missed(self, outcome: Outcome) -> None:
        """Points that were not reached are tried again later."""
        with self._turn:
            for death in outcome.deaths:
                point = death.kill.point
                if not death.was_reached and self._tries[point] < TRIES * self.wanted[point]:
                    self._tries[point] += 1
                    self._queue.append(point)


@dataclass
class Progress:
    """The line that says how far it has come, and the file from which a run can be taken up again."""

    total: int
    seed: int
    file: Path | None = None
    earlier: Sequence[Outcome] = ()
    outcomes: list[Outcome] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def add(self, outcome: Outcome) -> None:
        """One more round."""
        with self._turn:
            self.outcomes.append(outcome)
            if self.file:
                with self.file.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps({"seed": self.seed, **asdict(outcome)}) + "\n")
            sys.stdout.write(self.line() + ("\r" if sys.stdout.isatty() else "\n"))
            sys.stdout.flush()

    @property
    def minutes(self) -> float:
        return (time.monotonic() - self.started) / 60

    def line(self) -> str:
        """Kills so far, what went wrong, rate and time left."""
        every = [*self.earlier, *self.outcomes]
        done = sum(len(outcome.deaths) for outcome in every)
        rate = sum(len(outcome.deaths) for outcome in self.outcomes) / max(self.minutes, 1e-6)
        left = max(0, self.total - done) / rate if rate else 0
        wrong = {name: sum(getattr(outcome, name) for outcome in every) for name in ("lost", "doubled", "stuck")}
        counts = " ".join(f"{name} {count}" for name, count in wrong.items())
        return f"{done}/{self.total} kills  {counts}  {rate:.0f} a minute, {left:.0f} min left"


def torture(
    folder: Path, plan: Plan, progress: Progress, *, desks: int = 2, database_urls: Sequence[str | None] = ()
) -> Report:
    """Play until the plan is done. Each desk has a double, a database and services of its own."""
    urls = [*database_urls, *([None] * desks)][:desks]
    with ExitStack() as stack:
        zygote = stack.enter_context(Zygote())
        opened = []
        for number, url in enumerate(urls):
            double = stack.enter_context(DoubleProcess(folder / f"ledger{number}.jsonl"))
            opened.append(Desk.opened(folder, double, zygote, f"desk{number}", url))
        with ThreadPoolExecutor(desks) as threads:
            list(threads.map(lambda desk: _played(desk, plan, progress), opened))
            left = sum(threads.map(drafts_left, opened))
    minutes = progress.minutes
    return Report(progress.seed, minutes, (*progress.earlier, *progress.outcomes), left)


def _played(desk: Desk, plan: Plan, progress: Progress) -> None:
    number = 0
    while kills := plan.next_round(processes := 1 + number % 2):
        outcome = play(desk, kills, processes)
        plan.missed(outcome)
        progress.add(outcome)
        number += 1
