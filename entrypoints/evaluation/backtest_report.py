"""What a backtest found: counts, likeness, hours under stated assumptions, and some drafts beside what was sent."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from entrypoints.evaluation.bench import Bench
from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.measures import FEW, Figure, Pair, figures_of, rows_of
from entrypoints.evaluation.papers import rendered, write
from entrypoints.evaluation.runner import Run
from tickets.fidelity import fidelity
from tickets.savings import USEFUL_FROM, Assumptions, Saved, Work, held_words, saved, sensitivity
from tickets.spending import NANO

CLOSE: Final = 0.8  # of a draft that would have left with small changes


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """Numbers only; the examples are added when it is written."""

    source: str
    since: datetime
    until: datetime
    made_at: datetime
    model: str
    mails: int
    of: int
    answered: int
    drafted: int
    agreed: int
    missed: int  # answered by the team, left without a draft by the agent
    compared: int
    close: int
    useful: int
    answer_hours: float | None  # until the team answered, in the median
    assumed: Assumptions
    saved: Saved
    other_assumptions: Sequence[tuple[float, Sequence[tuple[float, float]]]]
    figures: Mapping[str, Figure]
    categories: Mapping[str, tuple[int, int]]  # mails, and those whose draft was worth editing
    languages: Mapping[str, int]
    likeness: Sequence[int]  # how many drafts in each tenth
    clean: int  # drafts without anything to confirm
    cost: float
    currency: str
    notes: Sequence[str] = ()
    stopped: str | None = None

    @property
    def warnings(self) -> list[str]:
        found = []
        if self.stopped:
            found.append(f"{self.stopped}: {self.mails} of {self.of} mails are done. Run it again to go on.")
        if self.mails < FEW:
            found.append(f"Only {self.mails} mails: take the figures as a hint.")
        if share := self.figures["fallback.share"].value:
            found.append(f"On {share:.0%} of the mails the local rules stepped in for the model.")
        return found


def backtest_report_of(
    run: Run,
    bench: Bench,
    source: str,
    span: tuple[datetime, datetime],
    assumed: Assumptions,
    notes: Sequence[str] = (),
) -> BacktestReport:
    """`span` is the time that counts."""
    figures = figures_of(rows_of(run.pairs, bench.categories.keys))
    likened = [fidelity(draft, reference) for draft, reference in _both(run.pairs)]
    work = [_work(pair) for pair in run.pairs]
    useful = [_is_useful(each, assumed) for each in work]
    return BacktestReport(
        source=source,
        since=span[0],
        until=span[1],
        made_at=datetime.now(UTC),
        model=bench.model.name,
        mails=len(run.pairs),
        of=run.of,
        answered=sum(each.was_answered for each in work),
        drafted=sum(each.would_answer for each in work),
        agreed=sum(each.was_answered == each.would_answer for each in work),
        missed=sum(each.was_answered and not each.would_answer for each in work),
        compared=len(likened),
        close=sum(each >= CLOSE for each in likened),
        useful=sum(useful),
        answer_hours=_answer_hours(case for case, _ in run.pairs),
        assumed=assumed,
        saved=saved(work, assumed),
        other_assumptions=sensitivity(work, assumed),
        figures=figures,
        categories=_by_category(run.pairs, useful),
        languages=dict(Counter(outcome.outputs["language"] for _, outcome in run.pairs).most_common()),
        likeness=[sum(min(9, int(each * 10)) == tenth for each in likened) for tenth in range(10)],
        clean=sum(bool(outcome.outputs["draft"]) and not outcome.outputs["flags"] for _, outcome in run.pairs),
        cost=sum(outcome.usage.cost_nano for _, outcome in run.pairs) / NANO,
        currency=bench.meter.budget.currency,
        notes=notes,
        stopped=run.stopped,
    )


def write_backtest(report: BacktestReport, run: Run, folder: Path, examples: int) -> None:
    """backtest.json without a word of any mail, and backtest.html with some drafts beside what was sent."""
    said = asdict(report) | {"warnings": report.warnings}
    write(folder / "backtest.json", json.dumps(said, ensure_ascii=False, indent=1, default=str) + "\n")
    page = {"report": report, "examples": _examples(run.pairs, examples), "useful_from": USEFUL_FROM, "close": CLOSE}
    write(folder / "backtest.html", rendered("backtest.html", page))


def _work(pair: Pair) -> Work:
    """A mail whose need of a reply nobody knows counts as answered when the agent would answer it."""
    case, outcome = pair
    would, known = bool(outcome.outputs["draft"]), case.expected.needs_reply
    reference = case.expected.reference
    words, held = held_words(outcome.outputs["draft"] or "", reference) if reference else (0, 0.0)
    return Work(would if known is None else known, would, words, held)


def _is_useful(work: Work, assumed: Assumptions) -> bool:
    return work.was_answered and work.would_answer and work.words > 0 and work.held >= assumed.useful_from


def _both(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    """Draft and answer, where there are both."""
    return [
        (outcome.outputs["draft"], case.expected.reference)
        for case, outcome in pairs
        if outcome.outputs["draft"] and case.expected.reference
    ]


def _answer_hours(cases: Any) -> float | None:
    waits = [
        (case.expected.answered_at - case.at).total_seconds() / 3600 for case in cases if case.expected.answered_at
    ]
    return median(waits) if waits else None


def _by_category(pairs: Sequence[Pair], useful: Sequence[bool]) -> dict[str, tuple[int, int]]:
    mails, worth = Counter[str](), Counter[str]()
    for (_, outcome), is_useful in zip(pairs, useful, strict=True):
        mails[outcome.outputs["category"]] += 1
        worth[outcome.outputs["category"]] += is_useful
    return {name: (count, worth[name]) for name, count in mails.most_common()}


def _examples(pairs: Sequence[Pair], wanted: int) -> list[dict[str, Any]]:
    """Spread over the whole range of likeness, the likest first."""
    both = [(fidelity(outcome.outputs["draft"], case.expected.reference), case, outcome) for case, outcome in pairs
            if outcome.outputs["draft"] and case.expected.reference]  # fmt: skip
    ordered = sorted(both, key=lambda each: (-each[0], each[1].id))
    step = max(1, (len(ordered) - 1) // max(1, wanted - 1))
    return [_example(*each) for each in ordered[::step][:wanted]]


def _example(likeness: float, case: Case, outcome: Any) -> dict[str, Any]:
    last = case.conversation.messages[-1].mail
    return {
        "likeness": likeness,
        "at": case.at,
        "subject": last.subject,
        "mail": (last.visible_text or last.text)[:1500],
        "draft": outcome.outputs["draft"],
        "sent": case.expected.reference,
        "category": outcome.outputs["category"],
    }
