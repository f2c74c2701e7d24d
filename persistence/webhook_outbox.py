"""Writes what webhooks are to hear of into the transaction in which it happens."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.packing import Columns
from persistence.rows import tickets
from persistence.rows_webhooks import webhook_deliveries, webhooks
from tickets.audit import AuditEvent
from tickets.ticket import TicketId
from tickets.webhooks import DeliveryState, WebhookEvent, event_of, payload_of


async def announce(connection: AsyncConnection, events: Sequence[AuditEvent], opened: Sequence[TicketId]) -> None:
    """One delivery for each webhook that is on and wants the event."""
    news = _news(events, opened)
    if not news:
        return
    on = select(webhooks).where(webhooks.c.is_active, webhooks.c.disabled_at.is_(None))
    receivers = (await connection.execute(on)).all()
    if not receivers:
        return
    statuses = await _statuses(connection, [about["ticket_id"] for _, _, about in news])
    rows: list[Columns] = []
    for event, at, about in news:
        payload = payload_of(event, at, {**about, "ticket_id": str(about["ticket_id"]), **statuses[about["ticket_id"]]})
        rows += [_row(hook.id, event, payload, at) for hook in receivers if event.value in hook.events]
    if rows:
        await connection.execute(insert(webhook_deliveries), rows)


async def waiting_receivers(connection: AsyncConnection) -> list[UUID]:
    """The webhooks that are on and want to hear of long waits."""
    on = select(webhooks.c.id, webhooks.c.events).where(webhooks.c.is_active, webhooks.c.disabled_at.is_(None))
    return [hook.id for hook in await connection.execute(on) if WebhookEvent.WAITING.value in hook.events]


async def announce_waiting(
    connection: AsyncConnection, hooks: Sequence[UUID], about: Mapping[str, Any], at: datetime
) -> None:
    """One delivery for each of these webhooks."""
    rows = [_row(hook, WebhookEvent.WAITING, payload_of(WebhookEvent.WAITING, at, about), at) for hook in hooks]
    if rows:
        await connection.execute(insert(webhook_deliveries), rows)


def _news(
    events: Sequence[AuditEvent], opened: Sequence[TicketId]
) -> list[tuple[WebhookEvent, datetime, dict[str, Any]]]:
    at = {event.ticket_id: event.at for event in events}
    created = [(WebhookEvent.TICKET_CREATED, at[ticket], {"ticket_id": ticket}) for ticket in opened if ticket in at]
    news: list[tuple[WebhookEvent, datetime, dict[str, Any]]] = [*created]
    heard = [(told, event) for event in events if (told := event_of(event)) is not None]
    return news + [(kind, event.at, {**about, "ticket_id": event.ticket_id}) for (kind, about), event in heard]


async def _statuses(connection: AsyncConnection, ids: Sequence[TicketId]) -> dict[TicketId, dict[str, Any]]:
    query = select(tickets.c.id, tickets.c.number, tickets.c.status).where(tickets.c.id.in_(set(ids)))
    found = await connection.execute(query)
    return {row.id: {"number": row.number, "status": row.status} for row in found}


def _row(webhook_id: Any, event: WebhookEvent, payload: dict[str, Any], at: datetime) -> Columns:
    return {
        "id": uuid4(),
        "webhook_id": webhook_id,
        "event": event.value,
        "payload": payload,
        "state": DeliveryState.PENDING.value,
        "created_at": at,
        "attempts": 0,
        "next_at": at,
    }
