"""Notes between colleagues: the forms on a ticket's page, and the same for scripts."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from api.auth import may
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, StoreNeed
from api.note_schemas import NoteChange, NoteOut, NotePage, NoteRequest
from api.services import Services
from api.ticket_page import NEEDS, PAGE, PageNeed
from api.tickets import READ, WRITE, TicketPath
from api.typed_numbers import whole_number
from tickets.errors import BadInput, Conflict, NotAllowed, NotFound
from tickets.notes import NoteId
from tickets.noting import Noting
from tickets.people import Scope
from tickets.ticket import TicketId

REST: Final = "/tickets/{ticket_id:uuid}/notes"
NotePath = FromPath[UUID]


def noting(services: Services) -> Noting:
    return Noting(services.store, services.clock)


# --- pages ------------------------------------------------------------------------------------------------------------


@post(PAGE + "/notes", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def leave_note(page: PageNeed) -> Response[Any]:
    """Add a note and go to it; what was typed stays when it cannot be added."""
    text = await page.field("note")
    try:
        note = await noting(page.services).add(page.ticket_id, text, by=page.actor)
    except (BadInput, Conflict) as refusal:
        return await page.render(refusal, kept={"note": text})
    return see_other(page.request, f"/boards/tickets/{page.ticket_id}#note-{note.id}")


@post(PAGE + "/notes/{note_id:uuid}", guards=[may(Scope.DRAFT)], dependencies=NEEDS, status_code=HTTP_303_SEE_OTHER)
async def change_note(page: PageNeed, note_id: NotePath) -> Response[Any]:
    """New words for a note of one's own."""
    text, revision = await page.field("note"), await page.field("revision")
    seen = whole_number(revision)
    try:
        await noting(page.services).edit(page.ticket_id, NoteId(note_id), text, by=page.actor, revision=seen)
    except (BadInput, Conflict, NotAllowed, NotFound) as refusal:
        return await page.render(refusal, kept={"note": text})
    return see_other(page.request, f"/boards/tickets/{page.ticket_id}#note-{note_id}")


@post(
    PAGE + "/notes/{note_id:uuid}/delete",
    guards=[may(Scope.DRAFT)],
    dependencies=NEEDS,
    status_code=HTTP_303_SEE_OTHER,
)
async def remove_note(page: PageNeed, note_id: NotePath) -> Response[Any]:
    """Take a note of one's own away for good."""
    return await page.after(noting(page.services).delete(page.ticket_id, NoteId(note_id), by=page.actor))


# --- scripts ----------------------------------------------------------------------------------------------------------


@get(REST, guards=[may(Scope.READ)], responses=READ)
async def list_notes(ticket_id: TicketPath, store: StoreNeed) -> NotePage:
    """The ticket's notes, oldest first."""
    ticket = await store.ticket(TicketId(ticket_id))
    return NotePage([NoteOut.of(note) for note in await store.notes(ticket.id)])


@post(REST, guards=[may(Scope.DRAFT)], status_code=HTTP_201_CREATED, responses=WRITE)
async def add_note(
    ticket_id: TicketPath, data: JSONBody[NoteRequest], services: ServicesNeed, actor: ActorNeed
) -> NoteOut:
    """Leave a note for colleagues; whoever it names with `@` is called."""
    return NoteOut.of(await noting(services).add(TicketId(ticket_id), data.text, by=actor))


@patch(REST + "/{note_id:uuid}", guards=[may(Scope.DRAFT)], responses=WRITE)
async def edit_note(
    ticket_id: TicketPath, note_id: NotePath, data: JSONBody[NoteChange], services: ServicesNeed, actor: ActorNeed
) -> NoteOut:
    """Change a note of one's own; an administrator may change any."""
    edited = await noting(services).edit(
        TicketId(ticket_id), NoteId(note_id), data.text, by=actor, revision=data.revision
    )
    return NoteOut.of(edited)


@delete(REST + "/{note_id:uuid}", guards=[may(Scope.DRAFT)], status_code=HTTP_204_NO_CONTENT, responses=WRITE)
async def delete_note(ticket_id: TicketPath, note_id: NotePath, services: ServicesNeed, actor: ActorNeed) -> None:
    """Delete a note of one's own, words and calls; the audit trail keeps that there was one."""
    await noting(services).delete(TicketId(ticket_id), NoteId(note_id), by=actor)


note_page_handlers: Sequence[HTTPRouteHandler] = (leave_note, change_note, remove_note)
note_handlers: Sequence[HTTPRouteHandler] = (list_notes, add_note, edit_note, delete_note)
