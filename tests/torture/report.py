"""What a run of the torture found: by point, in total, as text, as Markdown and as JSON."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Self

from tests.torture.kills import EVERY, NAMED, Kill
from tests.torture.rounds import Death, Outcome

BEGIN: Final = "<!-- torture:begin -->"
END: Final = "<!-- torture:end -->"


@dataclass(frozen=True)
class Line:
    """One point: its kills, and the worst that happened in the rounds that had one of them."""

    point: str
    one: int  # kills of the only process
    two: int  # kills with another process beside it
    lost: int
    doubled: int
    stuck: int
    slowest: float

    @property
    def kills(self) -> int:
        return self.one + self.two

    @classmethod
    def of(cls, point: str, outcomes: Sequence[Outcome]) -> Self:
        """Counted over the rounds in which the point was hit."""
        hit = [outcome for outcome in outcomes if any(death.point == point for death in outcome.deaths)]
        by_processes = {
            processes: sum(
                death.point == point for outcome in hit if outcome.processes == processes for death in outcome.deaths
            )
            for processes in (1, 2)
        }
        return cls(
            point,
            by_processes[1],
            by_processes[2],
            sum(outcome.lost for outcome in hit),
            sum(outcome.doubled for outcome in hit),
            sum(outcome.stuck for outcome in hit),
            max((outcome.seconds for outcome in hit), default=0.0),
        )


@dataclass(frozen=True)
class Report:
    """A whole run. `drafts_left` is what lay in the mailboxes at the end."""

    seed: int
    minutes: float
    outcomes: tuple[Outcome, ...]
    drafts_left: int

    @property
    def lines(self) -> list[Line]:
        return [line for line in (Line.of(point, self.outcomes) for point in EVERY) if line.kills]

    @property
    def kills(self) -> int:
        return sum(len(outcome.deaths) for outcome in self.outcomes)

    @property
    def is_clean(self) -> bool:
        return not self.drafts_left and all(outcome.is_clean for outcome in self.outcomes)

    @property
    def totals(self) -> dict[str, int]:
        """Over all rounds."""
        names = ("mails", "lost", "doubled", "stuck")
        return {name: sum(getattr(outcome, name) for outcome in self.outcomes) for name in names}

    def text(self) -> str:
        """The table for a terminal."""
        rows = [
            f"{'point':26} {'kills':>5} {'one':>4} {'two':>4} {'lost':>5} {'doubled':>7} {'stuck':>5} {'slowest':>8}"
        ]
        for line in self.lines:
            counts = f"{line.kills:>5} {line.one:>4} {line.two:>4} {line.lost:>5} {line.doubled:>7} {line.stuck:>5}"
            rows.append(f"{line.point:26} {counts} {line.slowest:>6.1f} s")
        return "\n".join([*rows, self.summary()])

    def summary(self) -> str:
        """One sentence."""
        counts = self.totals
        return (
            f"{self.kills} kills in {self.minutes:.0f} minutes (seed {self.seed}), {counts['mails']} mails: "
            f"lost {counts['lost']}, doubled {counts['doubled']}, stuck {counts['stuck']}, "
            f"drafts left behind {self.drafts_left}."
        )

    def markdown(self) -> str:
        """The table for the documentation."""
        head = "| Killed at | Kills | of one process | of two | Lost | Doubled | Stuck | Slowest recovery |"
        rows = [
            f"| {_marked(line.point)} | {line.kills} | {line.one} | {line.two} "
            f"| {line.lost} | {line.doubled} | {line.stuck} | {line.slowest:.1f} s |"
            for line in self.lines
        ]
        return "\n".join([self.summary(), "", head, "|---|" + "---:|" * 7, *rows])

    def json(self) -> dict[str, Any]:
        """All of it, the rounds at the end."""
        return {
            "seed": self.seed,
            "minutes": round(self.minutes, 1),
            "kills": self.kills,
            **self.totals,
            "drafts_left": self.drafts_left,
            "points": {line.point: asdict(line) for line in self.lines},
            "rounds": [asdict(outcome) for outcome in self.outcomes],
        }

    @classmethod
    def read(cls, file: Path) -> Self:
        """A report that was written as JSON."""
        kept = json.loads(file.read_text(encoding="utf-8"))
        return cls(kept["seed"], kept["minutes"], tuple(outcomes_from(kept["rounds"])), kept["drafts_left"])


def outcomes_from(kept: Iterable[dict[str, Any]]) -> list[Outcome]:
    """Rounds as they were before they became JSON."""
    return [Outcome(**{**outcome, "deaths": tuple(_death(death) for death in outcome["deaths"])}) for outcome in kept]


def into_docs(report: Report, file: Path) -> None:
    """Put the table between the two markers of a document."""
    head, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, tail = rest.partition(END)
    assert end, f"{file} lacks the markers {BEGIN} and {END}"
    file.write_text(f"{head}{BEGIN}\n\n{report.markdown()}\n\n{END}{tail}", encoding="utf-8")


def _death(kept: dict[str, Any]) -> Death:
    kill = kept["kill"]
    fault = (kill["fault"][0], kill["fault"][1]) if kill["fault"] else None
    return Death(Kill(**{**kill, "fault": fault}), kept["was_reached"])


def _marked(point: str) -> str:
    return f"`{point}`" if point in NAMED else point
