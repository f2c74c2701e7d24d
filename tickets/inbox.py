"""What an inbox of interrupts (LangChain's Agent Inbox) needs of a ticket: its question, and ears for an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tickets.people import Actor
from tickets.ticket import TicketId


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer: `problem` when nothing was done, else a word on what happens now."""

    problem: str | None = None
    note: str | None = None


class Inbox(Protocol):
    """Asks and listens in the interrupt's wire format; every answer goes through the use cases of the desk."""

    async def question(
        self, ticket_id: TicketId, *, by: Actor, outcome: Outcome | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """The interrupt's value. It offers what `by` may do, and tells the outcome of the answer before."""
        ...

    async def answer(self, ticket_id: TicketId, said: object, *, by: Actor) -> Outcome:
        """Act on an answer, whatever form it has. Raises NotAllowed; what the rules refuse is an outcome."""
        ...
