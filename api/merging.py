"""Merging two tickets: a page that shows the other one before it is done, and the same for scripts."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import frame
from api.links import see_other
from api.needs import ActorNeed, DeskNeed, ServicesNeed, StoreNeed
from api.schemas import FullTicketOut, MergeRequest
from api.ticket_context import BOARD_OF
from api.ticket_page import NEEDS, PAGE, PageNeed, TicketPage, status_of
from api.tickets import WRITE, TicketPath, in_full
from api.typed_numbers import whole_number
from tickets.errors import BadInput, Conflict, DeskError, NotFound
from tickets.merging import require_not_merged
from tickets.people import Scope
from tickets.related import RelatedTicket
from tickets.ticket import TicketId
from tickets.unmerging import Unmerging


@get(PAGE + "/merge", guards=[may(Scope.DRAFT)], dependencies=NEEDS)
async def merge_page(page: PageNeed, into: FromQuery[str] = "") -> Template:
    """Ask for the other ticket's number; with one, show that ticket and ask once more."""
    try:
        require_not_merged(await page.services.store.ticket(page.ticket_id))
        return await _shown(page, await _named(page, into) if into.strip() else None)
    except (BadInput, Conflict, NotFound) as refusal:
        return await _shown(page, None, refusal, into)


@post(PAGE + "/merge", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def merge(page: PageNeed) -> Response[Any]:
    """Merge, and go where the mails are now."""
    number, is_confirmed = await page.field("into"), await page.field("confirm") == "on"
    other = None
    try:
        other = await _named(page, number)
        await page.services.desk.merge(page.ticket_id, other.id, by=page.actor, confirmed=is_confirmed)
    except (BadInput, Conflict, NotFound) as refusal:
        return await _shown(page, other, refusal, number)
    return see_other(page.request, f"/boards/tickets/{other.id}")


@post("/tickets/{ticket_id:uuid}/merge", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def merge_tickets(
    ticket_id: TicketPath, data: JSONBody[MergeRequest], desk: DeskNeed, store: StoreNeed, actor: ActorNeed
) -> FullTicketOut:
    """Move all mails, notes and tags of this ticket to another one, which is answered; this one points there.

    409 `other-requester` when the two are of different people and `confirm` is not true.
    """
    into = TicketId(data.into) if isinstance(data.into, UUID) else (await store.ticket_numbered(data.into)).id
    target = await desk.merge(TicketId(ticket_id), into, by=actor, confirmed=data.confirm)
    return await in_full(target.id, desk)


@post(PAGE + "/merge/undo", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def undo_merge(page: PageNeed) -> Response[Any]:
    """Bring the merged ticket back, and go there; or say why not on the ticket that has its mails."""
    try:
        back = await Unmerging(page.services.store, page.services.clock).undo(page.ticket_id, by=page.actor)
    except Conflict as refusal:
        ticket = await page.services.store.ticket(page.ticket_id)
        return await replace(page, ticket_id=ticket.merged_into or ticket.id).render(refusal)
    return see_other(page.request, f"/boards/tickets/{back.id}")


@post("/tickets/{ticket_id:uuid}/merge/undo", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def undo_merge_of_ticket(ticket_id: TicketPath, services: ServicesNeed, actor: ActorNeed) -> FullTicketOut:
    """Bring a merged ticket back as it was, and answer with it: mails, notes, tags, status and draft.

    What came since stays where the mails were. 409 while a reply is approved or on its way there, when that ticket was
    merged on or some of the mails were split off since, and when the ticket is not merged any more.
    """
    back = await Unmerging(services.store, services.clock).undo(TicketId(ticket_id), by=actor)
    return await in_full(back.id, services.desk)


async def _named(page: TicketPage, number: str) -> RelatedTicket:
    wanted = whole_number(number.strip().removeprefix("#"))
    if wanted is None:
        raise BadInput("A ticket's number is digits only, like 12. It stands beside its subject.")
    other = await page.services.store.ticket_numbered(wanted)
    if other.id == page.ticket_id:
        raise BadInput("That is this ticket. Choose another one.")
    return other


async def _shown(
    page: TicketPage, other: RelatedTicket | None, refusal: DeskError | None = None, typed: str = ""
) -> Template:
    ticket = await page.services.store.ticket(page.ticket_id)
    context = {
        "frame": await frame(page.services, page.session),
        "ticket": ticket,
        "other": other,
        "is_of_others": other is not None and other.requester.key != ticket.requester.key,
        "refusal": refusal,
        "typed": typed,
        "here": BOARD_OF[ticket.status],
    }
    return Template("merge.html", context=context, status_code=status_of(refusal))


merge_page_handlers: Sequence[HTTPRouteHandler] = (merge_page, merge, undo_merge)
merge_handlers: Sequence[HTTPRouteHandler] = (merge_tickets, undo_merge_of_ticket)
