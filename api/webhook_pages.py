"""Webhooks out among the settings: one page with a form for a new one, and one page for each."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import frame
from api.language import told
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from api.webhooks_out import webhooks_of
from tickets.accounts import Session
from tickets.errors import BadInput
from tickets.people import Scope
from tickets.webhooks import SUBSCRIBED, WebhookFormat

PATH: Final = "/boards/settings/webhooks"
ONE: Final = PATH + "/{webhook_id:uuid}"
SHOWN: Final = 50

WebRequest = Request[Any, Any, Any]
WebhookPath = FromPath[UUID]


@get(PATH, guards=[may(Scope.ADMIN)])
async def webhooks_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """All of them, and a form for another."""
    return await _list(services, session)


@post(PATH, guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK)
async def add_webhook_form(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template:
    """Subscribe an address; the page shows the secret this once."""
    form = await request.form()
    url, events = str(form.get("url", "")), [str(each) for each in form.getall("events", [])]
    speaks = str(form.get("format", WebhookFormat.STANDARD))
    try:
        webhook, secret = await webhooks_of(services).add(url, events, by=actor, speaks=speaks)
    except BadInput as refusal:
        return await _list(services, session, refusal=told(refusal), url=url, events=events, format=speaks)
    return await _one(services, session, webhook.id, secret=secret)


@get(ONE, guards=[may(Scope.ADMIN)])
async def webhook_page(webhook_id: WebhookPath, services: ServicesNeed, session: SessionNeed) -> Template:
    """One webhook with its last deliveries."""
    return await _one(services, session, webhook_id)


@post(ONE, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def change_webhook_form(
    webhook_id: WebhookPath, request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Save the address and the events, switch it on or off, try it, or remove it: whichever button was pressed."""
    form, webhooks = await request.form(), webhooks_of(services)
    act, events = str(form.get("act", "save")), [str(each) for each in form.getall("events", [])]
    try:
        match act:
            case "on" | "off":
                await webhooks.change(webhook_id, by=actor, is_active=act == "on")
            case "test":
                await webhooks.test(webhook_id, by=actor)
            case "remove":
                await webhooks.remove(webhook_id, by=actor)
                return see_other(request, PATH)
            case _:
                await webhooks.change(webhook_id, by=actor, url=str(form.get("url", "")), events=events)
    except BadInput as refusal:
        return await _one(services, session, webhook_id, refusal=told(refusal), url=str(form.get("url", "")))
    return see_other(request, f"{PATH}/{webhook_id}")


@post(ONE + "/deliveries/{delivery_id:uuid}", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def redeliver_form(
    webhook_id: WebhookPath, delivery_id: FromPath[UUID], request: WebRequest, services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Post it once more."""
    await webhooks_of(services).redeliver(webhook_id, delivery_id, by=actor)
    return see_other(request, f"{PATH}/{webhook_id}")


async def _list(services: Services, session: Session, **typed: Any) -> Template:
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "webhooks": await webhooks_of(services).store.webhooks(),
        "known": [event.value for event in SUBSCRIBED],
        "typed": {"refusal": None, "url": "", "events": [], "format": "standard"} | typed,
    }
    return Template("webhooks.html", context=context, status_code=400 if typed else 200)


async def _one(
    services: Services,
    session: Session,
    webhook_id: UUID,
    *,
    secret: str | None = None,
    refusal: str | None = None,
    url: str | None = None,
) -> Template:
    store = webhooks_of(services).store
    webhook = await store.webhook(webhook_id)
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "webhook": webhook,
        "deliveries": await store.deliveries(webhook_id, SHOWN),
        "known": [event.value for event in SUBSCRIBED],
        "wanted": [event.value for event in webhook.events],
        "url": webhook.url if url is None else url,
        "secret": secret,
        "refusal": refusal,
    }
    return Template("webhook.html", context=context, status_code=400 if refusal else 200)


webhook_page_handlers: list[HTTPRouteHandler] = [
    webhooks_page,
    add_webhook_form,
    webhook_page,
    change_webhook_form,
    redeliver_form,
]
