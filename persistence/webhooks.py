"""Webhooks and their deliveries: the port WebhookStore. Deliveries are claimed one by one: two processes share them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, insert, or_, select, update

from persistence.claiming import claimed, earliest, is_free
from persistence.engine import Database
from persistence.rows_webhooks import webhook_deliveries as deliveries
from persistence.rows_webhooks import webhooks
from persistence.sealing import Sealer
from persistence.unit import unit_of_work
from tickets.audit import AuditEvent, EventKind
from tickets.errors import NotFound
from tickets.webhooks import (
    CLAIMED_FOR,
    GIVE_UP_AFTER,
    Delivery,
    DeliveryState,
    Posted,
    Webhook,
    WebhookEvent,
    WebhookFormat,
    retry_after,
)

_PENDING = DeliveryState.PENDING.value


@dataclass(frozen=True, slots=True)
class SqlWebhooks:
    """Secrets are sealed with the webhook's id as associated data."""

    database: Database
    sealer: Sealer

    async def webhooks(self) -> tuple[Webhook, ...]:
        async with self.database.read() as connection:
            rows = await connection.execute(select(webhooks).order_by(webhooks.c.created_at, webhooks.c.id))
            return tuple(_webhook(row) for row in rows)

    async def webhook(self, webhook_id: UUID) -> Webhook:
        return _webhook(await self._row(webhook_id))

    async def secret(self, webhook_id: UUID) -> str:
        row = await self._row(webhook_id)
        return self.sealer.open(row.secret, webhook_id.bytes).decode()

    async def add(self, webhook: Webhook, secret: str, event: AuditEvent) -> None:
        sealed = self.sealer.seal(secret.encode(), webhook.id.bytes)
        async with unit_of_work(self.database) as unit:
            await unit.connection.execute(insert(webhooks).values(id=webhook.id, secret=sealed, **_columns(webhook)))
            unit.events.append(event)

    async def change(self, webhook: Webhook, event: AuditEvent, secret: str | None = None) -> None:
        sealed = {} if secret is None else {"secret": self.sealer.seal(secret.encode(), webhook.id.bytes)}
        async with unit_of_work(self.database) as unit:
            changed = update(webhooks).where(webhooks.c.id == webhook.id).values({**_columns(webhook), **sealed})
            await unit.connection.execute(changed)
            unit.events.append(event)

    async def remove(self, webhook_id: UUID, event: AuditEvent) -> None:
        async with unit_of_work(self.database) as unit:
            await unit.connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))
            unit.events.append(event)

    async def enqueue(self, delivery: Delivery) -> None:
        row = {
            "id": delivery.id,
            "webhook_id": delivery.webhook_id,
            "event": delivery.event.value,
            "payload": dict(delivery.payload),
            "state": delivery.state.value,
            "created_at": delivery.created_at,
            "attempts": 0,
            "next_at": delivery.next_at,
        }
        async with unit_of_work(self.database) as unit:
            await unit.connection.execute(insert(deliveries).values(row))

    async def deliveries(self, webhook_id: UUID, limit: int) -> tuple[Delivery, ...]:
        query = select(deliveries).where(deliveries.c.webhook_id == webhook_id)
        async with self.database.read() as connection:
            newest = query.order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc()).limit(limit)
            return tuple(_delivery(row) for row in await connection.execute(newest))

    async def redeliver(self, webhook_id: UUID, delivery_id: UUID, now: datetime) -> Delivery:
        ours = (deliveries.c.id == delivery_id) & (deliveries.c.webhook_id == webhook_id)
        again = {"state": _PENDING, "attempts": 0, "next_at": now, "claim": None, "claim_until": None}
        async with unit_of_work(self.database) as unit:
            moved = update(deliveries).where(ours).values(again).returning(deliveries)
            row = (await unit.connection.execute(moved)).first()
        if row is None:
            raise NotFound("This webhook has no such delivery. Its list names the last ones.")
        return _delivery(row)

    async def claim_due(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        due = and_(deliveries.c.state == _PENDING, deliveries.c.next_at <= now, is_free(deliveries, now))
        is_on = webhooks.c.is_active & webhooks.c.disabled_at.is_(None)
        wanted = or_(is_on, deliveries.c.event == WebhookEvent.TEST.value)
        found = earliest(deliveries, limit).join(webhooks, webhooks.c.id == deliveries.c.webhook_id).where(due, wanted)
        return tuple(_delivery(row) for row in await claimed(self.database, deliveries, found, due, now + CLAIMED_FOR))

    async def settle(self, delivery: Delivery, posted: Posted, now: datetime) -> bool:
        attempts = delivery.attempts + 1
        async with unit_of_work(self.database) as unit:
            mine = (deliveries.c.id == delivery.id) & (deliveries.c.claim == delivery.claim)
            kept = update(deliveries).where(mine).values(_attempt(attempts, posted, now))
            if (await unit.connection.execute(kept)).rowcount == 0:
                return False
            one = webhooks.c.id == delivery.webhook_id
            if posted.is_taken:
                well = update(webhooks).where(one, webhooks.c.failing_since.is_not(None))
                await unit.connection.execute(well.values(failing_since=None))
                return False
            ill = update(webhooks).where(one, webhooks.c.failing_since.is_(None)).values(failing_since=now)
            await unit.connection.execute(ill)
            over = and_(one, webhooks.c.disabled_at.is_(None), webhooks.c.failing_since <= now - GIVE_UP_AFTER)
            is_off = (await unit.connection.execute(update(webhooks).where(over).values(disabled_at=now))).rowcount == 1
            if is_off:
                fields = {"webhook_id": str(delivery.webhook_id)}
                unit.events.append(AuditEvent(EventKind.WEBHOOK_DISABLED, "webhooks", now, fields=fields))
        return is_off

    async def forget(self, before: datetime) -> int:
        old = and_(deliveries.c.state != _PENDING, deliveries.c.created_at < before)
        async with self.database.write() as connection:
            return (await connection.execute(delete(deliveries).where(old))).rowcount

    async def _row(self, webhook_id: UUID) -> Row[Any]:
        async with self.database.read() as connection:
            row = (await connection.execute(select(webhooks).where(webhooks.c.id == webhook_id))).first()
        if row is None:
            raise NotFound("There is no such webhook. The settings list them all.")
        return row


def _attempt(attempts: int, posted: Posted, now: datetime) -> dict[str, ColumnElement[Any] | Any]:
    """What a delivery's row holds after an attempt."""
    told = {"attempts": attempts, "status": posted.status, "error": posted.error, "claim": None, "claim_until": None}
    if posted.is_taken:
        return {**told, "state": DeliveryState.DELIVERED.value, "delivered_at": now, "next_at": None}
    wait = retry_after(attempts)
    if wait is None:
        return {**told, "state": DeliveryState.FAILED.value, "next_at": None}
    return {**told, "next_at": now + wait}


def _columns(webhook: Webhook) -> dict[str, Any]:
    return {
        "url": webhook.url,
        "events": [event.value for event in webhook.events],
        "is_active": webhook.is_active,
        "created_at": webhook.created_at,
        "failing_since": webhook.failing_since,
        "disabled_at": webhook.disabled_at,
        "format": webhook.format.value,
    }


def _webhook(row: Row[Any]) -> Webhook:
    events = tuple(WebhookEvent(event) for event in row.events)
    return Webhook(
        id=row.id,
        url=row.url,
        events=events,
        is_active=row.is_active,
        created_at=row.created_at,
        failing_since=row.failing_since,
        disabled_at=row.disabled_at,
        format=WebhookFormat(row.format),
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        webhook_id=row.webhook_id,
        event=WebhookEvent(row.event),
        payload=row.payload,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        next_at=row.next_at,
        status=row.status,
        error=row.error,
        delivered_at=row.delivered_at,
        claim=row.claim,
    )
