"""What a mail is about: points from the vocabulary, votes from the nearest articles."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.local_reading import Reading
from adapters.local_vocabulary import EVERY, STRONG, STRONG_POINTS, WEAK, WEAK_POINTS
from adapters.local_words import Words
from tickets.categories import OTHER, Categories, CategoryEntry
from tickets.ticket import Article, Category

_SUBJECT_WEIGHT: Final = 1.5  # a subject says what the mail is about
_EARLIER_WEIGHT: Final = 0.4  # of what the customer wrote before
_EXAMPLE_POINTS: Final = 3.0  # for the nearest article; the next ones count 1/2, 1/3, ...
_ENOUGH: Final = 9.0  # points that make a matter clear
_REASONS: Final = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """The matter, how clear it is (0..1), and what spoke for it."""

    category: str
    clarity: float
    reasons: tuple[str, ...]


def category_of(reading: Reading, examples: Sequence[Article], categories: Categories) -> Verdict:
    """`examples` are the articles nearest to the mail, nearest first."""
    found = {entry.key: _evidence(entry, reading) for entry in categories.active}
    points = {category: sum(words.values()) for category, words in found.items()}
    for place, article in enumerate(examples, start=1):
        # Some article is always the nearest; alone, without a word that speaks for its matter, it proves nothing.
        if found.get(article.category):
            points[article.category] += _EXAMPLE_POINTS / place
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
