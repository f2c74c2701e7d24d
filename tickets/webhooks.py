"""Webhooks out: which events other systems may hear of, how a delivery is signed, repeated and given up.

Deliveries are rows that are written with what they tell, and posted later: at least once, under an id by which a
receiver knows a repetition. They hold ids and states, never mail text or addresses.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput
from tickets.wording import Sentence

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - a mark, as the Standard Webhooks specification has it
CLAIMED_FOR: Final = timedelta(seconds=60)
GIVE_UP_AFTER: Final = timedelta(days=3)  # of failures without one success; then the webhook is switched off
# Seconds until the next attempt; together about a day.
RETRY_S: Final = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800)


class WebhookEvent(StrEnum):
    TICKET_CREATED = "ticket.created"
    DRAFT_READY = "draft.ready"
    APPROVED = "approved"
    SENT = "sent"
    FAILED = "failed"
    WAITING = "ticket.waiting"
    TEST = "test"


class WebhookFormat(StrEnum):
    """STANDARD is signed JSON as Standard Webhooks have it; SLACK is `{"text": ...}`, which chat rooms take."""

    STANDARD = "standard"
    SLACK = "slack"


SUBSCRIBED: Final = tuple(event for event in WebhookEvent if event is not WebhookEvent.TEST)
EVENT_OF: Final[Mapping[EventKind, WebhookEvent]] = {
    EventKind.DRAFT_OFFERED: WebhookEvent.DRAFT_READY,
    EventKind.APPROVED: WebhookEvent.APPROVED,
    EventKind.SENT: WebhookEvent.SENT,
    EventKind.SEND_FAILED: WebhookEvent.FAILED,
}
_TOLD: Final = ("revision", "send_id")  # of an event's fields


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to post which events. `disabled_at` is set by us after days of failures, `is_active` by administrators.

    The address of a chat room lets anybody write there: it is kept sealed, and `url` names its host alone.
    """

    id: UUID
    url: str
    events: tuple[WebhookEvent, ...]
    is_active: bool
    created_at: datetime
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    format: WebhookFormat = WebhookFormat.STANDARD

    @property
    def is_on(self) -> bool:
        return self.is_active and self.disabled_at is None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one webhook. `claim` names the run that posts it at the moment."""

    id: UUID
    webhook_id: UUID
    event: WebhookEvent
    payload: Mapping[str, Any]
    state: DeliveryState
    created_at: datetime
    attempts: int = 0
    next_at: datetime | None = None
    status: int | None = None
    error: str | None = None
    delivered_at: datetime | None = None
    claim: str | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of one attempt: the receiver's status, or why there is none."""

    status: int | None
    error: str | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class WebhookStore(Protocol):
    """Webhooks and their deliveries."""

    async def webhooks(self) -> tuple[Webhook, ...]: ...
    async def webhook(self, webhook_id: UUID) -> Webhook:
        """Raises NotFound."""
        ...

    async def add(self, webhook: Webhook, secret: str, event: AuditEvent) -> None: ...
    async def change(self, webhook: Webhook, event: AuditEvent, secret: str | None = None) -> None:
        """Write its address, events and whether it is on; a secret of None stays."""
        ...

    async def remove(self, webhook_id: UUID, event: AuditEvent) -> None: ...
    async def secret(self, webhook_id: UUID) -> str: ...
    async def enqueue(self, delivery: Delivery) -> None: ...
    async def deliveries(self, webhook_id: UUID, limit: int) -> tuple[Delivery, ...]:
        """The newest first."""
        ...

    async def redeliver(self, webhook_id: UUID, delivery_id: UUID, now: datetime) -> Delivery:
        """Make it due at once, under its id; raises NotFound."""
        ...

    async def claim_due(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Deliveries that are due, for this run alone until the claim is over."""
        ...

    async def settle(self, delivery: Delivery, posted: Posted, now: datetime) -> bool:
        """Record an attempt of a claimed delivery; True when its webhook was switched off by it."""
        ...

    async def forget(self, before: datetime) -> int:
        """Delete what was settled before; how many they were."""
        ...


class Poster(Protocol):
    """Posts a body to an address outside."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Posted: ...


def event_of(event: AuditEvent) -> tuple[WebhookEvent, dict[str, Any]] | None:
    """What others hear of an event on record: its kind, and the ids that go with it."""
    kind = EVENT_OF.get(event.kind)
    if kind is None or event.ticket_id is None:
        return None
    fields = event.fields or {}
    return kind, {"ticket_id": str(event.ticket_id), **{name: fields[name] for name in _TOLD if name in fields}}


def payload_of(event: WebhookEvent, at: datetime, about: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": event.value, "timestamp": at.isoformat(), "data": dict(about)}


def signature(secret: str, delivery_id: UUID, timestamp: int, body: bytes) -> str:
    """As Standard Webhooks signs: HMAC-SHA256 over id, time and body, with the base64 part of the secret as key."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None when it is given up."""
    return timedelta(seconds=RETRY_S[attempts - 1]) if attempts <= len(RETRY_S) else None


def host_of(url: str) -> str:
    """The part of a chat room's address that may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/…"


def require_format(name: str) -> WebhookFormat:
    """Raises BadInput."""
    try:
        return WebhookFormat(name)
    except ValueError:
        raise BadInput(f"format: choose one of {', '.join(WebhookFormat)}.") from None


def require_events(events: Sequence[str]) -> tuple[WebhookEvent, ...]:
    """Raises BadInput unless they are some of those that can be subscribed to."""
    known = {event.value: event for event in SUBSCRIBED}
    if not events or any(event not in known for event in events):
        raise BadInput(Sentence("events: choose some of %(names)s.", names=", ".join(known)))
    return tuple(known[event] for event in dict.fromkeys(events))
