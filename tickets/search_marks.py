"""Where the words of a query stand in a text: the piece of it to show, and what to mark in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tickets.folding import composed, written_words
from tickets.search import Phrase, Place, Query

SNIPPET_LENGTH: Final = 220
_LEAD: Final = 60  # characters before the first mark, so that it is read in its sentence


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of text, marked or not."""

    text: str
    is_marked: bool = False


def marked(text: str, query: Query, *places: Place, length: int | None = None) -> tuple[Part, ...]:
    """The text on one line, cut around the first words that were looked for in one of these places."""
    line = " ".join(composed(text).split())
    phrases = [phrase for phrase in query.wanted if phrase.place in (Place.ANYWHERE, *places)]
    marks = _marks(line, phrases)
    begin, end = _window(line, marks, length)
    parts: list[Part] = [Part("… ")] if begin else []
    here = begin
    for first, last in marks:
        if first >= begin and last <= end:
            parts += [Part(line[here:first]), Part(line[first:last], is_marked=True)]
            here = last
    parts.append(Part(line[here:end] + (" …" if end < len(line) else "")))
    return tuple(part for part in parts if part.text)


def _marks(line: str, phrases: Sequence[Phrase]) -> list[tuple[int, int]]:
    """The places of all words that belong to a phrase, in order, none inside another."""
    words = list(written_words(line))
    found: set[tuple[int, int]] = set()
    for phrase in phrases:
        size = len(phrase.words)
        for start in range(len(words) - size + 1):
            if _stands_here([word for _, _, word in words[start : start + size]], phrase):
                found.update((begin, end) for begin, end, _ in words[start : start + size])
    return sorted(found)


def _stands_here(words: Sequence[str], phrase: Phrase) -> bool:
    *before, last = phrase.words
    if list(words[:-1]) != before:
        return False
    return words[-1].startswith(last) if phrase.is_prefix else words[-1] == last


def _window(line: str, marks: Sequence[tuple[int, int]], length: int | None) -> tuple[int, int]:
    if length is None or len(line) <= length:
        return 0, len(line)
    first = marks[0][0] if marks else 0
    begin = 0 if first <= _LEAD else _word_start(line, first - _LEAD)
    end = begin + length
    if end >= len(line):
        return begin, len(line)
    space = line.rfind(" ", begin + length // 2, end + 1)
    return begin, space if space > 0 else end


def _word_start(line: str, at: int) -> int:
    space = line.find(" ", at, at + _LEAD // 2)
    return space + 1 if space >= 0 else at
