"""The desk without a language model: rules, the nearest articles, ready texts. Needs no key and no network."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from adapters.local_draft import Letter, asked_language, candidates, redraft
from adapters.local_plan import steps_of
from adapters.local_reading import read
from adapters.local_triage import NOTE, WRITTEN_BY, triage_of
from tickets.categories import SHIPPED, Categories
from tickets.likeness import UNJUDGED, Judged
from tickets.ports import Knowledge
from tickets.ticket import Article, Conversation, Draft, Plan, ProposedReply, Triage

_EXAMPLES: Final = 4
_READY_TEXTS: Final = 50
_CLEAR_ENOUGH: Final = 0.4  # confidence below which only an acknowledgement is offered


class Decided(Protocol):
    """What the desk's own decisions say of a mail."""

    async def judge(self, text: str, categories: Categories) -> Judged: ...


class LocalModel:
    """The Model port by rules alone; the same mail always gets the same answer."""

    name = WRITTEN_BY

    def __init__(self, knowledge: Knowledge, desk_name: str = "", decided: Decided | None = None) -> None:
        self._knowledge = knowledge
        self._decided = decided
        self._desk_name = desk_name

    async def triage(self, conversation: Conversation, categories: Categories = SHIPPED) -> Triage:
        """Never fails: what no rule knows is category `other` with a low confidence."""
        # In a thread: the first mail waits for the model of languages to be read, other requests should not.
        reading = await asyncio.to_thread(read, conversation)
        text = f"{reading.mail.subject}\n{reading.text}"
        examples = await self._knowledge.search(text, language=reading.language, category="", limit=_EXAMPLES)
        judged = await self._decided.judge(text, categories) if self._decided is not None else UNJUDGED
        return triage_of(reading, examples, categories, judged)

    async def plan(self, conversation: Conversation, triage: Triage, articles: Sequence[Article]) -> Plan:
        """What the reply should do and what a person still has to find out."""
        reading = await asyncio.to_thread(read, conversation)
        return Plan(steps_of(reading, triage, articles), WRITTEN_BY, NOTE)

    async def draft(
        self,
        conversation: Conversation,
        triage: Triage,
        plan: Plan,
        articles: Sequence[Article],
        feedback: str | None = None,
        previous: Draft | None = None,
    ) -> ProposedReply:
        """A text without open fields, so that it can be approved as it is."""
        reading = await asyncio.to_thread(read, conversation)
        language = asked_language(feedback) or triage.language
        ranked = await self._knowledge.search(
            f"{reading.mail.subject}\n{reading.text}", language=language, category=triage.category, limit=_READY_TEXTS
        )
        is_clear = triage.confidence >= _CLEAR_ENOUGH
        offered = candidates(ranked, language, triage.category, is_clear=is_clear)
        letter = Letter(reading.mail, language, self._desk_name)
        return redraft(letter, offered, feedback, previous) if feedback else letter.reply(offered[0])
