"""How often a judgement was right: precision, recall and F1 of every class, over pairs of what is true and was said."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Pair = tuple[str, str]
"""What is true, and what was said."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class. `support` is how often it is true; a share of nothing is 0."""

    name: str
    support: int
    said: int
    right: int

    @property
    def precision(self) -> float:
        return self.right / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.support if self.support else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.said + self.support) if self.said + self.support else 0.0


def class_scores(pairs: Iterable[Pair]) -> tuple[ClassScore, ...]:
    """Every class that is true or was said anywhere, by its name."""
    listed = list(pairs)
    support, said = Counter(true for true, _ in listed), Counter(stated for _, stated in listed)
    right = Counter(true for true, stated in listed if true == stated)
    return tuple(ClassScore(name, support[name], said[name], right[name]) for name in sorted({*support, *said}))


def macro_f1(pairs: Iterable[Pair]) -> float:
    """The mean F1 of the classes that occur; 0 for no pairs."""
    scores = [score.f1 for score in class_scores(pairs) if score.support]
    return sum(scores) / len(scores) if scores else 0.0


def confusions(pairs: Iterable[Pair]) -> Mapping[str, Mapping[str, int]]:
    """What was said for each class that is true."""
    counted = Counter(pairs)
    names = sorted({true for true, _ in counted})
    return {
        name: {stated: count for (true, stated), count in sorted(counted.items()) if true == name} for name in names
    }


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed; 0 for no values."""
    ordered = sorted(values)
    if not ordered:
        return 0.0
    place = max(0, min(len(ordered) - 1, -int(-share * len(ordered) // 1) - 1))
    return ordered[place]
