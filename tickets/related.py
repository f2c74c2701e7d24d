"""What stands beside a ticket: the tickets it points to, and whom the desk knows that a sender could pose as."""

from dataclasses import dataclass
from typing import Protocol

from tickets.mail import Address
from tickets.status import Status
from tickets.ticket import Ticket, TicketId


@dataclass(frozen=True, slots=True)
class RelatedTicket:
    """Another ticket, as a link shows it."""

    id: TicketId
    number: int
    subject: str
    status: Status
    requester: Address


@dataclass(frozen=True, slots=True)
class Related:
    """Where a ticket's mails are now, the closed one that it carries on, and the newest one that carries it on."""

    merged_into: RelatedTicket | None = None
    follows: RelatedTicket | None = None
    followed_by: RelatedTicket | None = None


@dataclass(frozen=True, slots=True)
class Familiar:
    """Names and domains that somebody could pretend to have: the operators', and those of customers we answered."""

    operator_names: tuple[str, ...]
    customer_domains: tuple[str, ...]


class RelatedReads(Protocol):
    """The store's reads beside a ticket."""

    async def related(self, ticket: Ticket) -> Related:
        """One that carries it on is looked for only when the ticket is closed."""
        ...

    async def familiar(self, beside: TicketId) -> Familiar:
        """Bounded: of the few hundred newest tickets those that were answered, without the given one."""
        ...

    async def ticket_numbered(self, number: int) -> RelatedTicket:
        """Raises NotFound."""
        ...
