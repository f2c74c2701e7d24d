"""Whole numbers as forms bring them: text that anybody may have written."""

from typing import Final

MAX_DIGITS: Final = 9  # what every database column of the desk can hold
NO_VERSION: Final = -1  # never the current one: what it is compared with counts as changed


def whole_number(word: str) -> int | None:
    """The number that the word is, in plain digits; None for anything else."""
    is_number = word.isascii() and word.isdigit() and len(word) <= MAX_DIGITS
    return int(word) if is_number else None


def version_in(word: str | None) -> int:
    """The version that a form was made from; NO_VERSION when it does not say so."""
    number = whole_number(word or "")
    return NO_VERSION if number is None else number
