"""Ticket numbers in few characters, as an address bears them: `3,7-9`."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from tickets.bulk import MAX_TICKETS
from tickets.errors import BadInput

_MAX_NUMBER = 2**31 - 1


def ranges_of(numbers: Iterable[int]) -> str:
    runs = groupby(enumerate(sorted(set(numbers))), key=lambda placed: placed[1] - placed[0])
    return ",".join(_run([number for _, number in run]) for _, run in runs)


def _run(numbers: list[int]) -> str:
    return str(numbers[0]) if len(numbers) == 1 else f"{numbers[0]}-{numbers[-1]}"


def numbers_in(text: str) -> list[int]:
    """Raises BadInput for what is no list of numbers, or a list that is longer than one step may take."""
    numbers: list[int] = []
    for part in filter(None, text.split(",")):
        first, last = _ends(part)
        if last - first + len(numbers) >= MAX_TICKETS:
            raise _unreadable()
        numbers.extend(range(first, last + 1))
    return numbers


def _ends(part: str) -> Iterator[int]:
    first, dash, last = part.partition("-")
    ends = (first, last if dash else first)
    if not all(end.isascii() and end.isdigit() and len(end) <= 10 and int(end) <= _MAX_NUMBER for end in ends):
        raise _unreadable()
    return map(int, ends)


def _unreadable() -> BadInput:
    return BadInput("The chosen tickets cannot be read. Reload the board and choose them again.")
