"""Automatic mail on no ticket: a page to look through it, and a ticket for what is a customer's after all."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api.auth import may
from api.automatic_schemas import AutomaticList
from api.boards import PAGE_LINES
from api.downloads import download
from api.frame import frame
from api.language import told
from api.links import see_other
from api.mailbox_schemas import problems
from api.needs import ActorNeed, DeskNeed, ServicesNeed, SessionNeed, StoreNeed
from api.schemas import FullTicketOut
from api.services import Services
from api.tickets import Cursor, Limit, in_full
from tickets.accounts import Session
from tickets.errors import Conflict
from tickets.mail import MailId
from tickets.people import SCOPES_OF, Scope

PAGE: Final = "/boards/automatic"
ONE: Final = PAGE + "/{mail_id:uuid}"

MailPath = FromPath[UUID]


@get(PAGE, guards=[may(Scope.READ)])
async def automatic_page(
    services: ServicesNeed, session: SessionNeed, cursor: FromQuery[str | None] = None
) -> Template:
    """The mails that were taken for a machine's, with the reason."""
    return await _page(services, session, cursor=cursor)


@get(ONE + "/raw", guards=[may(Scope.READ)])
async def automatic_file(mail_id: MailPath, store: StoreNeed) -> Response[bytes]:
    """The mail as it came, to save."""
    recorded = await store.mail_on_record(MailId(mail_id))
    return download(recorded.incoming.raw, f"{mail_id}.eml")


@post(ONE + "/take_up", guards=[may(Scope.DRAFT)], status_code=HTTP_303_SEE_OTHER)
async def take_up(
    mail_id: MailPath,
    request: Request[Any, Any, Any],
    services: ServicesNeed,
    session: SessionNeed,
    actor: ActorNeed,
) -> Template | Redirect:
    """Make a ticket of it, and go there."""
    try:
        ticket_id = await services.desk.take_up(MailId(mail_id), by=actor)
    except Conflict as refusal:
        return await _page(services, session, refusal)
    return see_other(request, f"/boards/tickets/{ticket_id}")


async def _page(
    services: Services, session: Session, refusal: Conflict | None = None, *, cursor: str | None = None
) -> Template:
    context = {
        "frame": await frame(services, session),
        "page": await services.store.automatic_mails(PAGE_LINES, cursor),
        "cursor": cursor,
        "can_take_up": Scope.DRAFT in SCOPES_OF[session.operator.role],
        "error": told(refusal) if refusal else None,
        "here": PAGE,
    }
    return Template("automatic.html", context=context, status_code=409 if refusal else 200)


# --- REST -----------------------------------------------------------------------------------------------------------


@get("/mails/automatic", guards=[may(Scope.READ)], responses=problems())
async def list_automatic(store: StoreNeed, limit: Limit = PAGE_LINES, cursor: Cursor = None) -> AutomaticList:
    """The mails that were taken for a machine's and are on no ticket, newest first."""
    return AutomaticList.of(await store.automatic_mails(limit, cursor))


@post("/mails/{mail_id:uuid}/take_up", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=problems(404, 409))
async def take_up_mail(mail_id: MailPath, desk: DeskNeed, actor: ActorNeed) -> FullTicketOut:
    """Open a ticket as if a customer had written this mail; 409 when it is on a ticket already."""
    return await in_full(await desk.take_up(MailId(mail_id), by=actor), desk)


automatic_page_handlers: Sequence[HTTPRouteHandler] = (automatic_page, automatic_file, take_up)
automatic_handlers: Sequence[HTTPRouteHandler] = (list_automatic, take_up_mail)
