"""The page of whoever is logged in: who they are at this desk, and how they sign."""

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
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from tickets.audit import AuditEvent, EventKind
from tickets.people import Scope

PATH: Final = "/boards/me"
MAX_SIGNATURE: Final = 2_000


@dataclass(frozen=True, slots=True)
class SignatureForm:
    signature: Annotated[str, Meta(max_length=MAX_SIGNATURE)] = ""


@get(PATH, guards=[may(Scope.READ)])
async def own_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """Name, role and signature."""
    context = {
        "frame": await frame(services, session),
        "signature": await services.accounts.signature(session.operator.id),
        "here": PATH,
    }
    return Template("me.html", context=context)


@post(PATH, guards=[may(Scope.DRAFT)], status_code=HTTP_303_SEE_OTHER)
async def change_signature(
    request: Request[Any, Any, Any],
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


own_page_handlers: list[HTTPRouteHandler] = [own_page, change_signature]
