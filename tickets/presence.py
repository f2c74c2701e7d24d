"""Who looks at a ticket now, and who types. It informs and never hinders; it is no part of the record.

Each open page says again and again that it is there. What it said is worth nothing after `TTL`: a browser that died
needs nobody to clean up after it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from tickets.people import Operator, OperatorId
from tickets.ticket import TicketId

TTL: Final = timedelta(seconds=30)
HEARTBEAT: Final = timedelta(seconds=9)  # what a page repeats sooner than this is not written again
FLIP: Final = timedelta(seconds=1)  # nor is a change between viewing and editing that comes sooner


@dataclass(frozen=True, slots=True)
class Present:
    """One operator at one ticket; whoever edits in one window and looks in another edits."""

    ticket_id: TicketId
    operator_id: OperatorId
    name: str
    email: str
    is_editing: bool
    until: datetime


class Presence(Protocol):
    """Where open pages are kept."""

    async def here(self, page: str, ticket_id: TicketId, operator: Operator, *, is_editing: bool, at: datetime) -> None:
        """The page is open. Writes nothing when it said the same a moment ago. Raises NotFound."""
        ...

    async def gone(self, page: str, operator: Operator) -> None:
        """The operator closed the page."""
        ...

    async def now(self, at: datetime, ticket_id: TicketId | None = None) -> tuple[Present, ...]:
        """Everybody who is at a ticket, or at that one, ordered by name."""
        ...
