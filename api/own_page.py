"""The page of whoever is logged in: who they are at this desk, how they sign, and how they read."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Meta

from api.auth import may
from api.frame import frame
from api.language import Languages, _, is_zone, zones
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput
from tickets.people import Role, Scope
from tickets.wording import N_

PATH: Final = "/boards/me"
MAX_SIGNATURE: Final = 2_000
ROLES: Final = {Role.VIEWER: N_("Viewer"), Role.OPERATOR: N_("Operator"), Role.ADMIN: N_("Administrator")}

WebRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class SignatureForm:
    signature: Annotated[str, Meta(max_length=MAX_SIGNATURE)] = ""


@dataclass(frozen=True, slots=True)
class ReadingForm:
    """What is left empty is as the browser asks."""

    language: Annotated[str, Meta(max_length=20)] = ""
    time_zone: Annotated[str, Meta(max_length=64)] = ""


@get(PATH, guards=[may(Scope.READ)])
async def own_page(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Template:
    """Name, role, signature, language and time zone."""
    languages: Languages = request.app.state.languages
    context = {
        "frame": await frame(services, session),
        "signature": await services.accounts.signature(session.operator.id),
        "languages": languages.names,
        "role": _(ROLES[session.operator.role]),
        "zones": zones(),
        "here": PATH,
    }
    return Template("me.html", context=context)


@post(PATH, guards=[may(Scope.DRAFT)], status_code=HTTP_303_SEE_OTHER)
async def change_signature(
    request: WebRequest,
    data: URLEncodedBody[SignatureForm],
    services: ServicesNeed,
    session: SessionNeed,
    actor: ActorNeed,
) -> Redirect:
    """Keep the signature for the replies that this person writes from now on."""
    signature = data.signature.replace("\r\n", "\n").replace("\0", "").strip()
    event = AuditEvent(EventKind.OPERATOR_CHANGED, actor.name, services.clock.now(), fields={"what": "signature"})
    await services.accounts.set_signature(session.operator.id, signature, event)
    return see_other(request, PATH)


@post(f"{PATH}/reading", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def change_reading(
    request: WebRequest,
    data: URLEncodedBody[ReadingForm],
    services: ServicesNeed,
    session: SessionNeed,
    actor: ActorNeed,
) -> Redirect:
    """Keep the language and the time zone in which this person reads the desk."""
    languages: Languages = request.app.state.languages
    if data.language and data.language not in languages.catalogs:
        raise BadInput("The desk does not speak that language. Go back and choose one from the list.")
    if data.time_zone and not is_zone(data.time_zone):
        raise BadInput("There is no such time zone. Go back and choose one from the list.")
    event = AuditEvent(EventKind.OPERATOR_CHANGED, actor.name, services.clock.now(), fields={"what": "reading"})
    await services.accounts.set_reading(session.operator.id, data.language, data.time_zone, event)
    return see_other(request, PATH)


own_page_handlers: list[HTTPRouteHandler] = [own_page, change_signature, change_reading]
