"""The WorkflowPast port on a compiled graph: one thread's checkpoints, newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from langchain_core.runnables import RunnableConfig
from langgraph.types import PregelTask, StateSnapshot

from graph.build import Graph
from tickets.ticket import TicketId
from tickets.time_travel import MAX_STEPS, Fact, Step, StepState

# What is shown of each part of the state, by its own name there and by the name that people read.
_SHOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "triage": {
        "category": "category",
        "priority": "priority",
        "language": "language",
        "confidence": "confidence",
        "needs_reply": "needs_reply",
    },
    "draft": {"revision": "revision", "flags": "flags"},
}
_PLAIN: Final = ("outcome", "problem", "decision_id")
_HIDDEN: Final = frozenset({"__start__", "__end__"})


@dataclass(frozen=True, slots=True)
class CheckpointPast:
    """Reads a bounded number of checkpoints, and changes nothing."""

    graph: Graph

    async def steps(self, ticket_id: TicketId, limit: int = MAX_STEPS) -> tuple[Step, ...]:
        config: RunnableConfig = {"configurable": {"thread_id": str(ticket_id)}}
        found: list[Step] = []
        is_newest = True
        async for snapshot in self.graph.aget_state_history(config, limit=limit):
            found.extend(_steps(snapshot, is_newest))
            is_newest = False
        return tuple(found)


def _steps(snapshot: StateSnapshot, is_newest: bool) -> Iterator[Step]:
    if snapshot.created_at is None:
        return
    values = snapshot.values if isinstance(snapshot.values, Mapping) else {}
    for task in snapshot.tasks:
        if task.name in _HIDDEN:
            continue
        update = _update(task.result)
        yield Step(
            checkpoint_id=str(snapshot.config["configurable"].get("checkpoint_id", "")),
            at=datetime.fromisoformat(snapshot.created_at),
            node=task.name,
            state=_state(task, is_newest),
            work_seq=update.get("work_seq", values.get("work_seq")),
            decided=_decided(update),
            plan=_plan(update),
            error=_error(task),
        )


def _state(task: PregelTask, is_newest: bool) -> StepState:
    if task.error is not None:
        return StepState.FAILED
    if task.interrupts:
        return StepState.WAITING if is_newest else StepState.ANSWERED
    return StepState.PENDING if task.result is None and is_newest else StepState.DONE


def _update(result: Any) -> Mapping[str, Any]:
    return result if isinstance(result, Mapping) else {}


def _decided(update: Mapping[str, Any]) -> dict[str, Fact]:
    """Empty values say that an earlier decision was forgotten: nothing to read."""
    facts: dict[str, Fact] = {}
    for part, names in _SHOWN.items():
        inner = update.get(part)
        if isinstance(inner, Mapping):
            facts |= {shown: inner[name] for name, shown in names.items() if _is_fact(inner.get(name))}
    return facts | {name: update[name] for name in _PLAIN if _is_fact(update.get(name))}


def _is_fact(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _plan(update: Mapping[str, Any]) -> tuple[str, ...]:
    plan = update.get("plan")
    steps = plan.get("steps", ()) if isinstance(plan, Mapping) else ()
    return tuple(str(step.get("action", "")) for step in steps if isinstance(step, Mapping))


def _error(task: PregelTask) -> str | None:
    """Its kind alone: a message may quote what was being read. A saver gives it back as `RuntimeError('...')`."""
    if task.error is None:
        return None
    return repr(task.error).strip("\"'").partition("(")[0][:80]
