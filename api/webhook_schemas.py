"""What scripts send and get of webhooks out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from msgspec import Meta, Struct

from api.schemas import ONE_LINE
from tickets.webhook_address import MAX_URL
from tickets.webhooks import Delivery, Webhook

Url = Annotated[str, Meta(max_length=MAX_URL, pattern=ONE_LINE)]
EventName = Literal["ticket.created", "draft.ready", "approved", "sent", "failed", "ticket.waiting"]
Format = Literal["standard", "slack"]
Events = Annotated[list[EventName], Meta(min_length=1, max_length=6)]


class NewWebhook(Struct, forbid_unknown_fields=True):
    """Where to post which events. Only https, but for this machine itself. `slack` posts `{"text": ...}`, unsigned."""

    url: Url
    events: Events
    format: Format = "standard"


class WebhookChange(Struct, forbid_unknown_fields=True):
    """What is left out stays. `is_active` true also switches on what was switched off after days of failures."""

    url: Url | None = None
    events: Events | None = None
    is_active: bool | None = None


class WebhookOut(Struct, kw_only=True):
    """`failing_since`: no success since then. `disabled_at`: switched off after three days of that.

    Of a webhook with the format `slack`, `url` names the host alone: whoever knows the rest can write there.
    """

    id: UUID
    url: str
    events: list[str]
    is_active: bool
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None
    format: Format

    @classmethod
    def of(cls, webhook: Webhook) -> Self:
        events = [event.value for event in webhook.events]
        others = ("events", "format", "secret")
        same = {name: getattr(webhook, name) for name in cls.__struct_fields__ if name not in others}
        return cls(**same, events=events, format=webhook.format.value)


class FreshWebhook(WebhookOut, kw_only=True):
    """A webhook that was just made: `secret` is shown this once; a `slack` one has none, its address is it."""

    secret: str | None


class WebhookList(Struct):
    items: list[WebhookOut]


class WebhookDeliveryOut(Struct, kw_only=True):
    """One event for one webhook. `state`: pending until `next_at`, delivered, or failed after about a day."""

    id: UUID
    event: str
    state: str
    payload: Mapping[str, Any]
    created_at: datetime
    attempts: int
    next_at: datetime | None
    status: int | None
    error: str | None
    delivered_at: datetime | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        return cls(**{name: getattr(delivery, name) for name in cls.__struct_fields__})


class WebhookDeliveryList(Struct):
    items: list[WebhookDeliveryOut]
