"""What the desk learns from: an example for each matter that an operator decided about, without personal data.

An example belongs to a ticket and the customer's mails up to `work_seq`, and goes when its ticket is erased. It is
written in the transaction of the decision, and by decisions alone: mail that comes in teaches nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tickets.ticket import TicketId


class Outcome(StrEnum):
    """What became of the reply so far."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Example:
    """A customer's matter as the desk settled it. `question` and `answer` are redacted.

    `proposed` and `confidence` are triage's own, before any rule of routing; None where it said nothing. `number` is
    given by the store and rises with every change, so that whoever reads on from a number misses none.
    """

    ticket_id: TicketId
    work_seq: int
    category: str
    language: str
    question: str
    actor: str
    at: datetime
    proposed: str | None = None
    confidence: float | None = None
    answer: str = ""
    outcome: Outcome = Outcome.OPEN
    is_edited: bool = False
    is_resorted: bool = False
    number: int = 0
    ticket_number: int = 0  # filled in by reads

    @property
    def teaches(self) -> bool:
        """Whether somebody stood in for its category: by approving the reply, or by choosing it."""
        return self.is_resorted or self.outcome is Outcome.APPROVED


@dataclass(frozen=True, slots=True)
class Shelf:
    """How the kept examples stand: the newest number, and how many teach."""

    newest: int = 0
    teaching: int = 0


class ExampleWrites(Protocol):
    """The part of a transaction that keeps examples. The caller holds the ticket's row."""

    async def example(self, ticket_id: TicketId, work_seq: int) -> Example | None: ...
    async def keep_example(self, example: Example) -> None:
        """Insert or replace the one of that ticket and these mails; it gets the next number."""
        ...


class Examples(Protocol):
    """Reads of them."""

    async def shelf(self) -> Shelf: ...
    async def newer(self, number: int, limit: int) -> Sequence[Example]:
        """Those with a higher number, lowest first."""
        ...

    async def newest(self, limit: int) -> Sequence[Example]:
        """Those that teach, newest first."""
        ...

    async def decided(self, limit: int) -> Sequence[Example]:
        """All kept ones, whether they teach or not, newest first; their texts are left out."""
        ...

    async def of_ticket(self, ticket_id: TicketId) -> Sequence[Example]: ...
