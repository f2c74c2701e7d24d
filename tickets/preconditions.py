"""An edit that holds only for what its author saw: checked once more inside the transaction that carries it out."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tickets.errors import Outdated
from tickets.ticket import TicketId


@dataclass(slots=True)
class Unchanged:
    """The ticket has had exactly `events` events when its author looked. Its own writes do not count against it."""

    ticket_id: TicketId
    events: int
    is_met: bool = False

    def require(self, events: int) -> None:
        """Raises Outdated when something happened to the ticket since."""
        if not self.is_met and events != self.events:
            raise Outdated("The ticket has changed since you read it. Get it again, look, and send your change anew.")
        self.is_met = True


_current: ContextVar[Unchanged | None] = ContextVar("precondition", default=None)


def required_of(ticket_id: TicketId) -> Unchanged | None:
    """What the request under way demands of that ticket; each transaction that locks it checks."""
    condition = _current.get()
    return condition if condition is not None and condition.ticket_id == ticket_id else None


@contextmanager
def under(condition: Unchanged) -> Iterator[None]:
    """The first transaction in this block that locks the ticket fails with Outdated if it is not as it was."""
    before = _current.set(condition)
    try:
        yield
    finally:
        _current.reset(before)
