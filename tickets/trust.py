"""Is the desk ready to be trusted with more? By category, from what operators decided, with plain advice.

Only sorting may ever go on without asking, and only above a threshold that earned it; a reply is always approved.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tickets.calibration import Coverage, Judgement, coverage_at
from tickets.examples import Example, Outcome

TARGET: Final = 0.97
ENOUGH: Final = 100  # decisions before anything may be sorted without asking
MOST: Final = 5_000  # decisions that are looked at, the newest
_USEFUL: Final = 0.3  # share of the mails: below it, a threshold is not worth its while


class Advice(StrEnum):
    """What to do, as a key; the page says it in words."""

    DECIDE_MORE = "decide_more"
    KEEP_CHECKING = "keep_checking"
    PARTLY = "partly"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class CategoryTrust:
    """One category's figures; "" is all of them. Shares are None where nothing was decided.

    `decisions` settled the category of mails that triage put there; `answered` got a reply or were closed without one.
    """

    category: str
    decisions: int
    right: int
    coverage: Coverage
    answered: int
    approved: int
    unchanged: int

    @property
    def accuracy(self) -> float | None:
        return self.right / self.decisions if self.decisions else None

    @property
    def acceptance(self) -> float | None:
        """Replies that were approved, of those that were decided about."""
        return self.approved / self.answered if self.answered else None

    @property
    def unchanged_share(self) -> float | None:
        """Approved replies that left as they were drafted."""
        return self.unchanged / self.approved if self.approved else None

    @property
    def advice(self) -> Advice:
        if self.decisions < ENOUGH:
            return Advice.DECIDE_MORE
        if self.coverage.threshold is None or self.coverage.share < _USEFUL:
            return Advice.KEEP_CHECKING
        return Advice.READY if self.coverage.interval[0] >= TARGET - 0.02 else Advice.PARTLY


def judgements_of(examples: Sequence[Example]) -> list[Judgement]:
    """What triage proposed, held against what operators stood in for."""
    return [
        Judgement(each.proposed, each.confidence, each.proposed == each.category)
        for each in examples
        if each.teaches and each.proposed is not None and each.confidence is not None
    ]


def trust_of(examples: Sequence[Example], target: float = TARGET) -> tuple[CategoryTrust, ...]:
    """All together, then each category, the one with the most decisions first."""
    by_category: defaultdict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_category[example.proposed or example.category].append(example)
    found = [_trust(category, of_it, target) for category, of_it in by_category.items()]
    return (_trust("", examples, target), *sorted(found, key=lambda each: (-each.decisions, each.category)))


def _trust(category: str, examples: Sequence[Example], target: float) -> CategoryTrust:
    judgements = judgements_of(examples)
    approved = [each for each in examples if each.outcome is Outcome.APPROVED]
    return CategoryTrust(
        category=category,
        decisions=len(judgements),
        right=sum(each.is_right for each in judgements),
        coverage=coverage_at(target, judgements),
        answered=sum(each.outcome is not Outcome.OPEN for each in examples),
        approved=len(approved),
        unchanged=sum(not each.is_edited for each in approved),
    )
