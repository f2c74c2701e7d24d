"""How much an operator changed: what the record keeps of an edit and of an approval, in numbers and never in words."""

import asyncio
from typing import Protocol

from tickets.audit import Fields
from tickets.ticket import Draft, TicketId
from tickets.word_diff import change


class AgentsDrafts(Protocol):
    async def agents_draft(self, ticket_id: TicketId, up_to: int) -> Draft | None: ...


async def edit_measured(before: Draft | None, subject: str, body: str) -> Fields:
    """Against the revision that was edited; a text without one is all added. Off the loop: long texts take time."""
    old = _whole(before.subject, before.body) if before else ""
    measured = await asyncio.to_thread(change, old, _whole(subject, body))
    return {"words": measured.words, "words_removed": measured.removed, "words_added": measured.added}


async def approval_measured(drafts: AgentsDrafts, draft: Draft) -> Fields:
    """Against the agent's own text, if it wrote one for the same mail: was it good enough to leave as it was?"""
    written = await drafts.agents_draft(draft.ticket_id, draft.revision)
    if written is None or written.work_seq != draft.work_seq:
        return {"agents_revision": None}
    old, new = _whole(written.subject, written.body), _whole(draft.subject, draft.body)
    measured = await asyncio.to_thread(change, old, new)
    return {
        "agents_revision": written.revision,
        "unchanged": old == new,
        "words": measured.words,
        "words_removed": measured.removed,
        "words_added": measured.added,
    }


def _whole(subject: str, body: str) -> str:
    return f"{subject}\n\n{body}"
