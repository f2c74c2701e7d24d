"""Reads of other tickets: a customer's own, and the newest of the same kind; each over an index, and limited."""

from collections import Counter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select, text

from persistence.engine import Database
from persistence.rows import drafts, ticket_participants, tickets
from persistence.search_terms import fts5_query, tsquery
from tickets.neighbours import MAX_COUNTED, CustomerHistory, Neighbour, telling_words
from tickets.search import Phrase, Place
from tickets.status import Status
from tickets.ticket import Ticket, TicketId

_LINE: Final = tuple(
    tickets.c[name]
    for name in ("id", "number", "subject", "status", "category", "language", "created_at", "updated_at")
)
_NEWEST_DRAFT: Final = and_(drafts.c.ticket_id == tickets.c.id, drafts.c.revision == tickets.c.draft_revision)
_A_WORD: Final = 200  # entries of the index that are looked up for one word
_FTS5_HAVING: Final = text(
    "SELECT DISTINCT ticket_id FROM search_entries WHERE id IN (SELECT rowid FROM search_words"
    " WHERE search_words MATCH :words ORDER BY rowid DESC LIMIT :most)"
).columns(ticket_id=tickets.c.id.type)
# Not in order: to sort them, PostgreSQL would have to fetch every entry with the word.
_GIN_HAVING: Final = text(
    "SELECT DISTINCT ticket_id FROM search_entries WHERE id IN (SELECT id FROM search_words"
    " WHERE words @@ CAST(:words AS tsquery) LIMIT :most)"
).columns(ticket_id=tickets.c.id.type)
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

    async def with_words_of(self, ticket: Ticket, limit: int) -> tuple[Neighbour, ...]:
        """One look into the index for each word, and one select."""
        if ticket.category is None:
            return ()
        found: set[UUID] = set()
        async with self._database.read() as connection:
            for word in telling_words(ticket.subject):
                asked = {"words": self._in_subject(word), "most": _A_WORD}
                having = _FTS5_HAVING if self._database.is_sqlite else _GIN_HAVING
                found |= set((await connection.execute(having, asked)).scalars())
            is_alike = (tickets.c.id.in_(sorted(found)), tickets.c.category == ticket.category)
            query = _newest(limit).where(*is_alike, _is_another(ticket))
            return tuple(_neighbour(row) for row in await connection.execute(query)) if found else ()

    def _in_subject(self, word: str) -> str:
        phrase = Phrase((word,), Place.SUBJECT, is_prefix=True)
        return fts5_query([phrase]) if self._database.is_sqlite else tsquery([phrase])


def _newest(limit: int) -> Select[Any]:
    rows = select(*_LISTED).outerjoin_from(tickets, drafts, _NEWEST_DRAFT)
    return rows.order_by(tickets.c.number.desc()).limit(limit)


def _is_another(ticket: Ticket) -> ColumnElement[bool]:
    return (tickets.c.id != ticket.id) & tickets.c.merged_into.is_(None)


def _neighbour(row: Row[*tuple[Any, ...]]) -> Neighbour:
    shown = {name: row._mapping[name] for name in Neighbour.__dataclass_fields__}
    return Neighbour(**{**shown, "id": TicketId(row.id), "status": Status(row.status)})
