"""Splitting a ticket: a page on which the mails are chosen, the undo, and the same for scripts."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import frame
from api.links import see_other
from api.move_schemas import SplitRequest
from api.needs import ActorNeed, ServicesNeed
from api.schemas import FullTicketOut
from api.services import Services
from api.ticket_context import BOARD_OF
from api.ticket_page import NEEDS, PAGE, PageNeed, TicketPage, status_of
from api.tickets import WRITE, TicketPath, in_full
from tickets.errors import BadInput, Conflict, DeskError
from tickets.mail import MailId
from tickets.merging import require_not_merged
from tickets.people import Scope
from tickets.splitting import Splitting
from tickets.ticket import TicketId
from tickets.unsplitting import Unsplitting

REST = "/tickets/{ticket_id:uuid}/split"


@get(PAGE + "/split", guards=[may(Scope.DRAFT)], dependencies=NEEDS)
async def split_page(page: PageNeed) -> Template:
    """The mails of the ticket, to choose those that are another matter."""
    try:
        require_not_merged(await page.services.store.ticket(page.ticket_id))
    except Conflict as refusal:
        return await _shown(page, (), refusal)
    return await _shown(page, ())


@post(PAGE + "/split", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def split(page: PageNeed) -> Response[Any]:
    """Split, and go to the new ticket."""
    chosen: Collection[MailId] = ()
    try:
        chosen = _ids((await page.request.form()).getall("mail", []))
        opened = await _splitting(page.services).split(page.ticket_id, chosen, by=page.actor)
    except (BadInput, Conflict) as refusal:
        return await _shown(page, chosen, refusal)
    return see_other(page.request, f"/boards/tickets/{opened.id}")


@post(PAGE + "/split/undo", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def undo_split(page: PageNeed) -> Response[Any]:
    """Put everything back, and go where the mails are now."""
    try:
        first = await _unsplitting(page.services).undo(page.ticket_id, by=page.actor)
    except Conflict as refusal:
        return await page.render(refusal)
    return see_other(page.request, f"/boards/tickets/{first.id}")


@post(REST, guards=[may(Scope.DRAFT)], status_code=HTTP_201_CREATED, responses=WRITE)
async def split_ticket(
    ticket_id: TicketPath, data: JSONBody[SplitRequest], services: ServicesNeed, actor: ActorNeed
) -> FullTicketOut:
    """Open a ticket with these mails of this one, and answer with it; later answers to them come there.

    What was approved and sent stays on the record of this ticket. 400 when either would be without a customer's mail,
    409 while a reply is approved or on its way.
    """
    chosen = [MailId(each) for each in data.mails]
    opened = await _splitting(services).split(TicketId(ticket_id), chosen, by=actor)
    return await in_full(opened.id, services.desk)


@post(REST + "/undo", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def undo_split_of_ticket(ticket_id: TicketPath, services: ServicesNeed, actor: ActorNeed) -> FullTicketOut:
    """Put everything on a ticket that was split off back, and answer with the ticket it was split off.

    What came on it since goes along; it is closed and points the way. 409 while a reply is approved or on its way on
    either, and when it was merged or split further since.
    """
    first = await _unsplitting(services).undo(TicketId(ticket_id), by=actor)
    return await in_full(first.id, services.desk)


def _splitting(services: Services) -> Splitting:
    return Splitting(services.store, services.clock)


def _unsplitting(services: Services) -> Unsplitting:
    return Unsplitting(services.store, services.clock)


def _ids(typed: Sequence[Any]) -> list[MailId]:
    try:
        return [MailId(UUID(str(each))) for each in typed]
    except ValueError as error:
        raise BadInput("A mail that you chose is not on this ticket any more. Reload, then choose again.") from error


async def _shown(page: TicketPage, chosen: Collection[MailId], refusal: DeskError | None = None) -> Template:
    conversation = await page.services.store.conversation(page.ticket_id)
    context = {
        "frame": await frame(page.services, page.session),
        "ticket": conversation.ticket,
        "messages": conversation.messages,
        "chosen": frozenset(chosen),
        "refusal": refusal,
        "here": BOARD_OF[conversation.ticket.status],
    }
    return Template("split.html", context=context, status_code=status_of(refusal))


split_page_handlers: Sequence[HTTPRouteHandler] = (split_page, split, undo_split)
split_handlers: Sequence[HTTPRouteHandler] = (split_ticket, undo_split_of_ticket)
