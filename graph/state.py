"""A thread's state: ids and what was decided, as JSON primitives. Never mail text; the tables stay the truth."""

from typing import Any, TypedDict
from uuid import UUID

from tickets.ticket import Draft, Plan, TicketId, Triage


class TicketState(TypedDict, total=False):
    """What Studio shows of a ticket. `outcome` says how the last run of the first four nodes ended."""

    ticket_id: str
    work_seq: int
    triage: dict[str, Any] | None
    plan: dict[str, Any] | None
    draft: dict[str, Any] | None
    decision_id: str | None
    outcome: str | None
    problem: str | None
    note: str | None


SUPERSEDED = "superseded"
NO_REPLY_NEEDED = "no_reply_needed"
OFFERED = "offered"
SENT = "sent"
CLOSED = "closed"


def ticket_id_of(state: TicketState) -> TicketId:
    """The id of the ticket, which is also the thread's."""
    return TicketId(UUID(state["ticket_id"]))


def shown_triage(triage: Triage) -> dict[str, Any]:
    """The triage for inspection, without its summary: that is mail text."""
    return {
        "category": triage.category,
        "priority": triage.priority.value,
        "sentiment": triage.sentiment.value,
        "language": triage.language,
        "needs_reply": triage.needs_reply,
        "needs_human": triage.needs_human,
        "confidence": triage.confidence,
        "written_by": triage.written_by,
        "prompt": triage.prompt,
    }


def shown_plan(plan: Plan) -> dict[str, Any]:
    """The plan's steps by what they do; their details may quote the mail."""
    steps = [{"action": step.action, "missing": len(step.missing)} for step in plan.steps]
    return {"steps": steps, "written_by": plan.written_by, "prompt": plan.prompt}


def shown_draft(draft: Draft) -> dict[str, Any]:
    """Which draft is offered, and how many of its statements have no source."""
    return {
        "revision": draft.revision,
        "content_hash": draft.content_hash,
        "flags": len(draft.flags),
        "sources": [source.id for source in draft.sources],
        "written_by": draft.written_by,
        "prompt": draft.prompt,
    }
