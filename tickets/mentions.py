"""Whom a note names: `@ada` by the local part of the address, `@ada@helios.example`, `@Ada Lind` or `@AdaLind`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tickets.people import Operator, OperatorId

# Not inside a word: the @ of an address that a note quotes calls nobody.
_AT: Final = re.compile(r"(?<![\w.+@-])@(?=\w)")
_HANDLE: Final = re.compile(r"[\w.+-]+(?:@[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Call:
    """Where a text calls somebody, from the `@` to the end of the name, and whom."""

    start: int
    end: int
    people: tuple[Operator, ...]


def calls_in(text: str, people: Sequence[Operator]) -> list[Call]:
    """The calls of a text, in its order. A first name counts when only one operator bears it."""
    found = (_call_at(text, at.start(), people) for at in _AT.finditer(text))
    return [call for call in found if call.people]


def mentioned(text: str, people: Sequence[Operator]) -> frozenset[OperatorId]:
    """The operators whom the text calls."""
    return frozenset(one.id for call in calls_in(text, people) for one in call.people)


def handle_of(operator: Operator, people: Iterable[Operator]) -> str:
    """The shortest word after `@` that calls this operator and nobody else."""
    local = _local(operator)
    is_shared = any(other.id != operator.id and _local(other) == local for other in people)
    return operator.email if is_shared else operator.email.partition("@")[0]


def _call_at(text: str, start: int, people: Sequence[Operator]) -> Call:
    """The longest way of naming somebody wins: `@Ada Lind` is not some other Ada."""
    rest = text[start + 1 :]
    found = _HANDLE.match(rest)
    written = found.group().rstrip(".-+") if found else ""
    handle = written.casefold()
    named = {one.id: (one, length) for one in people if (length := _named(rest, one.name))}
    if addressed := [one for one in people if "@" in handle and one.email.casefold() == handle]:
        return Call(start, start + 1 + len(written), tuple(addressed))
    if named:
        longest = max(length for _, length in named.values())
        return Call(start, start + 1 + longest, tuple(one for one, length in named.values() if length == longest))
    if by_local := [one for one in people if _local(one) == handle]:
        return Call(start, start + 1 + len(written), tuple(by_local))
    first = [one for one in people if one.name and one.name.split()[0].casefold() == handle]
    return Call(start, start + 1 + len(written), tuple(first) if len(first) == 1 else ())


def _named(rest: str, name: str) -> int:
    """How much of the text's beginning is that name, written in its words or in one; 0 for a name of one word."""
    words = [re.escape(word) for word in name.split()]
    whole = r"\s*".join(words) + r"(?!\w)"
    found = re.match(whole, rest, re.IGNORECASE) if len(words) > 1 else None
    return found.end() if found else 0


def _local(operator: Operator) -> str:
    return operator.email.partition("@")[0].casefold()
