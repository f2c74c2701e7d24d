"""What a text is about, judged by how texts were sorted before: one profile a category, in step with its examples.

A text is taken apart into its words, pairs of neighbouring words and threes of letters, so that no language needs a
dictionary. A profile adds up the features of its category's examples, each example counting alike whatever its length.
A text goes to the category under which its features are likeliest (a smoothed multinomial) and whose profile points in
the same direction (a cosine); rare features weigh more. Learning and forgetting an example costs what the example is
long, never what the desk has learned before, and the two undo each other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise
from math import exp, log, sqrt
from typing import Final

from tickets.folding import words_of

READ: Final = 1_500  # characters of a text: what a mail is about, it says near its beginning
FAMILIAR: Final = 0.8  # share below which a text is none of the categories'; chosen on held-out texts

_PAIR_WEIGHT: Final = 0.5
_SMOOTHING: Final = 0.05
_DIRECTION: Final = 8.0  # what the cosine counts for beside the likelihood
_MOST_FEATURES: Final = 400  # of a long text only the most telling ones are asked for
_RARE_WORDS: Final = 8  # by which the nearest example is looked for
_CANDIDATES: Final = 300

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """How the examples share a text among the categories, likeliest first; shares sum to 1.

    `nearest` is the number of the most similar example of the first one, None when none has a telling word in common.
    """

    shares: tuple[tuple[str, float], ...] = ()
    nearest: int | None = None
    examples: int = 0  # how many there were to judge by

    @property
    def key(self) -> str | None:
        return self.shares[0][0] if self.shares else None

    @property
    def share(self) -> float:
        return self.shares[0][1] if self.shares else 0.0

    @property
    def is_familiar(self) -> bool:
        """Whether the text is clearly one of the categories'; else it may well be about something new."""
        return self.share >= FAMILIAR

    def among(self, keys: Iterable[str]) -> "Judged":
        """The same with these keys alone."""
        left = {key: share for key, share in self.shares if key in set(keys)}
        whole = sum(left.values())
        if not whole:
            return Judged(examples=self.examples)
        nearest = self.nearest if self.key in left else None
        return Judged(tuple((key, share / whole) for key, share in left.items()), nearest, self.examples)


UNJUDGED: Final = Judged()


def features_of(text: str) -> Features:
    """The text's features, each with its weight, as a vector of length 1; empty for a text without words."""
    words = words_of(text[:READ])
    found = {f"w {word}": 1.0 for word in words}
    found.update((f"p {one} {two}", _PAIR_WEIGHT) for one, two in pairwise(words))
    found.update((three, 1.0) for word in set(words) for three in _threes(f"<{word}>"))
    length = sqrt(sum(weight * weight for weight in found.values()))
    return {feature: weight / length for feature, weight in found.items()}


def _threes(word: str) -> Iterable[str]:
    return (word[at : at + 3] for at in range(len(word) - 2))


class Likeness:
    """Everything learned so far. Examples bear numbers; hints (a category's title and description) do not."""

    def __init__(self) -> None:
        self._profiles: dict[str, dict[str, float]] = {}  # feature -> category -> weight
        self._spread: Counter[str] = Counter()  # in how many texts a feature stands
        self._texts: Counter[str] = Counter()  # category -> how many
        self._mass: defaultdict[str, float] = defaultdict(float)
        self._square: defaultdict[str, float] = defaultdict(float)
        self._examples: dict[int, tuple[str, str]] = {}
        self._hints: Mapping[str, str] = {}
        self._holders: defaultdict[str, set[int]] = defaultdict(set)  # word -> numbers of examples

    def __len__(self) -> int:
        return len(self._examples)

    @property
    def hints(self) -> Mapping[str, str]:
        """What is hinted of each category now."""
        return self._hints

    def hint(self, hints: Mapping[str, str]) -> None:
        """What the desk itself says of its categories, in place of what it said before: examples of nobody's mail."""
        for key, text in self._hints.items():
            self._add(key, features_of(text), -1)
        for key, text in hints.items():
            self._add(key, features_of(text), 1)
        self._hints = dict(hints)

    def learn(self, number: int, key: str, text: str) -> None:
        """One more example; the same number again replaces what it said before."""
        self.forget(number)
        self._examples[number] = (key, text[:READ])
        found = features_of(text)
        self._add(key, found, 1)
        for feature in found:
            if feature.startswith("w "):
                self._holders[feature].add(number)

    def forget(self, number: int) -> None:
        """As if it had never been learned; unknown numbers are fine."""
        if (example := self._examples.pop(number, None)) is None:
            return
        key, text = example
        found = features_of(text)
        self._add(key, found, -1)
        for feature in found:
            if feature.startswith("w "):
                self._holders[feature].discard(number)
                if not self._holders[feature]:
                    del self._holders[feature]

    def judge(self, text: str) -> Judged:
        """What the text is about; nothing is known of a text that shares no feature with any example."""
        asked = self._weighed(features_of(text))
        scores = self._scores(asked)
        if not scores:
            return Judged()
        best = max(scores.values())
        odds = {key: exp(score - best) for key, score in scores.items()}
        whole = sum(odds.values())
        shares = sorted(((key, each / whole) for key, each in odds.items()), key=lambda pair: (-pair[1], pair[0]))
        return Judged(tuple(shares), self._nearest(asked, shares[0][0]), len(self))

    def _add(self, key: str, found: Features, sign: int) -> None:
        for feature, weight in found.items():
            profile = self._profiles.setdefault(feature, {})
            before = profile.get(key, 0.0)
            after = before + sign * weight
            self._square[key] += after * after - before * before
            self._spread[feature] += sign
            profile[key] = after
            if after < 1e-9:
                del profile[key]
            if not self._spread[feature]:
                del self._spread[feature], self._profiles[feature]
        self._mass[key] += sign * sum(found.values())
        self._texts[key] += sign
        if not self._texts[key]:
            del self._texts[key], self._mass[key], self._square[key]

    def _weighed(self, found: Features) -> Features:
        """The known features, rare ones heavier, as a vector of length 1."""
        texts = self._texts.total()
        known = {
            feature: weight * log(1 + texts / self._spread[feature])
            for feature, weight in found.items()
            if feature in self._spread
        }
        if len(known) > _MOST_FEATURES:
            known = dict(nlargest(_MOST_FEATURES, known.items(), key=lambda pair: pair[1]))
        length = sqrt(sum(weight * weight for weight in known.values()))
        return {feature: weight / length for feature, weight in known.items()} if length else {}

    def _scores(self, asked: Features) -> dict[str, float]:
        if not asked:
            return {}
        likely: defaultdict[str, float] = defaultdict(float)
        along: defaultdict[str, float] = defaultdict(float)
        for feature, weight in asked.items():
            for key, there in self._profiles[feature].items():
                likely[key] += weight * log(1 + there / _SMOOTHING)
                along[key] += weight * there
        whole, vocabulary = sum(asked.values()), len(self._spread)
        return {
            key: likely[key]
            - whole * log(self._mass[key] + _SMOOTHING * vocabulary)
            + _DIRECTION * along[key] / sqrt(max(self._square[key], 1e-9))
            for key in self._texts
        }

    def _nearest(self, asked: Features, key: str) -> int | None:
        """By the words they share, among the examples that hold one of the text's rarest words."""
        words = [feature for feature in asked if feature in self._holders]
        rare = sorted(words, key=lambda feature: len(self._holders[feature]))[:_RARE_WORDS]
        counted: Counter[int] = Counter()
        for feature in rare:
            for number in self._holders[feature]:
                if self._examples[number][0] == key:
                    counted[number] += 1
                if len(counted) >= _CANDIDATES:
                    break
        shared = {
            number: sum(asked[word] for word in words if number in self._holders[word])
            / sqrt(len(self._examples[number][1]) + 40)
            for number, _ in counted.most_common(40)
        }
        return max(shared, key=lambda number: (shared[number], number), default=None)
