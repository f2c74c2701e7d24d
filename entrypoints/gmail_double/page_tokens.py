"""Page tokens of listings: where a listing goes on, and until when that may be asked."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from entrypoints.gmail_double.wire import Refusal

Item = TypeVar("Item")
Key = tuple[int, int]
"""Milliseconds since 1970 and a number that tells apart what came in the same one; larger is newer."""


@dataclass
class PageTokens:
    """The tokens of one mailbox. One is good until `expire`, however long the mailbox lives."""

    generation: int = 0

    def expire(self) -> None:
        """Every token handed out so far is refused from now on."""
        self.generation += 1

    def after(self, key: Key) -> str:
        """The token of the page that follows the item with this key."""
        return f"{self.generation:x}.{key[0]:x}.{key[1]:x}"

    def start(self, token: str, newest_first: Sequence[Item], key: Callable[[Item], Key]) -> int:
        """The index at which the page of this token begins; Refusal 400 for one that expired or is none.

        The token names a moment rather than a position or an item: what arrives or vanishes between two
        pages neither repeats nor hides another.
        """
        if not token:
            return 0
        try:
            generation, at_ms, number = (int(part, 16) for part in token.split("."))
        except ValueError:
            raise Refusal(400, "Invalid pageToken") from None
        if generation != self.generation:
            raise Refusal(400, "Invalid pageToken")
        return bisect_right(newest_first, (-at_ms, -number), key=lambda item: _newest_first(key(item)))


def _newest_first(key: Key) -> Key:
    return -key[0], -key[1]
