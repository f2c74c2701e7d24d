"""What the workflow did on a ticket, checkpoint by checkpoint: read from its LangGraph thread, for people to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from tickets.ticket import TicketId

MAX_STEPS: Final = 100  # checkpoints that are read back, the newest of them


class StepState(StrEnum):
    DONE = "done"
    WAITING = "waiting"  # at its interrupt, for an operator
    ANSWERED = "answered"  # it had waited there, and went on
    FAILED = "failed"
    PENDING = "pending"


Fact = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """One node that a checkpoint was about to run, and what came of it.

    `decided` is what it put into the state, as names and plain values, never text of a mail or a reply. `error` is the
    kind of a failure.
    """

    checkpoint_id: str
    at: datetime
    node: str
    state: StepState
    work_seq: int | None = None
    decided: Mapping[str, Fact] = field(default_factory=dict)
    plan: tuple[str, ...] = ()
    error: str | None = None


class WorkflowPast(Protocol):
    """The thread's checkpoints, looked back through."""

    async def steps(self, ticket_id: TicketId, limit: int = MAX_STEPS) -> Sequence[Step]:
        """The newest first, of at most that many checkpoints. A closed ticket keeps only its last one."""
        ...
