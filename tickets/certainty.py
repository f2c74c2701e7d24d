"""What a confidence is worth: how far a share may be off, how much is decided at a wanted precision, calibration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

Z95: Final = 1.959963984540054
BINS: Final = 10

Judged = tuple[float, bool]
"""A confidence (0..1), and whether the judgement was right."""


def wilson(right: int, of: int, z: float = Z95) -> tuple[float, float]:
    """The interval in which the true share lies (95% unless told); honest for few cases, (0, 1) for none."""
    if of <= 0:
        return 0.0, 1.0
    share = right / of
    middle = share + z * z / (2 * of)
    spread = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    scale = 1 + z * z / of
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Above `threshold`, `decided` of `of` cases are decided, `right` of them rightly. None decided: threshold None."""

    target: float
    threshold: float | None
    decided: int
    right: int
    of: int

    @property
    def share(self) -> float:
        return self.decided / self.of if self.of else 0.0

    @property
    def precision(self) -> float | None:
        return self.right / self.decided if self.decided else None

    @property
    def interval(self) -> tuple[float, float]:
        """Of the precision."""
        return wilson(self.right, self.decided)


def coverage_at(judged: Sequence[Judged], target: float) -> Coverage:
    """The lowest threshold above which the precision reaches the target on these cases."""
    best = Coverage(target, None, 0, 0, len(judged))
    right = 0
    ordered = sorted(judged, key=lambda each: -each[0])
    for decided, (confidence, is_right) in enumerate(ordered, 1):
        right += is_right
        is_last_of_its_kind = decided == len(ordered) or ordered[decided][0] < confidence
        if is_last_of_its_kind and right / decided >= target:
            best = Coverage(target, confidence, decided, right, len(judged))
    return best


@dataclass(frozen=True, slots=True)
class Bin:
    """The cases whose confidence lies between two values: what they claimed on average, and how many were right."""

    low: float
    high: float
    cases: int
    claimed: float
    right: float


def reliability(judged: Sequence[Judged], bins: int = BINS) -> tuple[Bin, ...]:
    """Bins of equal width, without the empty ones."""
    found: dict[int, list[Judged]] = {}
    for confidence, is_right in judged:
        found.setdefault(min(bins - 1, int(confidence * bins)), []).append((confidence, is_right))
    return tuple(
        Bin(
            low=place / bins,
            high=(place + 1) / bins,
            cases=len(cases),
            claimed=sum(confidence for confidence, _ in cases) / len(cases),
            right=sum(is_right for _, is_right in cases) / len(cases),
        )
        for place, cases in sorted(found.items())
    )


def calibration_error(judged: Sequence[Judged], bins: int = BINS) -> float:
    """How far confidences are from how often they were right, on average over the cases; 0 for none."""
    return sum(abs(each.claimed - each.right) * each.cases for each in reliability(judged, bins)) / max(1, len(judged))
