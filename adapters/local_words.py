"""A text as folded words, and the terms that look for them: the only text matching of the local model.

A term is one or more words in any case and with any accents. A star stands for "and whatever the word goes on with":
`invoice` is the whole word, `invoic*` a beginning, `*rechnung*` any part (German likes compounds).
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache, cached_property
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")


def word_set(table: str) -> frozenset[str]:
    """The words of a table that is written as one line of prose."""
    return frozenset(table.split())


_NEGATIONS: Final = word_set(
    "no not never without isn t doesn don wasn kein keine keinen nicht nie ohne pas aucun aucune sans jamais sin nunca"
    " ningun ninguna non senza nessun nessuna mai niet geen zonder nooit"
)
_REACH: Final = 3  # a negation counts this many words before the term


@cache
def terms(table: str) -> tuple[str, ...]:
    """The terms of a comma-separated table, folded, with blanks where a word must begin or end."""
    return tuple(_pattern(term) for term in table.split(",") if term.strip())


def _pattern(term: str) -> str:
    written = term.strip()
    core = " ".join(folded_words(written))
    return f"{'' if written.startswith('*') else ' '}{core}{'' if written.endswith('*') else ' '}"


def fold(text: str) -> str:
    """Lower case without accents (`Ä` is `a`, `ß` is `ss`)."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def folded_words(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    return _WORD.findall(fold(text))


class Words:
    """The words of one text, ready to be asked for many terms."""

    def __init__(self, text: str) -> None:
        self._original = _WORD.findall(unicodedata.normalize("NFC", text))
        self._folded = ["".join(_WORD.findall(fold(word))) for word in self._original]

    def __len__(self) -> int:
        return len(self._folded)

    @cached_property
    def _line(self) -> str:
        return f" {' '.join(self._folded)} "

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 1
        for word in self._folded:
            starts.append(at)
            at += len(word) + 1
        return starts

    def find(self, term: str) -> str | None:
        """The words as their author wrote them, or None; `term` comes from `terms`."""
        at = self._line.find(term)
        return None if at < 0 else self._as_written(at, term)

    def find_all(self, table: str) -> tuple[str, ...]:
        """What each term of the table found, in the table's order, without repeats."""
        found = (self.find(term) for term in terms(table))
        return tuple(dict.fromkeys(words for words in found if words))

    def find_stated(self, table: str) -> tuple[str, ...]:
        """As `find_all`, leaving out what the text denies ("no smoke", "nicht dringend")."""
        found = (self._find_stated(term) for term in terms(table))
        return tuple(dict.fromkeys(words for words in found if words))

    def _find_stated(self, term: str) -> str | None:
        at = self._line.find(term)
        while at >= 0:
            if not self._is_denied(at, term):
                return self._as_written(at, term)
            at = self._line.find(term, at + len(term))
        return None

    def _is_denied(self, at: int, term: str) -> bool:
        first = self._index(at, term)
        return not _NEGATIONS.isdisjoint(self._folded[max(0, first - _REACH) : first])

    def _index(self, at: int, term: str) -> int:
        return bisect_right(self._starts, at + (1 if term.startswith(" ") else 0)) - 1

    def _as_written(self, at: int, term: str) -> str:
        return " ".join(self._original[self._index(at, term) :][: len(term.split())])
