"""What changed between two texts, word by word, for people to read and for the record to count.

Words that stand once in both texts anchor the comparison (patience diff); what lies between two anchors is compared in
full (Myers) as long as a fixed budget of steps lasts, and counts as replaced afterwards. So the time is bounded,
whatever the texts are.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

MAX_STEPS: Final = 150_000

_TOKEN: Final = re.compile(r"\w+|\n+|[^\S\n]+|[^\w\s]")


class Kind(StrEnum):
    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is in both (`kept`), in the older only (`removed`) or in the newer only (`added`)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """How much a text differs from an older one, in words: what the record keeps of a diff."""

    words: int
    removed: int
    added: int

    @property
    def is_none(self) -> bool:
        return not (self.removed or self.added)


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The kept and removed pieces are, joined, the older text; the kept and added ones the newer."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    return tuple(_joined(_smoothed(_compared(old, new))))


def change(before: str, after: str) -> Change:
    """`words` are those of the newer text. Space is no word; a changed sign of punctuation is one."""
    if before == after:
        return Change(_words(after), 0, 0)
    pieces = word_diff(before, after)
    removed, added = (
        sum(_words(piece.text) for piece in pieces if piece.kind is kind) for kind in (Kind.REMOVED, Kind.ADDED)
    )
    return Change(_words(after), removed, added)


def _words(text: str) -> int:
    return sum(not token.isspace() for token in _TOKEN.findall(text))


Token = tuple[Kind, str]


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Token]:
    """Every token once, in order; removed before added."""
    budget = _Budget(MAX_STEPS)
    todo: list[tuple[int, int, int, int]] = [(0, len(old), 0, len(new))]  # a stack of blocks, the next one last
    while todo:
        low, high, start, end = todo.pop()
        if low < high and start < end and old[low] == new[start]:
            yield Kind.KEPT, old[low]
            todo.append((low + 1, high, start + 1, end))
        elif tail := _common_tail(old, new, (low, high, start, end)):
            todo.append((high - tail, high, end - tail, end))
            todo.append((low, high - tail, start, end - tail))
        elif anchors := _anchors(old[low:high], new[start:end]):
            todo.extend(reversed(list(_between(anchors, (low, high, start, end)))))
        else:
            yield from _in_full(old[low:high], new[start:end], budget)


def _common_tail(old: Sequence[str], new: Sequence[str], block: tuple[int, int, int, int]) -> int:
    """How many tokens at the end are the same; 0 when the block is one-sided, or nothing but that tail."""
    low, high, start, end = block
    room = min(high - low, end - start)
    tail = 0
    while tail < room and old[high - 1 - tail] == new[end - 1 - tail]:
        tail += 1
    return tail


def _between(
    anchors: Sequence[tuple[int, int]], block: tuple[int, int, int, int]
) -> Iterator[tuple[int, int, int, int]]:
    """The blocks before, from and after each anchor; one that begins with an anchor begins with equal tokens."""
    low, high, start, end = block
    at, to = low, start
    for one, other in anchors:
        yield at, low + one, to, start + other
        at, to = low + one, start + other
    yield at, high, to, end


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of words that stand once in both, as many as come in the same order in both."""
    once_old = {token: place for place, token in enumerate(old) if token[0].isalnum()}
    once_new = {token: place for place, token in enumerate(new) if token in once_old}
    counts_old, counts_new = Counter(old), Counter(new)
    pairs = [
        (place, once_new[token])
        for token, place in sorted(once_old.items(), key=lambda item: item[1])
        if token in once_new and counts_old[token] == counts_new[token] == 1
    ]
    return _rising(pairs)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second members rise."""
    ends: list[int] = []  # of the best run of each length, its last second member
    holders: list[int] = []  # and the pair that has it
    before: list[int | None] = []
    for index, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(holders[length - 1] if length else None)
        ends[length : length + 1] = [place]
        holders[length : length + 1] = [index]
    run: list[tuple[int, int]] = []
    at = holders[-1] if holders else None
    while at is not None:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


@dataclass(slots=True)
class _Budget:
    """Steps that are left for comparing in full."""

    steps: int


def _in_full(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[Token]:
    """The shortest way from old to new (Myers), or all of old for all of new when the budget is spent."""
    trace = _trace(old, new, budget) if old and new else None
    if trace is None:
        yield from ((Kind.REMOVED, token) for token in old)
        yield from ((Kind.ADDED, token) for token in new)
        return
    yield from reversed(list(_backwards(old, new, trace)))


def _trace(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[dict[int, int]] | None:
    """For each number of edits, how far each diagonal reaches in old; None when the steps do not suffice."""
    reach, trace = {1: 0}, []
    for edits in range(len(old) + len(new) + 1):
        if budget.steps <= 0:
            return None
        trace.append(dict(reach))
        for diagonal in range(-edits, edits + 1, 2):
            at = reach[diagonal + 1] if _goes_down(reach, diagonal, edits) else reach[diagonal - 1] + 1
            to = at - diagonal
            budget.steps -= 1
            while at < len(old) and to < len(new) and old[at] == new[to]:
                at, to = at + 1, to + 1
                budget.steps -= 1
            reach[diagonal] = at
            if at >= len(old) and to >= len(new):
                return trace
        budget.steps -= len(reach)
    return None


def _goes_down(reach: dict[int, int], diagonal: int, edits: int) -> bool:
    """Whether the diagonal is reached by adding a token rather than by removing one."""
    return diagonal == -edits or (diagonal != edits and reach[diagonal - 1] < reach[diagonal + 1])


def _backwards(old: Sequence[str], new: Sequence[str], trace: Sequence[dict[int, int]]) -> Iterator[Token]:
    at, to = len(old), len(new)
    for edits in range(len(trace) - 1, -1, -1):
        reach, diagonal = trace[edits], at - to
        down = _goes_down(reach, diagonal, edits)
        previous = diagonal + 1 if down else diagonal - 1
        start = reach[previous]
        while at > max(start if down else start + 1, 0) and to > max(start - previous + (1 if down else 0), 0):
            at, to = at - 1, to - 1
            yield Kind.KEPT, old[at]
        if edits == 0:
            return
        if down:
            to -= 1
            yield Kind.ADDED, new[to]
        else:
            at -= 1
            yield Kind.REMOVED, old[at]


def _smoothed(tokens: Iterator[Token]) -> Iterator[Token]:
    """Space between two changes changes with them: nobody reads a diff that alternates at every blank."""
    runs = [(kind, [text for _, text in run]) for kind, run in groupby(tokens, key=lambda token: token[0])]
    for index, (kind, texts) in enumerate(runs):
        is_inside = 0 < index < len(runs) - 1
        if kind is Kind.KEPT and is_inside and all(text.isspace() and "\n" not in text for text in texts):
            yield from ((Kind.REMOVED, text) for text in texts)
            yield from ((Kind.ADDED, text) for text in texts)
        else:
            yield from ((kind, text) for text in texts)


def _joined(tokens: Iterator[Token]) -> Iterator[Piece]:
    """Neighbouring changes as one removal and one addition."""
    for is_kept, run in groupby(tokens, key=lambda token: token[0] is Kind.KEPT):
        members = list(run)
        for kind in (Kind.KEPT,) if is_kept else (Kind.REMOVED, Kind.ADDED):
            if text := "".join(text for of, text in members if of is kind):
                yield Piece(kind, text)
