"""A query in the languages of the two indexes: FTS5 and tsquery. Words are letters and digits only, so none escapes."""

from collections.abc import Sequence
from typing import Final

from tickets.search import Phrase, Place

_COLUMN: Final = {Place.SUBJECT: "subject", Place.SENDER: "sender", Place.RECIPIENTS: "recipients"}
_WEIGHT: Final = {Place.ANYWHERE: "", Place.SUBJECT: "A", Place.SENDER: "B", Place.RECIPIENTS: "C"}


def fts5_query(phrases: Sequence[Phrase]) -> str:
    """At least one of the phrases must be wanted."""
    wanted = " AND ".join(_fts5(phrase) for phrase in phrases if not phrase.is_excluded)
    excluded = " OR ".join(_fts5(phrase) for phrase in phrases if phrase.is_excluded)
    return f"({wanted}) NOT ({excluded})" if excluded else wanted


def tsquery(phrases: Sequence[Phrase]) -> str:
    """At least one of the phrases must be wanted."""
    return " & ".join(("!" if phrase.is_excluded else "") + _tsquery(phrase) for phrase in phrases)


def _fts5(phrase: Phrase) -> str:
    words = f'"{" ".join(phrase.words)}"' + ("*" if phrase.is_prefix else "")
    column = _COLUMN.get(phrase.place)
    return f"({column} : {words})" if column else words


def _tsquery(phrase: Phrase) -> str:
    weight = _WEIGHT[phrase.place]
    last = len(phrase.words) - 1
    words = []
    for place, word in enumerate(phrase.words):
        marks = ("*" if phrase.is_prefix and place == last else "") + weight
        words.append(f"'{word}'" + (f":{marks}" if marks else ""))
    return f"({' <-> '.join(words)})"
