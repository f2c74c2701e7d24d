"""Who is at a ticket: pages say that they are open, and hear who else is, within a second and without a reload."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.status_codes import HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from api.auth import may
from api.needs import ServicesNeed, SessionNeed
from api.ticket_page import PAGE
from api.tickets import READ, TicketPath
from tickets.errors import BadInput
from tickets.people import Scope
from tickets.ticket import TicketId

_PAGE_ID: Final = re.compile(r"[A-Za-z0-9-]{8,40}")


class PresentOut(Struct):
    """An operator at this ticket. Their page says so again and again; after `until` it is not so any more."""

    email: str
    name: str
    state: Annotated[str, Meta(pattern="^(viewing|editing)$")]
    until: Any


class PresencePage(Struct):
    items: list[PresentOut]


@post(PAGE + "/presence", guards=[may(Scope.READ)], status_code=HTTP_204_NO_CONTENT)
async def say_present(
    request: Request[Any, Any, Any], services: ServicesNeed, session: SessionNeed, ticket_id: FromPath[UUID]
) -> None:
    """The caller's page is open, `editing` or not; or `gone`."""
    form = await request.form()
    page = str(form.get("page", ""))
    if not _PAGE_ID.fullmatch(page):
        raise BadInput("The form does not say which page it came from. Reload the ticket.")
    if form.get("gone"):
        await services.presence.gone(page, session.operator)
        return
    is_editing, now = form.get("editing") == "1", services.clock.now()
    await services.presence.here(page, TicketId(ticket_id), session.operator, is_editing=is_editing, at=now)


@get("/tickets/{ticket_id:uuid}/presence", guards=[may(Scope.READ)], responses=READ)
async def read_presence(ticket_id: TicketPath, services: ServicesNeed) -> Response[PresencePage]:
    """Who looks at this ticket now, and who types. It hinders nobody."""
    ticket = await services.store.ticket(TicketId(ticket_id))
    found = await services.presence.now(services.clock.now(), ticket.id)
    items = [
        PresentOut(one.email, one.name, "editing" if one.is_editing else "viewing", one.until.isoformat())
        for one in found
    ]
    return Response(PresencePage(items), headers={"Cache-Control": "no-store"})


presence_page_handlers: Sequence[HTTPRouteHandler] = (say_present,)
presence_handlers: Sequence[HTTPRouteHandler] = (read_presence,)
