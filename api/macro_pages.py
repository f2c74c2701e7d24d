"""Ready texts on a ticket: offered to pages and scripts, and put into the editor without a script."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from api.auth import may
from api.needs import DeskNeed, ServicesNeed
from api.ticket_beside import macros_for
from api.ticket_page import NEEDS, PAGE, PageNeed
from api.tickets import READ, TicketPath
from api.typed_reply import TypedReply
from api.work_copies import MAX_KEPT_BYTES, copies_of
from tickets.errors import NotFound
from tickets.macros import OfferedMacro, known_answers, macro_text
from tickets.people import Scope
from tickets.ticket import TicketId


class MacroOut(Struct):
    """A ready text for this ticket, its blanks filled as far as the desk knows. `open` are those that it does not."""

    id: str
    title: str
    language: str
    text: str
    open: list[str]

    @classmethod
    def of(cls, macro: OfferedMacro) -> "MacroOut":
        return cls(macro.id, macro.title, macro.language, macro.text, list(macro.open))


class MacroList(Struct):
    """At most three, the one that fits best first."""

    items: list[MacroOut]


@post(
    PAGE + "/macro",
    guards=[may(Scope.DRAFT)],
    dependencies=NEEDS,
    status_code=HTTP_303_SEE_OTHER,
    request_max_body_size=MAX_KEPT_BYTES,
)
async def insert_macro(page: PageNeed) -> Response[Any]:
    """Put a ready text below what is typed. Nothing that is there goes: the result is unsaved text, like typing."""
    form = await page.request.form()
    typed = TypedReply.of(form)
    return await page.after(_inserted(page, typed, str(form.get("macro", ""))), typed)


async def _inserted(page: PageNeed, typed: TypedReply, macro_id: str) -> None:
    services, operator = page.services, page.session.operator
    if services.knowledge is None:
        raise NotFound("This desk has no ready texts yet. An administrator can add some.")
    ticket = await services.store.ticket(page.ticket_id)
    known = known_answers(ticket, operator.name or operator.email, services.settings.desk_name)
    text = await macro_text(services.knowledge, macro_id, known)
    body = f"{typed.body}\n\n{text}" if typed.body else text
    kept = typed.as_unsaved().with_body(body)
    await copies_of(services).keep(page.ticket_id, kept, by=page.actor)


@get("/tickets/{ticket_id:uuid}/macros", guards=[may(Scope.READ)], responses=READ)
async def list_macros(ticket_id: TicketPath, desk: DeskNeed, services: ServicesNeed) -> MacroList:
    """The ready texts that suit this ticket best, in the customer's language first."""
    view = await desk.show(TicketId(ticket_id))
    return MacroList([MacroOut.of(each) for each in await macros_for(services, view, None)])


macro_page_handlers: Sequence[HTTPRouteHandler] = (insert_macro,)
macro_handlers: Sequence[HTTPRouteHandler] = (list_macros,)
