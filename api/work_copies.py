"""Autosave: the page keeps what is being typed; scripts can do the same."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Response, delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER
from msgspec import Meta, Struct

from api.auth import may
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, StoreNeed
from api.schemas import NO_NUL
from api.services import Services
from api.ticket_page import NEEDS, PAGE, PageNeed
from api.tickets import READ, WRITE, TicketPath
from api.typed_numbers import whole_number
from api.typed_reply import TypedReply
from tickets.desk_checks import MAX_BODY, MAX_SUBJECT
from tickets.errors import NotFound
from tickets.keeping import Typed, WorkCopies
from tickets.people import Scope
from tickets.ticket import TicketId
from tickets.work_copies import WorkCopy

MAX_KEPT_BYTES: Final = 400_000  # of a request: what a text of MAX_BODY letters can take at most, and its fields


class KeptOut(Struct):
    """That the text is kept, and under which version; version 0 means that nothing had to be kept."""

    version: int
    kept_at: datetime | None


class WorkCopyOut(Struct):
    """Your unsaved text of a ticket. `revision` is the draft it was begun on, 0 when there was none."""

    revision: int
    subject: str
    body: str
    version: int
    updated_at: datetime | None

    @classmethod
    def of(cls, copy: WorkCopy) -> "WorkCopyOut":
        return cls(copy.revision, copy.subject, copy.body, copy.version, copy.updated_at)


class WorkCopyIn(Struct):
    """`version` is that of the copy you have read; leave it out to keep the text whatever is there."""

    revision: Annotated[int, Meta(ge=0, le=10**9)]
    subject: Annotated[str, Meta(max_length=MAX_SUBJECT, pattern=NO_NUL)]
    body: Annotated[str, Meta(max_length=MAX_BODY, pattern=NO_NUL)]
    version: Annotated[int, Meta(ge=0, le=10**9)] | None = None


def copies_of(services: Services) -> WorkCopies:
    return WorkCopies(services.store, services.clock)


@post(
    PAGE + "/work_copy",
    guards=[may(Scope.DRAFT)],
    dependencies=NEEDS,
    status_code=HTTP_200_OK,
    request_max_body_size=MAX_KEPT_BYTES,
)
async def keep_typed(page: PageNeed) -> KeptOut:
    """What the page's script sends while somebody types. A text that is the draft's own is dropped."""
    form = await page.request.form()
    typed, services = TypedReply.of(form), page.services
    copies = copies_of(services)
    current = await services.store.current_draft(page.ticket_id)
    if current and typed.revision == current.revision and typed.is_text_of(current):
        await copies.drop(page.ticket_id, by=page.actor)
        return KeptOut(0, None)
    kept = await copies.keep(
        page.ticket_id, typed.as_unsaved(whole_number(str(form.get("kept_version", "")))), by=page.actor
    )
    return KeptOut(kept.version, kept.updated_at) if kept else KeptOut(0, None)


@post(PAGE + "/work_copy/take_over", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def take_over(page: PageNeed) -> Response[Any]:
    """Put the unsaved text into the editor of the newest draft."""
    return await page.after(copies_of(page.services).take_over(page.ticket_id, by=page.actor))


@post(
    PAGE + "/work_copy/drop",
    guards=[may(Scope.DRAFT)],
    dependencies=NEEDS,
    status_code=HTTP_303_SEE_OTHER,
    request_max_body_size=MAX_KEPT_BYTES,
)
async def drop_typed(page: PageNeed) -> Redirect:
    """Forget the unsaved text."""
    await copies_of(page.services).drop(page.ticket_id, by=page.actor)
    return see_other(page.request, f"/boards/tickets/{page.ticket_id}")


@get("/tickets/{ticket_id:uuid}/work_copy", guards=[may(Scope.DRAFT)], responses=READ)
async def read_work_copy(ticket_id: TicketPath, store: StoreNeed, actor: ActorNeed) -> WorkCopyOut:
    """Your own unsaved text of this ticket. It belongs to the token: nobody else sees it."""
    ticket = await store.ticket(TicketId(ticket_id))
    if copy := await store.work_copy(ticket.id, actor.name):
        return WorkCopyOut.of(copy)
    raise NotFound("You have no unsaved text on this ticket. PUT one, or edit the draft.")


@put("/tickets/{ticket_id:uuid}/work_copy", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def keep_work_copy(
    ticket_id: TicketPath, data: JSONBody[WorkCopyIn], services: ServicesNeed, actor: ActorNeed
) -> KeptOut:
    """Keep a text without making a revision of it. 409 when the copy was changed since `version`, or the ticket is
    closed. Editing or approving the draft ends it."""
    typed = Typed(data.revision, data.subject, data.body, version=data.version)
    kept = await copies_of(services).keep(TicketId(ticket_id), typed, by=actor)
    return KeptOut(kept.version, kept.updated_at) if kept else KeptOut(0, None)


@delete(
    "/tickets/{ticket_id:uuid}/work_copy", guards=[may(Scope.DRAFT)], status_code=HTTP_204_NO_CONTENT, responses=READ
)
async def drop_work_copy(ticket_id: TicketPath, services: ServicesNeed, actor: ActorNeed) -> None:
    """Forget it; without one nothing changes."""
    await copies_of(services).drop(TicketId(UUID(str(ticket_id))), by=actor)


work_copy_page_handlers: Sequence[HTTPRouteHandler] = (keep_typed, take_over, drop_typed)
work_copy_handlers: Sequence[HTTPRouteHandler] = (read_work_copy, keep_work_copy, drop_work_copy)
