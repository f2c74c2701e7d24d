"""Tickets beside a ticket: those of the same customer, and those that were about the same."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log
from typing import Final, Protocol

from tickets.folding import words_of
from tickets.status import Status
from tickets.ticket import Ticket, TicketId

SIMILAR: Final = 5
MAX_COUNTED: Final = 1_000  # tickets of one customer; more are told as "more than"
_LEAST: Final = 0.12  # of all the weight that a subject has: less in common is chance
_SAME_LANGUAGE: Final = 1.15
_STEM: Final = 6
_SHORTEST: Final = 3
_MOST_WORDS: Final = 8
_WORD: Final = re.compile(r"[^\W_]{2,}")
_PREFIX: Final = re.compile(r"^\s*(?:(?:re|aw|fw|fwd|wg|tr|rv|sv|antw)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another ticket as a list shows it. `outcome` is the state of its newest draft, None for one without."""

    id: TicketId
    number: int
    subject: str
    status: Status
    category: str | None
    language: str | None
    created_at: datetime
    updated_at: datetime
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerHistory:
    """Tickets on which the same person wrote, newest first. `after` goes on below the last one; None on the last page.

    `counts` are of all their tickets by status, at most MAX_COUNTED.
    """

    tickets: tuple[Neighbour, ...]
    counts: Mapping[Status, int]
    after: int | None

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class NeighbourReads(Protocol):
    """The store's reads of them; all are bounded."""

    async def customers_tickets(self, ticket: Ticket, *, limit: int, below: int | None = None) -> CustomerHistory:
        """Those with a number below `below`, without the ticket itself."""
        ...

    async def of_the_same_kind(self, ticket: Ticket, limit: int) -> tuple[Neighbour, ...]:
        """The newest of the same category, without the ticket itself and without merged ones."""
        ...

    async def with_words_of(self, ticket: Ticket, limit: int) -> tuple[Neighbour, ...]:
        """Tickets of its category, of any age, with a telling word of its subject in theirs; without the ticket itself.

        For each word some are looked up: all of them for a rare word, a part of them for a frequent one.
        """
        ...


def telling_words(subject: str) -> tuple[str, ...]:
    """The words by which tickets like it are looked up, as the search folds them: the longest, cut to their stems."""
    words = {word if word.isdigit() else word[:_STEM] for word in words_of(_PREFIX.sub("", subject))}
    long = (word for word in words if len(word) >= _SHORTEST)
    return tuple(sorted(long, key=lambda word: (-len(word), word))[:_MOST_WORDS])


def most_similar(ticket: Ticket, candidates: Sequence[Neighbour], limit: int = SIMILAR) -> tuple[Neighbour, ...]:
    """Those whose subjects share the most telling words with the ticket's, best first; the newer one where equal."""
    wanted = _stems(ticket.subject)
    stems = {each.id: _stems(each.subject) for each in candidates}
    spread = Counter(stem for words in stems.values() for stem in words)
    weights = {stem: log(1 + (1 + len(candidates)) / (1 + spread[stem])) for stem in wanted}
    whole = sum(weights.values())
    if not whole:
        return ()
    scored = []
    for each in candidates:
        score = sum(weights[stem] for stem in wanted & stems[each.id]) / whole
        score *= _SAME_LANGUAGE if each.language and each.language == ticket.language else 1.0
        if score >= _LEAST:
            scored.append((score, each.number, each))
    return tuple(each for *_, each in sorted(scored, key=lambda found: found[:2], reverse=True)[:limit])


def _stems(subject: str) -> frozenset[str]:
    """Its words, folded and cut to a poor man's stem; numbers as they are."""
    plain = unicodedata.normalize("NFKD", _PREFIX.sub("", subject).casefold())
    words = _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))
    return frozenset(word[:_STEM] if not word.isdigit() else word for word in words)
