"""What the tables say of the work on tickets: what is due, what should be at rest, what comes next."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.rows import decisions, outbox, tickets
from tickets.drive import InFlight, WorkView
from tickets.errors import NotFound
from tickets.outbox import ENDED, IN_FLIGHT, OutboxState
from tickets.status import Status
from tickets.ticket import DecisionId, DecisionKind, DecisionState, TicketId
from tickets.wording import Sentence

_AnyRow = Row[*tuple[Any, ...]]

_HAS_WORK: Final = and_(tickets.c.work_at.is_not(None), tickets.c.stopped.is_(False))

# One statement, so that everything in a view is of the same instant: the ticket, beside each decision that waits and
# each outgoing mail that has not ended. There is at most one of either in practice.
_VIEW: Final = (
    select(
        tickets.c.work_version,
        tickets.c.attempts,
        tickets.c.work_seq,
        tickets.c.settled_seq,
        tickets.c.has_draft,
        tickets.c.status,
        decisions.c.id.label("decision_id"),
        decisions.c.kind,
        decisions.c.due_at,
        outbox.c.decision_id.label("sending_id"),
        outbox.c.state,
        outbox.c.next_at,
        outbox.c.claim,
        outbox.c.claim_until,
    )
    .outerjoin(decisions, and_(decisions.c.ticket_id == tickets.c.id, decisions.c.state == DecisionState.PENDING.value))
    .outerjoin(outbox, and_(outbox.c.ticket_id == tickets.c.id, outbox.c.state.not_in([s.value for s in ENDED])))
    .order_by(decisions.c.created_at.desc(), outbox.c.approved_seq.desc())
)


async def work_view(connection: AsyncConnection, ticket_id: TicketId, now: datetime) -> WorkView:
    """Raises NotFound."""
    rows = (await connection.execute(_VIEW.where(tickets.c.id == ticket_id))).all()
    if not rows:
        raise NotFound(Sentence("There is no ticket %(id)s. Look for it on the boards.", id=ticket_id))
    first = rows[0]
    decision_due, decided_at = _decision(rows, now)
    sending = next((row for row in rows if row.state in IN_FLIGHT), None)
    delivery = _delivery(sending, now)
    later = [at for at in (decided_at, sending.next_at if sending else None) if at is not None and at > now]
    return WorkView(
        ticket_id=ticket_id,
        version=first.work_version,
        attempts=first.attempts,
        work_seq=first.work_seq,
        settled_seq=first.settled_seq,
        decision_due=decision_due,
        delivery=delivery,
        in_flight_decision=DecisionId(sending.sending_id) if sending and delivery is InFlight.DUE else None,
        has_open_draft=first.has_draft,
        is_closed=first.status == Status.DONE,
        next_at=min(later, default=None),
        claim=sending.claim if sending else None,
        claim_until=sending.claim_until if sending else None,
    )


def _decision(rows: Sequence[_AnyRow], now: datetime) -> tuple[DecisionId | None, datetime | None]:
    """The pending decision if it is due, and when it is or was."""
    pending = rows[0]
    if pending.decision_id is None:
        return None, None
    due_at = pending.due_at
    if pending.kind == DecisionKind.SEND:
        approved = [row for row in rows if row.sending_id == pending.decision_id and row.state == OutboxState.APPROVED]
        if not approved:
            return None, None
        # A mailbox that could not be reached puts the first attempt off without leaving APPROVED.
        due_at = max(due_at, approved[0].next_at or due_at)
    return (DecisionId(pending.decision_id) if due_at <= now else None), due_at


def _delivery(sending: _AnyRow | None, now: datetime) -> InFlight:
    """Where the reply is that has begun to leave."""
    if sending is None:
        return InFlight.NO
    needs_human = sending.state == OutboxState.NEEDS_HUMAN or sending.next_at is None
    return InFlight.SETTLING if needs_human or sending.next_at > now else InFlight.DUE


async def due(connection: AsyncConnection, now: datetime, limit: int) -> tuple[TicketId, ...]:
    """Longest due first. A stopped ticket waits for Retry."""
    query = select(tickets.c.id).where(_HAS_WORK, tickets.c.work_at <= now)
    found = await connection.execute(query.order_by(tickets.c.work_at, tickets.c.id).limit(limit))
    return tuple(found.scalars())


async def unrested(connection: AsyncConnection, now: datetime, limit: int, after: UUID | None) -> tuple[TicketId, ...]:
    """Tickets whose newest draft waits, apart from those with work due: `due` has them."""
    nothing_due = or_(tickets.c.work_at.is_(None), tickets.c.work_at > now)
    query = select(tickets.c.id).where(tickets.c.has_draft, tickets.c.stopped.is_(False), nothing_due)
    if after is not None:
        query = query.where(tickets.c.id > after)
    return tuple((await connection.execute(query.order_by(tickets.c.id).limit(limit))).scalars())


async def next_work_at(connection: AsyncConnection) -> datetime | None:
    earliest: datetime | None = (
        await connection.execute(select(func.min(tickets.c.work_at)).where(_HAS_WORK))
    ).scalar()
    return earliest


async def at_rest(connection: AsyncConnection, now: datetime, ticket_ids: Sequence[TicketId]) -> bool:
    """Work stays asked for until the drive has found nothing more, so what is under way is also due or failing."""
    at_work = and_(tickets.c.id.in_(ticket_ids), _HAS_WORK, or_(tickets.c.work_at <= now, tickets.c.attempts > 0))
    return (await connection.execute(select(tickets.c.id).where(at_work).limit(1))).first() is None
