"""Reads beside a ticket: the tickets it points to, names and domains that the desk knows, a ticket by its number."""

from typing import Any, Final

from sqlalchemy import Row, false, or_, select

from persistence.account_rows import operators
from persistence.engine import Database
from persistence.rows import mails, tickets
from tickets.domains import domain_of
from tickets.errors import NotFound
from tickets.mail import Address, MailKind
from tickets.related import Familiar, Related, RelatedTicket
from tickets.status import Status
from tickets.ticket import Ticket, TicketId
from tickets.wording import Sentence

_NEWEST: Final = 300  # tickets among which known customers are looked for, however many there are
_OURS: Final = (MailKind.REPLY.value, MailKind.HUMAN_REPLY.value)
_NAMES: Final = ("id", "number", "subject", "status", "requester_name", "requester_address", "follows")
SHOWN: Final = tuple(tickets.c[name] for name in _NAMES)


class NeighbourReads:
    """The part of the store that looks beside a ticket."""

    _database: Database

    async def related(self, ticket: Ticket) -> Related:
        """One select. Only a closed ticket is carried on by another."""
        pointed = [each for each in (ticket.merged_into, ticket.follows) if each]
        is_later = tickets.c.follows == ticket.id
        is_closed = ticket.status is Status.DONE
        if not (pointed or is_closed):
            return Related()
        condition = or_(tickets.c.id.in_(pointed) if pointed else false(), is_later if is_closed else false())
        async with self._database.read() as connection:
            rows = (await connection.execute(select(*SHOWN).where(condition).order_by(tickets.c.number))).all()
        found = {row.id: related_from(row) for row in rows}
        later = [found[row.id] for row in rows if row.follows == ticket.id]
        return Related(
            merged_into=found.get(ticket.merged_into) if ticket.merged_into else None,
            follows=found.get(ticket.follows) if ticket.follows else None,
            followed_by=later[-1] if later else None,
        )

    async def familiar(self, beside: TicketId) -> Familiar:
        newest = select(tickets.c.id, tickets.c.requester_address).order_by(tickets.c.number.desc()).limit(_NEWEST)
        recent = newest.subquery()
        was_answered = select(mails.c.id).where(mails.c.ticket_id == recent.c.id, mails.c.kind.in_(_OURS)).exists()
        customers = select(recent.c.requester_address).where(recent.c.id != beside, was_answered).distinct()
        async with self._database.read() as connection:
            names = tuple((await connection.execute(select(operators.c.name))).scalars())
            domains = {domain_of(address) for address in (await connection.execute(customers)).scalars()}
        return Familiar(tuple(filter(None, names)), tuple(sorted(filter(None, domains))))

    async def ticket_numbered(self, number: int) -> RelatedTicket:
        """Raises NotFound."""
        async with self._database.read() as connection:
            row = (await connection.execute(select(*SHOWN).where(tickets.c.number == number))).first()
        if row is None:
            raise NotFound(
                Sentence("There is no ticket #%(number)s. Look for its number on the boards.", number=number)
            )
        return related_from(row)


def related_from(row: Row[Any], prefix: str = "") -> RelatedTicket:
    """The columns of SHOWN, under their own names or with something before them."""
    told = {name: row._mapping[f"{prefix}{name}"] for name in _NAMES}
    requester = Address(told["requester_name"], told["requester_address"])
    return RelatedTicket(TicketId(told["id"]), told["number"], told["subject"], Status(told["status"]), requester)
