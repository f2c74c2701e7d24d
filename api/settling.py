"""What an operator decides when the desk cannot: whether a reply left, and that the agent tries again. For scripts."""

from collections.abc import Sequence
from typing import Final

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK
from msgspec import Struct

from api.auth import may
from api.needs import ActorNeed, DeskNeed
from api.schemas import FullTicketOut
from api.tickets import WRITE, TicketPath, in_full
from tickets.people import Scope
from tickets.ticket import TicketId

ONE: Final = "/tickets/{ticket_id:uuid}"


class Settlement(Struct, forbid_unknown_fields=True):
    """`was_sent` is what you found when you looked into the mailbox's sent mail."""

    was_sent: bool


@post(ONE + "/settle", guards=[may(Scope.APPROVE)], status_code=HTTP_200_OK, responses=WRITE)
async def settle_delivery(
    ticket_id: TicketPath, data: JSONBody[Settlement], desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Say whether a reply left, when its delivery is `needs_human`: nobody else can tell."""
    await desk.settle(TicketId(ticket_id), data.was_sent, by=actor)
    return await in_full(ticket_id, desk)


@post(ONE + "/retry", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def retry_work(ticket_id: TicketPath, desk: DeskNeed, actor: ActorNeed) -> FullTicketOut:
    """Let the agent try again after it gave up on this ticket."""
    await desk.retry(TicketId(ticket_id), by=actor)
    return await in_full(ticket_id, desk)


settling_handlers: Sequence[HTTPRouteHandler] = (settle_delivery, retry_work)
