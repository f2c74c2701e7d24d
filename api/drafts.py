"""The draft alone, with a tag of its own: what an editor asks for again and again."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from api.auth import may
from api.needs import DeskNeed
from api.schemas import DraftOut
from api.tickets import READ, TicketPath
from tickets.errors import NotFound
from tickets.people import Scope
from tickets.ticket import TicketId


@get("/tickets/{ticket_id:uuid}/draft", guards=[may(Scope.READ)], responses=READ)
async def read_draft(ticket_id: TicketPath, desk: DeskNeed) -> DraftOut:
    """The newest revision of the reply. Its ETag, as If-Match of an edit, makes sure that nobody else's is lost."""
    view = await desk.show(TicketId(ticket_id))
    if view.draft is None:
        raise NotFound("This ticket has no draft yet. Ask the agent for one, or write it.")
    return DraftOut.of(view.draft, view.cautions)


draft_handlers: Sequence[HTTPRouteHandler] = (read_draft,)
