"""What the desk had decided by a time: a mail of the past is never sorted by a decision that came after it."""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from tickets.categories import Categories
from tickets.examples import Example
from tickets.likeness import Judged, Likeness


class DecidedByThen:
    """The port Decided of the local model. `moment` tells which time it is for whoever asks; None: today.

    Cases come nearly in the order of their time, so that few examples are learned or forgotten between two.
    """

    def __init__(self, examples: Iterable[Example], moment: Callable[[], datetime | None]) -> None:
        self._examples = sorted((each for each in examples if each.teaches), key=lambda each: (each.at, each.number))
        self._times = [each.at for each in self._examples]
        self._tickets = {each.number: each.ticket_number for each in self._examples}
        self._moment = moment
        self._likeness = Likeness()
        self._learned = 0

    @property
    def known(self) -> int:
        """How many decisions had been made."""
        moment = self._moment()
        return len(self._times) if moment is None else bisect_left(self._times, moment)

    async def judge(self, text: str, categories: Categories) -> Judged:
        """By the decisions of then."""
        self._turn_to(self.known)
        hints = {entry.key: f"{entry.title} {entry.description}" for entry in categories.active}
        if hints != self._likeness.hints:
            self._likeness.hint(hints)
        judged = self._likeness.judge(text).among(categories.keys)
        return replace(judged, nearest=self._tickets.get(judged.nearest) if judged.nearest else None)

    def _turn_to(self, wanted: int) -> None:
        for each in self._examples[self._learned : wanted]:
            self._likeness.learn(each.number, each.category, each.question)
        for each in self._examples[wanted : self._learned]:
            self._likeness.forget(each.number)
        self._learned = wanted
