"""What confidences are worth, from decisions: never falling, honest about small numbers."""

import random

import pytest

from tickets.calibration import ISOTONIC, PLATT, Judgement, calibrated, coverage_at
from tickets.certainty import wilson


def decisions(number: int, seed: int = 1) -> list[Judgement]:
    """Confidences of a triage that is right less often than it says."""
    chance = random.Random(seed)
    drawn = [chance.random() for _ in range(number)]
    return [Judgement("billing", confidence, chance.random() < confidence**2) for confidence in drawn]


@pytest.mark.parametrize(
    ("right", "of", "interval"),
    [(0, 0, (0.0, 1.0)), (10, 10, (0.7225, 1.0)), (97, 100, (0.9155, 0.9897)), (0, 20, (0.0, 0.1611))],
)
def test_the_interval_of_a_share_is_wilsons(right: int, of: int, interval: tuple[float, float]) -> None:
    assert wilson(right, of) == pytest.approx(interval, abs=1e-4)


def test_nothing_is_said_before_there_are_decisions() -> None:
    assert calibrated(decisions(PLATT - 1)) is None


@pytest.mark.parametrize("number", [PLATT, ISOTONIC - 1, ISOTONIC, 5_000])
def test_a_higher_confidence_never_counts_for_less(number: int) -> None:
    curve = calibrated(decisions(number))

    assert curve
    levels = [curve(step / 100) for step in range(101)]
    assert levels == sorted(levels)
    assert all(0 <= level <= 1 for level in levels)


@pytest.mark.parametrize("number", [ISOTONIC - 1, 5_000])
def test_the_curve_comes_nearer_to_the_truth_than_the_confidence_itself(number: int) -> None:
    curve = calibrated(decisions(number))

    assert curve
    steps = [step / 20 for step in range(1, 20)]
    off = sum(abs(curve(step) - step**2) for step in steps)
    assert off < sum(abs(step - step**2) for step in steps) / 2


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("number", [PLATT, ISOTONIC])
def test_decisions_that_all_agree_break_nothing(number: int, is_right: bool) -> None:
    curve = calibrated([Judgement("billing", 0.5, is_right)] * number)

    assert curve
    assert (curve(0.5) > 0.5) is is_right


def test_coverage_is_as_much_as_the_target_allows() -> None:
    sure = [Judgement("billing", 0.9, True)] * 30
    unsure = [Judgement("billing", 0.4, False)] * 30

    covered = coverage_at(0.97, [*unsure, *sure])

    assert (covered.threshold, covered.covered, covered.share) == (0.9, 30, 0.5)
    assert covered.interval[0] == pytest.approx(0.8865, abs=1e-3)


def test_a_handful_of_decisions_covers_nothing() -> None:
    assert coverage_at(0.97, [Judgement("billing", 0.9, True)] * 9).threshold is None
