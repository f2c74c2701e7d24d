"""Whether one run is really better than another: the same rows, drawn again and again (paired bootstrap)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

Row = TypeVar("Row")

DRAWS: Final = 1000
_SEED: Final = 20261128  # the same runs always get the same verdict


@dataclass(frozen=True, slots=True)
class Difference:
    """Now minus before, with the interval that holds 95% of the draws."""

    value: float
    low: float
    high: float
    rows: int

    @property
    def is_rise(self) -> bool:
        """Whether even the lower end is above nothing."""
        return self.low > 0

    @property
    def is_fall(self) -> bool:
        return self.high < 0


def difference(
    now: Sequence[Row], before: Sequence[Row], statistic: Callable[[Sequence[Row]], float], draws: int = DRAWS
) -> Difference:
    """`now[i]` and `before[i]` are of the same case: each draw takes both, so what makes cases hard cancels out."""
    if len(now) != len(before):
        raise ValueError("paired rows come in pairs")
    if not now:
        return Difference(0.0, 0.0, 0.0, 0)
    random, size = Random(_SEED), len(now)  # noqa: S311 - draws, no secrets
    found = []
    for _ in range(draws):
        places = random.choices(range(size), k=size)
        found.append(statistic([now[at] for at in places]) - statistic([before[at] for at in places]))
    found.sort()
    cut = int(draws * 0.025)
    return Difference(statistic(now) - statistic(before), found[cut], found[-1 - cut], size)
