"""Reads of other tickets: a customer's own, and the newest of the same kind; each over an index, and limited."""

from collections import Counter
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, select

from persistence.engine import Database
from persistence.rows import drafts, ticket_participants, tickets
from tickets.neighbours import MAX_COUNTED, CustomerHistory, Neighbour
from tickets.status import Status
from tickets.ticket import Ticket, TicketId

_LINE: Final = tuple(
    tickets.c[name]
    for name in ("id", "number", "subject", "status", "category", "language", "created_at", "updated_at")
)
_NEWEST_DRAFT: Final = and_(drafts.c.ticket_id == tickets.c.id, drafts.c.revision == tickets.c.draft_revision)
_LISTED: Final = (*_LINE, drafts.c.state.label("outcome"))


class OtherTicketReads:
    """The part of the store that looks at other tickets."""

    _database: Database

    async def customers_tickets(self, ticket: Ticket, *, limit: int, below: int | None = None) -> CustomerHistory:
        """Two selects over the index of participants."""
        is_theirs = (ticket_participants.c.address_key == ticket.requester.key) & _is_another(ticket)
        listed = _newest(limit + 1).join(ticket_participants, ticket_participants.c.ticket_id == tickets.c.id)
        listed = listed.where(is_theirs, tickets.c.number < below) if below else listed.where(is_theirs)
        statuses = (
            select(tickets.c.status)
            .join(ticket_participants, ticket_participants.c.ticket_id == tickets.c.id)
            .where(is_theirs)
            .limit(MAX_COUNTED)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(listed)).all()
            counts = Counter(Status(status) for status in (await connection.execute(statuses)).scalars())
        found = tuple(_neighbour(row) for row in rows[:limit])
        return CustomerHistory(found, counts, found[-1].number if len(rows) > limit else None)

    async def of_the_same_kind(self, ticket: Ticket, limit: int) -> tuple[Neighbour, ...]:
        if ticket.category is None:
            return ()
        query = _newest(limit).where(tickets.c.category == ticket.category, _is_another(ticket))
        async with self._database.read() as connection:
            return tuple(_neighbour(row) for row in await connection.execute(query))


def _newest(limit: int) -> Select[Any]:
    rows = select(*_LISTED).outerjoin_from(tickets, drafts, _NEWEST_DRAFT)
    return rows.order_by(tickets.c.number.desc()).limit(limit)


def _is_another(ticket: Ticket) -> ColumnElement[bool]:
    return (tickets.c.id != ticket.id) & tickets.c.merged_into.is_(None)


def _neighbour(row: Row[*tuple[Any, ...]]) -> Neighbour:
    shown = {name: row._mapping[name] for name in Neighbour.__dataclass_fields__}
    return Neighbour(**{**shown, "id": TicketId(row.id), "status": Status(row.status)})
