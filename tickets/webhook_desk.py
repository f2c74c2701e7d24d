"""What administrators do with webhooks, and the loop's one round: post what is due."""

import base64
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from tickets.audit import AuditEvent, EventKind
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.webhook_address import require_url
from tickets.webhook_chat import chat_text
from tickets.webhooks import (
    SECRET_PREFIX,
    Delivery,
    DeliveryState,
    Poster,
    Webhook,
    WebhookEvent,
    WebhookFormat,
    WebhookStore,
    host_of,
    payload_of,
    require_events,
    require_format,
    signature,
)

AT_ONCE: Final = 20
KEPT: Final = timedelta(days=30)
PLAIN: Final = {"content-type": "application/json", "user-agent": "communication-agent"}
Gather = Callable[[Sequence[Awaitable[None]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Webhooks:
    """`new_id` and `random` make ids and key bytes."""

    store: WebhookStore
    poster: Poster
    clock: Clock
    new_id: Callable[[], UUID]
    random: Callable[[int], bytes]
    gather: Gather
    crash: Callable[[str], None] = lambda _point: None
    site: str = ""  # where people open the desk, for the links in chat rooms
    allows_private: bool = False

    async def add(
        self, url: str, events: Sequence[str], *, by: Actor, speaks: str = WebhookFormat.STANDARD
    ) -> tuple[Webhook, str | None]:
        """The new webhook and its secret, which is shown this once. A chat room's secret is its address."""
        by.require(Scope.ADMIN)
        wanted, address, kind = require_events(events), self._address(url), require_format(speaks)
        webhook = Webhook(self.new_id(), address, wanted, True, self.clock.now(), format=kind)
        event = self._event(EventKind.WEBHOOK_ADDED, webhook.id, by)
        if kind is WebhookFormat.SLACK:
            webhook = replace(webhook, url=host_of(address))
            await self.store.add(webhook, address, event)
            return webhook, None
        secret = SECRET_PREFIX + base64.b64encode(self.random(24)).decode()
        await self.store.add(webhook, secret, event)
        return webhook, secret

    async def change(
        self,
        webhook_id: UUID,
        *,
        by: Actor,
        url: str | None = None,
        events: Sequence[str] | None = None,
        is_active: bool | None = None,
    ) -> Webhook:
        """What is None stays. Switching it on also forgets its failures."""
        by.require(Scope.ADMIN)
        webhook = await self.store.webhook(webhook_id)
        is_room, address = webhook.format is WebhookFormat.SLACK, None
        if url is not None and url != webhook.url:
            address = self._address(url)
        changed = replace(
            webhook,
            url=webhook.url if address is None else host_of(address) if is_room else address,
            events=webhook.events if events is None else require_events(events),
            is_active=webhook.is_active if is_active is None else is_active,
        )
        if is_active:
            changed = replace(changed, failing_since=None, disabled_at=None)
        event = self._event(EventKind.WEBHOOK_CHANGED, webhook_id, by)
        await self.store.change(changed, event, address if is_room else None)
        return changed

    async def remove(self, webhook_id: UUID, *, by: Actor) -> None:
        by.require(Scope.ADMIN)
        await self.store.webhook(webhook_id)
        await self.store.remove(webhook_id, self._event(EventKind.WEBHOOK_REMOVED, webhook_id, by))

    async def test(self, webhook_id: UUID, *, by: Actor) -> Delivery:
        """Send it something harmless, whatever it has subscribed to."""
        by.require(Scope.ADMIN)
        webhook, now = await self.store.webhook(webhook_id), self.clock.now()
        payload = payload_of(WebhookEvent.TEST, now, {"webhook_id": str(webhook.id)})
        pending = DeliveryState.PENDING
        delivery = Delivery(self.new_id(), webhook.id, WebhookEvent.TEST, payload, pending, now, next_at=now)
        await self.store.enqueue(delivery)
        return delivery

    async def redeliver(self, webhook_id: UUID, delivery_id: UUID, *, by: Actor) -> Delivery:
        """Once more, under the same id."""
        by.require(Scope.ADMIN)
        return await self.store.redeliver(webhook_id, delivery_id, self.clock.now())

    async def run_once(self) -> int:
        """Post what is due; how many were posted."""
        due = await self.store.claim_due(self.clock.now(), AT_ONCE)
        await self.gather([self._post(delivery) for delivery in due])
        return len(due)

    async def forget_old(self) -> None:
        await self.store.forget(self.clock.now() - KEPT)

    async def _post(self, delivery: Delivery) -> None:
        webhook = await self.store.webhook(delivery.webhook_id)
        secret = await self.store.secret(webhook.id)
        if webhook.format is WebhookFormat.SLACK:
            text = chat_text(delivery.event, delivery.payload["data"], self.site)
            posted = await self.poster.post(secret, PLAIN, json.dumps({"text": text}).encode())
        else:
            body = json.dumps(delivery.payload, separators=(",", ":"), sort_keys=True).encode()
            posted = await self.poster.post(webhook.url, self._signed(delivery, secret, body), body)
        self.crash("webhook-posted")
        await self.store.settle(delivery, posted, self.clock.now())

    def _signed(self, delivery: Delivery, secret: str, body: bytes) -> Mapping[str, str]:
        timestamp = int(self.clock.now().timestamp())
        return {
            **PLAIN,
            "webhook-id": str(delivery.id),
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret, delivery.id, timestamp, body),
        }

    def _address(self, url: str) -> str:
        return require_url(url, allows_private=self.allows_private)

    def _event(self, kind: EventKind, webhook_id: UUID, by: Actor) -> AuditEvent:
        return AuditEvent(kind, by.name, self.clock.now(), fields={"webhook_id": str(webhook_id)})
