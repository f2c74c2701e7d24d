"""Sentences that are declared here and said elsewhere, in the reader's language."""

from collections.abc import Iterable
from typing import Any


def N_(text: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a string for the catalogs (gettext's "noop"). Whoever shows it looks up the translation."""
    return text


class Sentence(str):
    """English text that remembers what it was made of, so that a page can say it in another language.

    Errors are raised with one where their text has places: `Conflict(Sentence("Ticket #%(n)s is closed.", n=7))`.
    """

    __slots__ = ("places", "template")

    template: str
    places: dict[str, Any]

    def __new__(cls, template: str, **places: Any) -> "Sentence":
        made = super().__new__(cls, template % places)
        made.template, made.places = template, places
        return made


class Sentences(str):
    """Several texts as one, each with its own translation; `between` is translated, too."""

    __slots__ = ("between", "parts")

    parts: tuple[str, ...]
    between: str

    def __new__(cls, parts: Iterable[str], between: str = " ") -> "Sentences":
        known = tuple(parts)
        made = super().__new__(cls, between.join(known))
        made.parts, made.between = known, between
        return made
