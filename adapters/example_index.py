"""The desk's examples, ready to be asked: an index in memory that follows the table step by step."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from tickets.categories import Categories
from tickets.examples import Example, Examples, Shelf
from tickets.likeness import Judged, Likeness
from tickets.ticket import TicketId

MOST: Final = 5_000  # examples that are asked, the newest; more tell nothing new and take memory
_STEP: Final = 500

_Key = tuple[TicketId, int]


class ExampleIndex:
    """Asks, before it judges, whether anything was decided or erased, and takes only that in."""

    def __init__(self, examples: Examples) -> None:
        self._examples = examples
        self._lock = asyncio.Lock()
        self._forget_all()

    def __len__(self) -> int:
        return len(self._likeness)

    async def judge(self, text: str, categories: Categories) -> Judged:
        """What the examples say of the categories that a ticket can get; `nearest` is the number of a ticket."""
        async with self._lock:
            await self._follow(categories)
            judged = await asyncio.to_thread(self._likeness.judge, text)
            judged = judged.among(categories.keys)
            return replace(judged, nearest=self._tickets.get(judged.nearest) if judged.nearest else None)

    async def _follow(self, categories: Categories) -> None:
        shelf = await self._examples.shelf()
        if shelf != self._shelf:
            await self._read_on()
            # What was erased has no number; it shows in how many there are.
            if self._shelf != await self._examples.shelf():
                await self._read_again()
        hints = {entry.key: f"{entry.title} {entry.description}" for entry in categories.active}
        if hints != self._likeness.hints:
            await asyncio.to_thread(self._likeness.hint, hints)

    async def _read_on(self) -> None:
        while batch := await self._examples.newer(self._shelf.newest, _STEP):
            await asyncio.to_thread(self._take, batch)

    async def _read_again(self) -> None:
        self._forget_all()
        shelf = await self._examples.shelf()
        kept = list(await self._examples.newest(MOST))
        await asyncio.to_thread(self._take, kept[::-1])
        self._shelf = shelf

    def _take(self, batch: Sequence[Example]) -> None:
        teaching = self._shelf.teaching
        for example in batch:
            key = (example.ticket_id, example.work_seq)
            if (before := self._numbers.pop(key, None)) is not None:
                self._likeness.forget(before)
                del self._tickets[before]
                teaching -= 1
            if example.teaches:
                self._numbers[key] = example.number
                self._tickets[example.number] = example.ticket_number
                self._likeness.learn(example.number, example.category, example.question)
                teaching += 1
        self._shelf = Shelf(batch[-1].number if batch else self._shelf.newest, teaching)
        self._drop(list(self._numbers)[: max(0, len(self._numbers) - MOST)])

    def _drop(self, oldest: Iterable[_Key]) -> None:
        for key in oldest:
            number = self._numbers.pop(key)
            self._likeness.forget(number)
            del self._tickets[number]

    def _forget_all(self) -> None:
        self._likeness = Likeness()
        self._numbers: dict[_Key, int] = {}
        self._tickets: dict[int, int] = {}  # number of an example -> number of its ticket
        self._shelf = Shelf()
