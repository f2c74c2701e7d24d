"""What a confidence is worth at this desk: learned from what its operators decided, never read from a model.

With fewer than PLATT decisions nothing can be said; up to ISOTONIC a logistic curve is fitted (Platt), from then on the
best rising steps (isotonic regression, by pooling neighbours that are out of order).
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

from tickets.certainty import wilson

PLATT: Final = 20
ISOTONIC: Final = 200
LEAST_COVERED: Final = 10  # decisions above a threshold, below which its precision says nothing
_ROUNDS: Final = 100
_NEARLY: Final = 1e-6

Curve = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What triage proposed once, how sure it was, and whether the operator's decision agreed."""

    category: str
    confidence: float
    is_right: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much could be sorted without asking: of `decisions`, `covered` lie at or above `threshold`, `right` of them.

    `threshold` is None when no threshold reaches the target.
    """

    decisions: int
    threshold: float | None = None
    covered: int = 0
    right: int = 0

    @property
    def share(self) -> float:
        return self.covered / self.decisions if self.decisions else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Of the precision among those covered."""
        return wilson(self.right, self.covered)


def calibrated(judgements: Sequence[Judgement]) -> Curve | None:
    """From a confidence to how often it was right; None while there are too few decisions to tell."""
    if len(judgements) < PLATT:
        return None
    return _isotonic(judgements) if len(judgements) >= ISOTONIC else _platt(judgements)


def coverage_at(target: float, judgements: Sequence[Judgement]) -> Coverage:
    """The lowest threshold above which the decisions agreed at least that often."""
    best = Coverage(len(judgements))
    right = 0
    falling = sorted(judgements, key=lambda each: -each.confidence)
    for covered, judgement in enumerate(falling, start=1):
        right += judgement.is_right
        is_last = covered == len(falling) or falling[covered].confidence < judgement.confidence
        if is_last and covered >= LEAST_COVERED and right / covered >= target:
            best = Coverage(len(falling), judgement.confidence, covered, right)
    return best


def _platt(judgements: Sequence[Judgement]) -> Curve:
    """A logistic curve by Newton's steps, over targets that are kept away from 0 and 1."""
    positive = sum(each.is_right for each in judgements)
    negative = len(judgements) - positive
    yes, no = (positive + 1) / (positive + 2), 1 / (negative + 2)
    points = [(each.confidence, yes if each.is_right else no) for each in judgements]
    slope, offset = 0.0, log((positive + 1) / (negative + 1))
    for _ in range(_ROUNDS):
        slopes = offsets = 0.0
        ss, so, oo = _NEARLY, 0.0, _NEARLY
        for confidence, wanted in points:
            likely = _logistic(slope * confidence + offset)
            weight, error = likely * (1 - likely), wanted - likely
            slopes, offsets = slopes + error * confidence, offsets + error
            ss, so, oo = ss + weight * confidence * confidence, so + weight * confidence, oo + weight
        whole = ss * oo - so * so
        if abs(whole) < 1e-12:
            break
        step_slope, step_offset = (oo * slopes - so * offsets) / whole, (ss * offsets - so * slopes) / whole
        slope, offset = slope + step_slope, offset + step_offset
        if abs(step_slope) + abs(step_offset) < _NEARLY:
            break
    rising = max(slope, 0.0)  # a higher confidence never counts for less
    level = offset if rising == slope else log(max(positive, 1) / max(negative, 1))
    return lambda confidence: _logistic(rising * confidence + level)


def _isotonic(judgements: Sequence[Judgement]) -> Curve:
    """Rising steps: neighbours that are out of order are pooled until none is."""
    pools: list[tuple[float, int, int]] = []  # (from which confidence on, right, of)
    for each in sorted(judgements, key=lambda one: one.confidence):
        pools.append((each.confidence, int(each.is_right), 1))
        while len(pools) > 1 and _must_join(*pools[-2:]):
            _, right, of = pools.pop()
            start, right_before, of_before = pools.pop()
            pools.append((start, right_before + right, of_before + of))
    starts = [start for start, _, _ in pools]
    levels = [right / of for _, right, of in pools]
    return lambda confidence: levels[max(0, bisect_right(starts, confidence) - 1)]


def _must_join(before: tuple[float, int, int], after: tuple[float, int, int]) -> bool:
    """They are out of order, or of the same confidence."""
    return before[1] * after[2] >= after[1] * before[2] or before[0] == after[0]


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value)) if value >= 0 else 1 - 1 / (1 + exp(value))
