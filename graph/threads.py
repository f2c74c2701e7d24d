"""Moves tickets' threads: the Workflow port on a compiled graph. Thread id = ticket id."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END
from langgraph.types import Command

from graph.build import Graph
from graph.state import OFFERED, TicketState, shown_draft
from tickets.drive import Position
from tickets.storage import TicketStore
from tickets.ticket import DecisionId, Draft, Ticket, TicketId

APPROVAL = "human_approval"

KeepLatest = Callable[[str], Awaitable[None]]
"""Keep only the latest checkpoint of a thread."""


@dataclass(frozen=True, slots=True)
class Threads:
    """Position and moves of one thread. Never reads `next`: after a crash it may be empty on an unfinished thread."""

    graph: Graph
    store: TicketStore
    keep_latest: KeepLatest

    async def position(self, ticket_id: TicketId) -> Position:
        """Where the thread stands, by its tasks."""
        snapshot = await self.graph.aget_state(_config(ticket_id))
        values: dict[str, Any] = snapshot.values or {}
        return Position(
            is_lost=snapshot.created_at is None,
            is_parked=any(task.name == APPROVAL and task.interrupts for task in snapshot.tasks),
            has_tasks=bool(snapshot.tasks),
            work_seq=int(values.get("work_seq", 0)),
        )

    async def start(self, ticket_id: TicketId, work_seq: int) -> None:
        """Restart at `ingest`; it reads the current work_seq itself."""
        await self._run(ticket_id, {"ticket_id": str(ticket_id), "work_seq": work_seq})

    async def carry_on(self, ticket_id: TicketId) -> None:
        """Finish what is pending."""
        await self._run(ticket_id, None)

    async def resume(self, ticket_id: TicketId, decision_id: DecisionId) -> None:
        """Answer the approval interrupt by its own id: an answer without one could reach another question."""
        snapshot = await self.graph.aget_state(_config(ticket_id))
        waiting = [i for task in snapshot.tasks if task.name == APPROVAL for i in task.interrupts]
        if waiting:
            await self._run(ticket_id, Command(resume={waiting[0].id: {"decision_id": str(decision_id)}}))

    async def park(self, ticket_id: TicketId) -> None:
        """As if `draft` had just offered the current draft: the approval is asked for without a model call."""
        ticket = await self.store.ticket(ticket_id)
        draft = await self.store.current_draft(ticket_id)
        state: TicketState = {
            "ticket_id": str(ticket_id),
            "work_seq": _worked_on(ticket, draft),
            "draft": shown_draft(draft) if draft else None,
            "decision_id": None,
            "outcome": OFFERED,
            "problem": None,
            "note": None,
        }
        await self.graph.aupdate_state(_config(ticket_id), state, as_node="draft")
        await self._run(ticket_id, None)

    async def end(self, ticket_id: TicketId) -> None:
        """Drop the pending tasks."""
        await self.graph.aupdate_state(_config(ticket_id), None, as_node=END)

    async def prune(self, ticket_id: TicketId) -> None:
        """A done ticket keeps only its latest checkpoint."""
        await self.keep_latest(str(ticket_id))

    async def _run(self, ticket_id: TicketId, graph_input: Any) -> None:
        # `sync`: a node with an effect may run only after the checkpoint before it is on disk.
        await self.graph.ainvoke(graph_input, _config(ticket_id), durability="sync")


def _worked_on(ticket: Ticket, draft: Draft | None) -> int:
    """Up to which mail the thread is: never past one that nobody has worked on yet."""
    if ticket.settled_seq >= ticket.work_seq:
        return ticket.work_seq
    return draft.work_seq if draft else ticket.settled_seq


def _config(ticket_id: TicketId) -> RunnableConfig:
    return {"configurable": {"thread_id": str(ticket_id)}}
