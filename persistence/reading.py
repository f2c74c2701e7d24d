"""Reads that the store and its transactions share.

Only a ticket's row is ever locked (on PostgreSQL, until the transaction ends). Whoever changes what belongs to a
ticket locks it first, so one lock is enough and no two can wait for each other in a circle.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.packing import decision_from, draft_from, message_from, outgoing_from, ticket_from
from persistence.rows import attachments, audit_events, decisions, drafts, mails, outbox, tickets
from tickets.errors import NotFound
from tickets.mail import Message
from tickets.outbox import Outgoing
from tickets.ticket import Decision, DecisionId, DecisionState, Draft, Ticket, TicketId
from tickets.wording import Sentence


async def _one(connection: AsyncConnection, query: Select[Any]) -> Row[Any] | None:
    row: Row[Any] | None = (await connection.execute(query)).first()
    return row


async def ticket(connection: AsyncConnection, ticket_id: TicketId, *, lock: bool = False) -> Ticket:
    """Raises NotFound."""
    query = select(tickets).where(tickets.c.id == ticket_id)
    row = await _one(connection, query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(Sentence("There is no ticket %(id)s. Look for it on the boards.", id=ticket_id))
    return ticket_from(row)


async def events(connection: AsyncConnection, ticket_id: TicketId) -> int:
    """How many events are on the ticket's audit trail."""
    query = select(func.max(audit_events.c.seq)).where(audit_events.c.chain == str(ticket_id))
    return (await connection.execute(query)).scalar() or 0


async def messages(connection: AsyncConnection, ticket_id: TicketId) -> tuple[Message, ...]:
    """The ticket's mails, oldest first."""
    query = select(mails).where(mails.c.ticket_id == ticket_id).order_by(mails.c.at, mails.c.id)
    found = (await connection.execute(query)).all()
    attached: defaultdict[Any, list[Row[Any]]] = defaultdict(list)
    if with_parts := [row.id for row in found if row.attachments]:
        parts = select(attachments).where(attachments.c.mail_id.in_(with_parts)).order_by(attachments.c.position)
        for part in await connection.execute(parts):
            attached[part.mail_id].append(part)
    return tuple(message_from(row, attached[row.id]) for row in found)


async def current_draft(connection: AsyncConnection, ticket_id: TicketId) -> Draft | None:
    """The newest revision."""
    newest = select(drafts).where(drafts.c.ticket_id == ticket_id).order_by(drafts.c.revision.desc()).limit(1)
    row = await _one(connection, newest)
    return draft_from(row) if row else None


async def draft_made_for(connection: AsyncConnection, ticket_id: TicketId, made_for: str) -> Draft | None:
    query = select(drafts).where(drafts.c.ticket_id == ticket_id, drafts.c.made_for == made_for)
    row = await _one(connection, query)
    return draft_from(row) if row else None


async def decision(connection: AsyncConnection, decision_id: DecisionId) -> Decision | None:
    row = await _one(connection, select(decisions).where(decisions.c.id == decision_id))
    return decision_from(row) if row else None


async def pending_decision(connection: AsyncConnection, ticket_id: TicketId) -> Decision | None:
    """The newest one that nobody has answered yet."""
    pending = select(decisions).where(
        decisions.c.ticket_id == ticket_id, decisions.c.state == DecisionState.PENDING.value
    )
    row = await _one(connection, pending.order_by(decisions.c.created_at.desc()).limit(1))
    return decision_from(row) if row else None


async def outgoing(connection: AsyncConnection, decision_id: DecisionId) -> Outgoing | None:
    row = await _one(connection, select(outbox).where(outbox.c.decision_id == decision_id))
    return outgoing_from(row) if row else None


async def latest_outgoing(connection: AsyncConnection, ticket_id: TicketId) -> Outgoing | None:
    latest = select(outbox).where(outbox.c.ticket_id == ticket_id).order_by(outbox.c.approved_seq.desc()).limit(1)
    row = await _one(connection, latest)
    return outgoing_from(row) if row else None
