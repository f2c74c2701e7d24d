"""Tickets as threads of LangGraph's server: the shapes that Agent Inbox and the langgraph SDK read.

All of it is made from the desk's tables. A thread is interrupted while its ticket waits for a person, busy while the
agent works or a reply is leaving, idle otherwise.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from tickets.boards import BoardLine
from tickets.desk import TicketView
from tickets.status import Status
from tickets.ticket import Draft, Ticket

GRAPH: Final = "ticket"
NODE: Final = "human_approval"
ASSISTANT: Final = uuid5(NAMESPACE_URL, "urn:communication-agent:assistant:ticket")

Json = dict[str, Any]
Question = Sequence[Mapping[str, Any]]


def status_of(ticket: Ticket | BoardLine) -> str:
    if ticket.status is Status.NEW:
        return "busy"
    if ticket.status is not Status.NEEDS_ACTION:
        return "idle"
    return "busy" if ticket.is_leaving else "interrupted"


def metadata_of(ticket: Ticket | BoardLine) -> Json:
    """What a search may name."""
    return {
        "graph_id": GRAPH,
        "assistant_id": str(ASSISTANT),
        "thread_id": str(ticket.id),
        "number": ticket.number,
        "mailbox": ticket.mailbox,
        "status": ticket.status.value,
        "category": ticket.category,
        "priority": ticket.priority,
        "language": ticket.language,
        "assignee": ticket.assignee,
    }


def interrupt_of(ticket_id: UUID, draft: Draft | None, question: Question) -> Json:
    seen = f"{ticket_id}:{draft.revision}:{draft.content_hash}" if draft else str(ticket_id)
    name = hashlib.sha256(seen.encode()).hexdigest()[:32]
    value = [dict(each) for each in question]
    return {"id": name, "value": value, "when": "during", "resumable": True, "ns": [f"{NODE}:{ticket_id}"]}


def values_of(ticket: Ticket | BoardLine, view: TicketView | None = None) -> Json:
    """Ids and what was decided, as in the graph's own state; never the text of a mail."""
    values: Json = {"ticket_id": str(ticket.id), "status": ticket.status.value}
    if view is None:
        return values
    draft = view.draft
    return {
        **values,
        "work_seq": view.ticket.work_seq,
        "triage": _triage(view),
        "plan": [step.action for step in view.plan.steps] if view.plan else [],
        "draft": _draft(draft) if draft else None,
    }


def _triage(view: TicketView) -> Json | None:
    if view.triage is None:
        return None
    names = ("category", "priority", "language", "confidence", "needs_reply")
    return {name: getattr(view.triage, name, None) for name in names}


def _draft(draft: Draft) -> Json:
    return {
        "revision": draft.revision,
        "state": draft.state.value,
        "written_by": draft.written_by,
        "flags": [flag.id for flag in draft.flags],
        "content_hash": draft.content_hash,
    }


def thread_of(ticket: Ticket | BoardLine, interrupt: Json | None, values: Json) -> Json:
    return {
        "thread_id": str(ticket.id),
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "state_updated_at": ticket.updated_at,
        "metadata": metadata_of(ticket),
        "status": status_of(ticket),
        "config": {},
        "values": values,
        "interrupts": {str(ticket.id): [interrupt]} if interrupt else {},
    }


def state_of(view: TicketView, interrupt: Json | None) -> Json:
    ticket = view.ticket
    revision = view.draft.revision if view.draft else 0
    checkpoint = {
        "thread_id": str(ticket.id),
        "checkpoint_ns": "",
        "checkpoint_id": f"{ticket.work_seq}-{revision}-{len(view.events)}",
        "checkpoint_map": None,
    }
    task = {
        "id": str(ticket.id),
        "name": NODE,
        "path": ["__pregel_pull", NODE],
        "error": None,
        "interrupts": [interrupt] if interrupt else [],
        "checkpoint": None,
        "state": None,
        "result": None,
    }
    return {
        "values": values_of(ticket, view),
        "next": [NODE] if interrupt else [],
        "tasks": [task] if interrupt else [],
        "interrupts": [interrupt] if interrupt else [],
        "metadata": metadata_of(ticket),
        "created_at": ticket.updated_at,
        "checkpoint": checkpoint,
        "parent_checkpoint": None,
    }
