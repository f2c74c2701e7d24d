"""Notices that customers wait, among the settings: who is told of what, what was told, and a test."""

from typing import Any, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import frame
from api.language import told
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.notices import waiting_of
from api.section_forms import whole_of
from api.section_pages import PRIORITIES
from api.services import Services
from api.typed_numbers import version_in
from tickets.accounts import Session
from tickets.categories import Categories
from tickets.desk_settings import Change
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import Scope
from tickets.status import Status
from tickets.waiting import OURS, Notifications
from tickets.webhooks import WebhookEvent

PATH: Final = "/boards/settings/notifications"
SHOWN: Final = 30

WebRequest = Request[Any, Any, Any]


@get(PATH, guards=[may(Scope.ADMIN)])
async def notifications_page(services: ServicesNeed, session: SessionNeed, saved: FromQuery[bool] = False) -> Template:
    """Who is told, and the last notices."""
    stored = await services.desk_settings.stored(Notifications)
    return await _page(services, session, _filled(stored.value), version=stored.version, is_saved=saved)


@post(PATH, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def save_notifications(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Keep who is told; a refused form comes back as it was typed."""
    form = await request.form()
    typed = {name: [str(each) for each in form.getall(name, [])] for name in _FIELDS}
    version = version_in(typed["version"][0] if typed["version"] else None)
    try:
        await waiting_of(services).change(Change(_read(typed), version), by=actor)
    except (BadInput, Conflict) as refusal:
        return await _page(services, session, typed, version=version, refusal=refusal)
    return see_other(request, PATH, saved="1")


@post(PATH + "/test", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def test_form(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Mail a test; the log below shows what becomes of it."""
    try:
        await waiting_of(services).test(by=actor)
    except BadInput as refusal:
        stored = await services.desk_settings.stored(Notifications)
        return await _page(services, session, _filled(stored.value), version=stored.version, refusal=refusal)
    return see_other(request, PATH)


@post(PATH + "/notices/{notice_id:uuid}", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def retry_form(
    notice_id: FromPath[UUID], request: WebRequest, services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Try its mail again."""
    await waiting_of(services).again(notice_id, by=actor)
    return see_other(request, PATH)


_FIELDS: Final = (
    "after_min",
    "email_to",
    "email_from",
    "shows_subjects",
    "status",
    "priority",
    "category",
    "mailbox",
    "version",
)

Typed = dict[str, list[str]]


def _filled(value: Notifications) -> Typed:
    return {
        "after_min": [] if value.after_min is None else [str(value.after_min)],
        "email_to": ["\n".join(value.email_to)],
        "email_from": [value.email_from or ""],
        "shows_subjects": ["on"] if value.shows_subjects else [],
        "status": [status.value for status in value.statuses],
        "priority": list(value.priorities),
        "category": list(value.categories),
        "mailbox": list(value.mailboxes),
    }


def _read(typed: Typed) -> Notifications:
    first = {name: values[0] for name, values in typed.items() if values}
    known = {status.value: status for status in OURS}
    return Notifications(
        after_min=whole_of(first, "after_min", "The wait is a whole number of minutes. Leave it empty for no notices."),
        email_to=tuple(dict.fromkeys(first.get("email_to", "").replace(",", " ").split())),
        email_from=first.get("email_from") or None,
        shows_subjects=bool(typed["shows_subjects"]),
        statuses=tuple(known[each] for each in typed["status"] if each in known),
        priorities=tuple(typed["priority"]),
        categories=tuple(typed["category"]),
        mailboxes=tuple(typed["mailbox"]),
    )


async def _page(
    services: Services,
    session: Session,
    typed: Typed,
    *,
    version: int,
    refusal: DeskError | None = None,
    is_saved: bool = False,
) -> Template:
    stored = await services.desk_settings.stored(Notifications)
    is_overtaken = isinstance(refusal, Conflict)
    hooks = await services.webhooks.store.webhooks() if services.webhooks else ()
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "typed": typed,
        "beside": _filled(stored.value) if is_overtaken else {},
        "version": stored.version if is_overtaken else version,
        "changed": stored,
        "error": told(refusal) if refusal else None,
        "is_saved": is_saved,
        "statuses": [Status.NEW, Status.NEEDS_ACTION],
        "priorities": PRIORITIES,
        "categories": (await services.desk_settings.read(Categories)).active,
        "hooks": [hook for hook in hooks if hook.is_on and WebhookEvent.WAITING in hook.events],
        "is_on": stored.value.after_min is not None,
        "has_mail": bool(stored.value.email_to),
        "notices": await waiting_of(services).store.log(SHOWN),
    }
    status = 200 if refusal is None else 409 if is_overtaken else 400
    return Template("settings_notifications.html", context=context, status_code=status)


notice_page_handlers: list[HTTPRouteHandler] = [notifications_page, save_notifications, test_form, retry_form]
