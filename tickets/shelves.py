"""What tags and the clock need from the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from tickets.ticket import TicketId


class TagWrites(Protocol):
    """The part of a transaction that tags tickets."""

    async def set_tags(self, ticket_id: TicketId, names: Sequence[str]) -> None:
        """Exactly these, in this order; what is known of all tags is kept in step."""
        ...


class ShelfReads(Protocol):
    """Reads that lock nothing."""

    async def tags(self, limit: int) -> Sequence[str]:
        """The tags in use, the most used first."""
        ...

    async def snoozes_over(self, now: datetime, limit: int) -> Sequence[TicketId]:
        """Tickets whose snooze is over, the longest over first."""
        ...

    async def silent_since(self, before: datetime, limit: int) -> Sequence[TicketId]:
        """Awake tickets that wait on others, on which nobody has written since before that, the oldest first."""
        ...
