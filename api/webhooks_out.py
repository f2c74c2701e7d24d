"""Webhooks out for scripts of administrators: subscribe, look at deliveries, try, send again."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_202_ACCEPTED

from api.auth import may
from api.idempotency import TOLD_ONCE
from api.needs import ActorNeed, ServicesNeed
from api.services import Services
from api.tickets import problems
from api.webhook_schemas import (
    FreshWebhook,
    NewWebhook,
    WebhookChange,
    WebhookDeliveryList,
    WebhookDeliveryOut,
    WebhookList,
    WebhookOut,
)
from tickets.errors import NotFound
from tickets.people import Scope
from tickets.webhook_desk import Webhooks

REST = "/webhooks"
ONE = REST + "/{webhook_id:uuid}"

WebhookPath = FromPath[UUID]
Newest = Annotated[int, QueryParameter(ge=1, le=200, description="How many deliveries at most, the newest first.")]


def webhooks_of(services: Services) -> Webhooks:
    if services.webhooks is None:
        raise NotFound("This desk posts no webhooks.")
    return services.webhooks


@get(REST, guards=[may(Scope.ADMIN)], responses=problems())
async def list_webhooks(services: ServicesNeed) -> WebhookList:
    """Every webhook, the oldest first."""
    return WebhookList([WebhookOut.of(each) for each in await webhooks_of(services).store.webhooks()])


@post(REST, guards=[may(Scope.ADMIN)], opt={TOLD_ONCE: True}, status_code=HTTP_201_CREATED, responses=problems(413))
async def add_webhook(data: JSONBody[NewWebhook], services: ServicesNeed, actor: ActorNeed) -> FreshWebhook:
    """Subscribe an address. The answer has the secret that signs its deliveries, this once."""
    webhook, secret = await webhooks_of(services).add(data.url, list(data.events), by=actor, speaks=data.format)
    shown = WebhookOut.of(webhook)
    return FreshWebhook(**{name: getattr(shown, name) for name in shown.__struct_fields__}, secret=secret)


@get(ONE, guards=[may(Scope.ADMIN)], responses=problems(404))
async def read_webhook(webhook_id: WebhookPath, services: ServicesNeed) -> WebhookOut:
    """One webhook."""
    return WebhookOut.of(await webhooks_of(services).store.webhook(webhook_id))


@patch(ONE, guards=[may(Scope.ADMIN)], responses=problems(404, 413))
async def change_webhook(
    webhook_id: WebhookPath, data: JSONBody[WebhookChange], services: ServicesNeed, actor: ActorNeed
) -> WebhookOut:
    """Change its address or events, switch it on or off."""
    changed = await webhooks_of(services).change(
        webhook_id, by=actor, url=data.url, events=data.events, is_active=data.is_active
    )
    return WebhookOut.of(changed)


@delete(ONE, guards=[may(Scope.ADMIN)], responses=problems(404))
async def remove_webhook(webhook_id: WebhookPath, services: ServicesNeed, actor: ActorNeed) -> None:
    """Remove it with its deliveries."""
    await webhooks_of(services).remove(webhook_id, by=actor)


@get(ONE + "/deliveries", guards=[may(Scope.ADMIN)], responses=problems(404))
async def list_deliveries(webhook_id: WebhookPath, services: ServicesNeed, limit: Newest = 50) -> WebhookDeliveryList:
    """What was and will be posted to it, the newest first; settled ones are kept for 30 days."""
    store = webhooks_of(services).store
    await store.webhook(webhook_id)
    return WebhookDeliveryList([WebhookDeliveryOut.of(each) for each in await store.deliveries(webhook_id, limit)])


@post(ONE + "/test", guards=[may(Scope.ADMIN)], status_code=HTTP_202_ACCEPTED, responses=problems(404))
async def test_webhook(webhook_id: WebhookPath, services: ServicesNeed, actor: ActorNeed) -> WebhookDeliveryOut:
    """Post it a harmless event at once."""
    return WebhookDeliveryOut.of(await webhooks_of(services).test(webhook_id, by=actor))


@post(
    ONE + "/deliveries/{delivery_id:uuid}/redeliver",
    guards=[may(Scope.ADMIN)],
    status_code=HTTP_200_OK,
    responses=problems(404),
)
async def redeliver(
    webhook_id: WebhookPath, delivery_id: FromPath[UUID], services: ServicesNeed, actor: ActorNeed
) -> WebhookDeliveryOut:
    """Post a delivery once more, under its id."""
    return WebhookDeliveryOut.of(await webhooks_of(services).redeliver(webhook_id, delivery_id, by=actor))


webhook_rest_handlers: Sequence[HTTPRouteHandler] = (
    list_webhooks,
    add_webhook,
    read_webhook,
    change_webhook,
    remove_webhook,
    list_deliveries,
    test_webhook,
    redeliver,
)
