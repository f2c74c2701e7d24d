"""Putting a ticket into another category: a form on its page, and the same for scripts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from msgspec import Meta

from api.auth import may
from api.needs import ActorNeed, DeskNeed, ServicesNeed
from api.schemas import FullTicketOut
from api.services import Services
from api.ticket_page import NEEDS, PAGE, PageNeed
from api.tickets import WRITE, TicketPath, in_full
from tickets.errors import BadInput, Conflict
from tickets.people import Scope
from tickets.resorting import Resorting
from tickets.ticket import TicketId


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """`category` is the key of one in use. The one that the ticket has already is confirmed by it."""

    category: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]


def resorting(services: Services) -> Resorting:
    return Resorting(services.store, services.desk_settings, services.clock)


@post(PAGE + "/category", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def choose_category(page: PageNeed) -> Response[Any]:
    """The operator's word on what the ticket is about."""
    category = await page.field("category")
    return await page.after(resorting(page.services).resort(page.ticket_id, category, by=page.actor))


@post("/tickets/{ticket_id:uuid}/category", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def set_category(
    ticket_id: TicketPath, data: JSONBody[CategoryChoice], services: ServicesNeed, desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Say what the ticket is about, or confirm what it says; the desk learns from it. The draft stays as it is."""
    try:
        await resorting(services).resort(TicketId(ticket_id), data.category, by=actor)
    except BadInput as error:
        raise Conflict(str(error)) from error  # the request is well formed; it is the desk that has no such category
    return await in_full(ticket_id, desk)


resorting_page_handlers: Sequence[HTTPRouteHandler] = (choose_category,)
resorting_handlers: Sequence[HTTPRouteHandler] = (set_category,)
