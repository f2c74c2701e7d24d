"""How much work drafts would have taken off a team: an estimate, made of assumptions that everybody can change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from tickets.word_diff import change


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a person's work takes. A draft is worth editing from the share `useful_from` of the words that were sent;
    one below it was read in vain."""

    minutes_to_sort: float = 1.0
    words_a_minute: float = 20.0  # written by hand, looking things up included
    minutes_to_check: float = 1.0
    useful_from: float = 0.5


@dataclass(frozen=True, slots=True)
class Work:
    """One mail: whether the team answered it and the agent would have, and how much of the answer the draft held."""

    was_answered: bool
    would_answer: bool
    words: int = 0  # of the answer that was sent
    held: float = 0.0  # the share of them that stood in the draft, in order


@dataclass(frozen=True, slots=True)
class Saved:
    """Minutes. Checking is what drafts cost."""

    sorting: float
    writing: float
    checking: float

    @property
    def total(self) -> float:
        return self.sorting + self.writing - self.checking


def held_words(draft: str, sent: str) -> tuple[int, float]:
    """How many words were sent, and the share of them that the draft held."""
    changed = change(draft, sent)
    return changed.words, (changed.words - changed.added) / changed.words if changed.words else 0.0


def saved(work: Sequence[Work], assumed: Assumptions) -> Saved:
    """Sorting counts where the agent judged as the team did; writing where the draft was worth editing."""
    agreed = [each for each in work if each.was_answered == each.would_answer]
    useful = [each for each in work if each.was_answered and each.would_answer and each.held >= assumed.useful_from]
    return Saved(
        sorting=len(agreed) * assumed.minutes_to_sort,
        writing=sum(each.words * each.held for each in useful) / assumed.words_a_minute,
        checking=sum(each.would_answer for each in work) * assumed.minutes_to_check,
    )


USEFUL_FROM: Final = (0.3, 0.5, 0.7)
PACES: Final = (10.0, 20.0, 40.0)


def sensitivity(work: Sequence[Work], assumed: Assumptions) -> list[tuple[float, list[tuple[float, float]]]]:
    """Hours for other assumptions: for each pace of writing, each share from which a draft is useful."""
    return [
        (
            pace,
            [
                (share, saved(work, replace(assumed, words_a_minute=pace, useful_from=share)).total / 60)
                for share in USEFUL_FROM
            ],
        )
        for pace in PACES
    ]
