"""Play everything that goes wrong and count: `python -m tests.gmail_sync`; exit code 1 when a mail was lost or doubled.

Prints a Markdown table and writes its rows to var/gmail-sync/latest.json. `--short` leaves out the 10,000 mails.
"""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from entrypoints.gmail_double.running import RunningDouble
from persistence.migrate import upgrade
from tests.gmail_sync.desk import Desk, a_desk
from tests.gmail_sync.kills import COURSES, Course, killed_after
from tests.gmail_sync.scenarios import LONG, SCENARIOS, Scenario

REPORT = Path("var/gmail-sync/latest.json")


@dataclass(frozen=True)
class Row:
    """One line of the table. `rounds` is how often it was played; the other numbers are sums."""

    fault: str
    rounds: int
    mails: int
    lost: int
    doubled: int
    seconds: float


@dataclass(frozen=True)
class Table:
    """Plays on accounts of one double, each with a database of its own."""

    gmail: RunningDouble
    folder: Path

    def rows(self, scenarios: Sequence[Scenario]) -> Iterator[Row]:
        for scenario in scenarios:
            yield asyncio.run(self._played(scenario))
        for course in COURSES:
            yield asyncio.run(self._killed(course))

    async def _played(self, scenario: Scenario) -> Row:
        began = time.monotonic()
        async with a_desk(self.gmail, self._file()) as desk:
            await scenario.play(desk)
            row = _row(scenario.name, [desk], began)
        self.gmail.double.rotate_refresh_tokens(False)
        return row

    async def _killed(self, course: Course) -> Row:
        began, counted, was_killed = time.monotonic(), list[Row](), True
        while was_killed:
            async with a_desk(self.gmail, self._file()) as desk:
                was_killed = await killed_after(desk, course, len(counted) + 1)
                counted.append(_row("", [desk], began))
        name, kills = f"killed after each call: {course.name}", counted[:-1]
        mails, lost, doubled = (sum(getattr(row, what) for row in kills) for what in ("mails", "lost", "doubled"))
        return Row(name, len(kills), mails, lost, doubled, round(time.monotonic() - began, 1))

    def _file(self) -> Path:
        file = self.folder / "desk.db"
        for old in self.folder.glob("desk.db*"):
            old.unlink()
        shutil.copy(self.folder / "template.db", file)
        return file


def _row(name: str, desks: Sequence[Desk], began: float) -> Row:
    counts = [desk.count() for desk in desks]
    lost = sum(count.lost for count in counts) + sum(desk.unanswered() for desk in desks)
    mails, doubled = sum(count.mails for count in counts), sum(count.doubled for count in counts)
    return Row(name, len(desks), mails, lost, doubled, round(time.monotonic() - began, 1))


def _line(*cells: object) -> str:
    fault, *numbers = cells
    return f"| {fault!s:58} | " + " | ".join(f"{number!s:>7}" for number in numbers) + " |"


def main() -> int:
    """Play, print, write."""
    warnings.simplefilter("ignore", FutureWarning)
    parser = argparse.ArgumentParser(prog="python -m tests.gmail_sync")
    parser.add_argument("--short", action="store_true", help="without the 10,000 mails")
    asked = parser.parse_args()

    rows: list[Row] = []
    print(_line("What goes wrong", "rounds", "mails", "lost", "doubled"))
    print(_line("-" * 58, *["-" * 6 + ":"] * 4))
    with tempfile.TemporaryDirectory(prefix="gmail-sync-") as folder, RunningDouble() as gmail:
        upgrade(f"sqlite:///{Path(folder) / 'template.db'}")
        for row in Table(gmail, Path(folder)).rows(SCENARIOS if asked.short else (*SCENARIOS, *LONG)):
            rows.append(row)
            print(_line(row.fault, row.rounds, row.mails, row.lost, row.doubled), flush=True)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    is_clean = not any(row.lost or row.doubled for row in rows)
    print(f"\n{'Nothing lost, nothing doubled' if is_clean else 'NOT CLEAN'}; the rows are in {REPORT}")
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
