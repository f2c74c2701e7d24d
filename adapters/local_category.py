"""What a mail is about: points from the vocabulary, votes from the nearest articles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Final

from adapters.local_reading import Reading
from adapters.local_vocabulary import EVERY, STRONG, STRONG_POINTS, WEAK, WEAK_POINTS
from adapters.local_words import Words
from tickets.categories import OTHER, Categories, CategoryEntry
from tickets.likeness import UNJUDGED, Judged
from tickets.ticket import Article, Category

_SUBJECT_WEIGHT: Final = 1.5  # a subject says what the mail is about
_EARLIER_WEIGHT: Final = 0.4  # of what the customer wrote before
_EXAMPLE_POINTS: Final = 3.0  # for the nearest article; the next ones count 1/2, 1/3, ...
_ENOUGH: Final = 9.0  # points that make a matter clear
_REASONS: Final = 3
_POINTS_A_NAT: Final = 3.0  # so many points of the vocabulary weigh as much as odds of e to 1 among the examples
_HALF_TRUSTED: Final = 60  # examples with which they count for half of what they say
_FLOOR: Final = 1e-3  # an example's "never" is not believed further than that
_LEAST_EXAMPLES: Final = 20  # fewer cannot tell that something is new


@dataclass(frozen=True, slots=True)
class Verdict:
    """The matter, how clear it is (0..1), and what spoke for it."""

    category: str
    clarity: float
    reasons: tuple[str, ...]
    is_new: bool = False  # nothing like it was ever decided, and no word speaks for a matter


def category_of(
    reading: Reading, examples: Sequence[Article], categories: Categories, judged: Judged = UNJUDGED
) -> Verdict:
    """`examples` are the articles nearest to the mail, nearest first; `judged` is what the desk's decisions say."""
    points, found = _points(reading, examples, categories)
    if not judged.examples:
        return _by_points(points, found, examples)
    trust = _trust(judged)
    shares = dict(judged.shares)
    scores = {
        key: worth / _POINTS_A_NAT + trust * log(max(shares.get(key, 0.0), _FLOOR)) for key, worth in points.items()
    }
    plain = _by_points(points, found, examples)
    if judged.examples >= _LEAST_EXAMPLES and not _is_known(judged) and plain.category == OTHER and not found[OTHER]:
        return Verdict(OTHER, 0.0, ("about nothing that was decided here before",), is_new=True)
    if judged.key is None or (max(points.values()) <= 0 and not _is_known(judged)):
        return plain
    category = max(scores, key=lambda each: scores[each])
    likely = exp(scores[category]) / sum(exp(score) for score in scores.values())
    clarity = (1 - trust) * (plain.clarity if plain.category == category else 0.0) + trust * likely
    return Verdict(category, clarity, (*_like(judged, category), *_reasons(category, found[category], examples)))


def _trust(judged: Judged) -> float:
    """How far the examples are believed: further with each one, and at least half when they are clear."""
    by_number = judged.examples / (judged.examples + _HALF_TRUSTED)
    return max(by_number, 0.5) if judged.examples >= _LEAST_EXAMPLES and _is_known(judged) else by_number


def _is_known(judged: Judged) -> bool:
    """Clearly of one category, and not only by what its title says."""
    return judged.is_familiar and judged.nearest is not None


def _like(judged: Judged, category: str) -> tuple[str, ...]:
    return (f"similar to #{judged.nearest}",) if judged.nearest and judged.key == category else ()


def _points(
    reading: Reading, examples: Sequence[Article], categories: Categories
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """What the vocabulary and the articles give each category, and the words behind it."""
    found = {entry.key: _evidence(entry, reading) for entry in categories.active}
    points = {category: sum(words.values()) for category, words in found.items()}
    for place, article in enumerate(examples, start=1):
        # Some article is always the nearest; alone, without a word that speaks for its matter, it proves nothing.
        if found.get(article.category):
            points[article.category] += _EXAMPLE_POINTS / place
    return points, found


def _by_points(
    points: Mapping[str, float], found: Mapping[str, Mapping[str, float]], examples: Sequence[Article]
) -> Verdict:
    best, second = sorted((*points.values(), 0.0), reverse=True)[:2]
    if best <= 0:
        return Verdict(OTHER, 0.0, ("nothing in it matches a known matter",))
    category = max(points, key=lambda each: points[each])
    clarity = (best - second) / best * min(1.0, best / _ENOUGH)
    return Verdict(category, clarity, _reasons(category, found[category], examples))


def names_a_matter(reading: Reading) -> bool:
    """Whether the mail itself says something that nearly decides a category."""
    return any(_hits(reading.body, STRONG[category], reading) for category in Category)


def _evidence(entry: CategoryEntry, reading: Reading) -> dict[str, float]:
    """The words that speak for the category, and for how much; a word counts once, where it weighs most."""
    hints = _hints(entry)
    points: dict[str, float] = {}
    written: dict[str, str] = {}
    for words, weight in ((reading.subject, _SUBJECT_WEIGHT), (reading.body, 1.0), (reading.earlier, _EARLIER_WEIGHT)):
        for tables, worth in ((STRONG.get(entry.key, hints), STRONG_POINTS), (WEAK.get(entry.key, {}), WEAK_POINTS)):
            for hit in _hits(words, tables, reading):
                first = written.setdefault(hit.casefold(), hit)
                points[first] = max(points.get(first, 0.0), weight * worth)
    return points


def _hits(words: Words, tables: Mapping[str, str], reading: Reading) -> tuple[str, ...]:
    languages = (reading.language,) if reading.is_language_certain else tuple(tables)
    wanted = dict.fromkeys((EVERY, *languages))
    return tuple(hit for language in wanted for hit in words.find_all(tables.get(language, "")))


def _hints(entry: CategoryEntry) -> Mapping[str, str]:
    """What the desk itself says of a category for which no words are shipped: its title and description."""
    return {EVERY: re.sub(r"[.;:/()*]|\b(?:and|und|et|y|or|oder|ou|o)\b", ",", f"{entry.title},{entry.description}")}


def _reasons(category: str, found: Mapping[str, float], examples: Sequence[Article]) -> tuple[str, ...]:
    heaviest = sorted(found, key=lambda words: -found[words])[:_REASONS]
    similar = [article.title for article in examples if article.category == category][:1]
    return (*(f"mentions '{words}'" for words in heaviest), *(f"similar to '{title}'" for title in similar))
