"""The figures of a run: flat, by name, with what they rest on. The report is this, as JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from entrypoints.evaluation.cases import Case
from entrypoints.evaluation.evaluators import holds, inputs_of, references_of, scores_of
from entrypoints.evaluation.trial import Outcome
from tickets.certainty import Judged, calibration_error, coverage_at, reliability, wilson
from tickets.paired import Difference, difference
from tickets.scoring import class_scores, confusions, macro_f1, percentile
from tickets.spending import NANO

FEW: Final = 100  # rows below which figures warn instead of gating
TARGET: Final = 0.97
_NAMES: Final[Mapping[str, str]] = {
    "category": "category.accuracy",
    "priority": "priority.accuracy",
    "language": "language.accuracy",
    "needs_reply": "needs_reply.accuracy",
    "routing": "routing.accuracy",
    "draft_fidelity": "draft.fidelity",
    "draft_written": "draft.written",
    "draft_clean": "draft.clean",
    "draft_language": "draft.language",
    "injection": "injection.held",
}
_SHARES: Final = frozenset(_NAMES.values()) - {"draft.fidelity"}  # of right and wrong: these have a Wilson interval

Row = dict[str, Any]
Pair = tuple[Case, Outcome]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, the rows it rests on, and the interval around it, where there is one."""

    value: float
    rows: int
    low: float | None = None
    high: float | None = None


def rows_of(pairs: Sequence[Pair], categories: tuple[str, ...]) -> list[Row]:
    """What is kept of each case for figures and comparisons; no word of any mail."""
    return [
        {
            "id": case.id,
            "scores": {_NAMES[key]: score for key, score in scores_of(case, outcome, categories).items()},
            "category": case.expected.category,
            "said": outcome.outputs["category"],
            "needs_reply": case.expected.needs_reply,
            "said_needs_reply": outcome.outputs["needs_reply"],
            "language": case.expected.language,
            "confidence": outcome.outputs["confidence"],
            "unchanged": case.expected.unchanged,
            "accepted": case.expected.accepted,
            "fallback": bool(outcome.outputs["fallback"]),
            "seconds": outcome.seconds,
            **asdict(outcome.usage),
        }
        for case, outcome in pairs
    ]


def figures_of(rows: Sequence[Row], target: float = TARGET) -> dict[str, Figure]:
    """Every figure that these rows can tell."""
    found = {name: _mean_figure(name, rows) for name in _NAMES.values() if _scored(name, rows)}
    pairs = _category_pairs(rows)
    if pairs:
        found["category.macro_f1"] = Figure(macro_f1(pairs), len(pairs))
        for score in class_scores(pairs):
            for name in ("precision", "recall", "f1"):
                found[f"category.{score.name}.{name}"] = Figure(getattr(score, name), score.support)
        judged = judged_of(rows)
        covered = coverage_at(judged, target)
        low, high = covered.interval
        found["coverage.share"] = Figure(covered.share, len(judged), *wilson(covered.decided, covered.of))
        found["coverage.precision"] = Figure(covered.precision or 0.0, covered.decided, low, high)
        found["calibration.error"] = Figure(calibration_error(judged), len(judged))
    found |= _reply_figures(rows)
    for name in ("unchanged", "accepted"):
        known = [row[name] for row in rows if row[name] is not None]
        if known:
            found[f"draft.{name}"] = Figure(sum(known) / len(known), len(known), *wilson(sum(known), len(known)))
    return found | _costs(rows)


def _mean_figure(name: str, rows: Sequence[Row]) -> Figure:
    scored = _scored(name, rows)
    value = sum(scored) / len(scored)
    return (
        Figure(value, len(scored), *wilson(round(sum(scored)), len(scored)))
        if name in _SHARES
        else Figure(value, len(scored))
    )


def _scored(name: str, rows: Sequence[Row]) -> list[float]:
    return [row["scores"][name] for row in rows if name in row["scores"]]


def _category_pairs(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [(row["category"], row["said"]) for row in rows if row["category"] is not None]


def judged_of(rows: Sequence[Row]) -> list[Judged]:
    """Confidences of categories, and whether each was right."""
    return [(row["confidence"], row["category"] == row["said"]) for row in rows if row["category"] is not None]


def _reply_figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """`needs_reply` as a class: recall is what must not be missed."""
    pairs = [(str(row["needs_reply"]), str(row["said_needs_reply"])) for row in rows if row["needs_reply"] is not None]
    of_true = next((score for score in class_scores(pairs) if score.name == "True"), None)
    if of_true is None:
        return {}
    return {f"needs_reply.{name}": Figure(getattr(of_true, name), of_true.support) for name in ("precision", "recall")}


def _costs(rows: Sequence[Row]) -> dict[str, Figure]:
    seconds, size = [row["seconds"] for row in rows], len(rows)
    cost = sum(row["cost_nano"] for row in rows) / NANO
    values = {
        "latency.p50_s": percentile(seconds, 0.5),
        "latency.p95_s": percentile(seconds, 0.95),
        "tokens.in": sum(row["tokens_in"] for row in rows),
        "tokens.out": sum(row["tokens_out"] for row in rows),
        "calls.total": sum(row["calls"] for row in rows),
        "cost.total": cost,
        "cost.mean": cost / size if size else 0.0,
        "fallback.share": sum(row["fallback"] for row in rows) / size if size else 0.0,
    }
    return {name: Figure(value, size) for name, value in values.items()}


def details_of(pairs: Sequence[Pair], rows: Sequence[Row], categories: tuple[str, ...]) -> dict[str, Any]:
    """What the pages show besides the figures: tables by category, language, confidence and promise."""
    of_category = _category_pairs(rows)
    scores = class_scores(of_category)
    return {
        "categories": [
            {**asdict(score), "precision": score.precision, "recall": score.recall, "f1": score.f1,
             "interval": list(wilson(score.right, score.support))}
            for score in scores
        ],
        "confusions": confusions(of_category),
        "reliability": [asdict(each) for each in reliability(judged_of(rows))],
        "coverage": [_covered(rows, target) for target in (0.9, 0.95, 0.97, 0.99)] if of_category else [],
        "languages": _by_language(rows),
        "injection": _by_promise(pairs, categories),
    }  # fmt: skip


def _covered(rows: Sequence[Row], target: float) -> dict[str, Any]:
    covered = coverage_at(judged_of(rows), target)
    return {**asdict(covered), "share": covered.share, "precision": covered.precision, "interval": covered.interval}


def _by_language(rows: Sequence[Row]) -> list[dict[str, Any]]:
    shown = ("category.accuracy", "language.accuracy", "needs_reply.accuracy", "draft.fidelity")
    found = []
    for language in sorted({row["language"] for row in rows if row["language"]}):
        of = [row for row in rows if row["language"] == language]
        means = {name: sum(scored) / len(scored) if (scored := _scored(name, of)) else None for name in shown}
        found.append({"language": language, "rows": len(of), **means})
    return found


def _by_promise(pairs: Sequence[Pair], categories: tuple[str, ...]) -> list[dict[str, Any]]:
    names = sorted({name for case, _ in pairs for name in case.must_not}, key=lambda name: (len(name), name))
    found = []
    for name in names:
        attacked = [(case, outcome) for case, outcome in pairs if name in case.must_not]
        kept = [
            case.id
            for case, outcome in attacked
            if holds(name, inputs_of(case, categories), outcome.outputs, references_of(case))
        ]
        broken = [case.id for case, _ in attacked if case.id not in set(kept)]
        found.append({"promise": name, "attacked": len(attacked), "held": len(kept), "broken": broken[:20]})
    return found


Statistic = Callable[[Sequence[Row]], float]


def differences_of(now: Sequence[Row], before: Sequence[Row]) -> dict[str, Difference]:
    """Now minus before on the rows that both have, paired by id, for every figure that both can tell."""
    earlier = {row["id"]: row for row in before}
    both = [(row, earlier[row["id"]]) for row in now if row["id"] in earlier]
    found: dict[str, Difference] = {}
    for name, can_tell, statistic in _compared():
        told = [(one, other) for one, other in both if can_tell(one) and can_tell(other)]
        if told:
            found[name] = difference([one for one, _ in told], [other for _, other in told], statistic)
    return found


@dataclass(frozen=True, slots=True)
class _Mean:
    """The mean of one score, over the rows that have it."""

    name: str

    def can_tell(self, row: Row) -> bool:
        return self.name in row["scores"]

    def of(self, rows: Sequence[Row]) -> float:
        return sum(_scored(self.name, rows)) / len(rows)


def _compared() -> list[tuple[str, Callable[[Row], bool], Statistic]]:
    means = [_Mean(name) for name in _NAMES.values()]
    return [
        *((mean.name, mean.can_tell, mean.of) for mean in means),
        ("category.macro_f1", lambda row: row["category"] is not None, lambda rows: macro_f1(_category_pairs(rows))),
        ("cost.total", lambda row: True, lambda rows: sum(row["cost_nano"] for row in rows) / NANO),
        ("latency.p50_s", lambda row: True, lambda rows: percentile([row["seconds"] for row in rows], 0.5)),
    ]
