"""The past of the desk, for measuring: its closed tickets, what was drafted, and what became of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from persistence import reading
from persistence.engine import Database
from persistence.packing import draft_from, event_from
from persistence.rows import audit_events, drafts, mailboxes, tickets
from tickets.audit import AuditEvent
from tickets.status import Status
from tickets.ticket import Conversation, Draft, TicketId


@dataclass(frozen=True, slots=True)
class Past:
    """A closed ticket with all its mails, drafts and events, oldest first."""

    conversation: Conversation
    drafts: tuple[Draft, ...]
    events: tuple[AuditEvent, ...]


class SqlPast:
    """Reads; writes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed_tickets(self, since: datetime | None = None) -> AsyncIterator[Past]:
        """Those that were not merged into others, oldest first; `since` by when they last moved."""
        done = (
            select(tickets.c.id)
            .where(tickets.c.status == Status.DONE, tickets.c.merged_into.is_(None))
            .order_by(tickets.c.created_at, tickets.c.id)
        )
        if since:
            done = done.where(tickets.c.updated_at >= since)
        async with self._database.read() as connection:
            found = list((await connection.execute(done)).scalars())
        for ticket_id in found:
            yield await self._past(ticket_id)

    async def _past(self, ticket_id: TicketId) -> Past:
        of_drafts = select(drafts).where(drafts.c.ticket_id == ticket_id).order_by(drafts.c.revision)
        of_events = select(audit_events).where(audit_events.c.ticket_id == ticket_id).order_by(audit_events.c.id)
        async with self._database.read() as connection:
            ticket = await reading.ticket(connection, ticket_id)
            conversation = Conversation(ticket, await reading.messages(connection, ticket_id))
            offered = tuple(draft_from(row) for row in await connection.execute(of_drafts))
            events = tuple(event_from(row) for row in await connection.execute(of_events))
        return Past(conversation, offered, events)


async def own_addresses_of(database: Database) -> frozenset[str]:
    """The address keys that are the desk's."""
    async with database.read() as connection:
        found = await connection.execute(select(mailboxes.c.address, mailboxes.c.send_as))
        return frozenset(address.strip().casefold() for row in found for address in row if address)
