"""Tags and snoozes of one ticket: forms on its page, and the same for scripts."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api.auth import may
from api.board_schemas import SnoozeRequest, TagChange, TagsOut
from api.language import reader
from api.needs import ActorNeed, DeskNeed, ServicesNeed, StoreNeed
from api.schemas import FullTicketOut
from api.services import Services
from api.ticket_page import NEEDS, PAGE, PageNeed
from api.tickets import WRITE, TicketPath, in_full, problems
from tickets.errors import BadInput
from tickets.people import Scope
from tickets.putting_off import PuttingOff
from tickets.snoozing import SnoozeFor, typed_moment
from tickets.tags import Tagging, tags_in
from tickets.ticket import TicketId

REST: Final = "/tickets/{ticket_id:uuid}"
MOST_TAGS: Final = 200


def putting_off(services: Services) -> PuttingOff:
    return PuttingOff(services.store, services.clock)


def tagging(services: Services) -> Tagging:
    return Tagging(services.store, services.clock)


def typed_end(length: str, until: str, services: Services) -> Any:
    """When the snooze of a form is over, in the reader's zone. Raises BadInput."""
    if length == "date":
        if not until:
            raise BadInput("Choose the day and the time until which the ticket is put off.")
        return typed_moment(until, reader().zone)
    try:
        return SnoozeFor(length).until(services.clock.now(), reader().zone)
    except ValueError:
        raise BadInput("Choose how long the ticket is put off.") from None


# --- pages ------------------------------------------------------------------------------------------------------------


@post(PAGE + "/snooze", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def put_off(page: PageNeed) -> Response[Any]:
    """Off the boards until a date, or until the customer answers."""

    async def snooze() -> None:
        until = typed_end(await page.field("length"), await page.field("until"), page.services)
        await putting_off(page.services).snooze(page.ticket_id, until, by=page.actor)

    return await page.after(snooze())


@post(PAGE + "/wake", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def take_back(page: PageNeed) -> Response[Any]:
    """Back on the boards now."""
    return await page.after(putting_off(page.services).wake(page.ticket_id, by=page.actor))


@post(PAGE + "/tags", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def change_tags(page: PageNeed) -> Response[Any]:
    """Put the typed tags on, and take the one off whose button was pressed."""
    add, remove = await page.field("add"), await page.field("remove")

    async def change() -> None:
        await tagging(page.services).change(page.ticket_id, add=tags_in(add), remove=tags_in(remove), by=page.actor)

    return await page.after(change())


# --- scripts ----------------------------------------------------------------------------------------------------------


@post(REST + "/snooze", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def snooze_ticket(
    ticket_id: TicketPath, data: JSONBody[SnoozeRequest], services: ServicesNeed, desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Take the ticket off the boards until a date, or until the customer answers."""
    until = data.ends_at(services.clock.now())
    await putting_off(services).snooze(TicketId(ticket_id), until, by=actor)
    return await in_full(ticket_id, desk)


@post(REST + "/wake", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def wake_ticket(ticket_id: TicketPath, services: ServicesNeed, desk: DeskNeed, actor: ActorNeed) -> FullTicketOut:
    """End the snooze now; a ticket that is not put off stays as it is."""
    await putting_off(services).wake(TicketId(ticket_id), by=actor)
    return await in_full(ticket_id, desk)


@post(REST + "/tags", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def tag_ticket(
    ticket_id: TicketPath, data: JSONBody[TagChange], services: ServicesNeed, desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Put tags on the ticket and take tags off it."""
    await tagging(services).change(TicketId(ticket_id), add=data.add, remove=data.remove, by=actor)
    return await in_full(ticket_id, desk)


@get("/tags", guards=[may(Scope.READ)], responses=problems())
async def list_tags(store: StoreNeed) -> TagsOut:
    """The tags that some ticket bears."""
    return TagsOut(list(await store.tags(MOST_TAGS)))


shelf_page_handlers: Sequence[HTTPRouteHandler] = (put_off, take_back, change_tags)
shelf_handlers: Sequence[HTTPRouteHandler] = (snooze_ticket, wake_ticket, tag_ticket, list_tags)
