"""Tickets for scripts: JSON, bearer tokens only. Each handler asks one use case and answers with the ticket."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from api.auth import may
from api.errors import PROBLEM_MEDIA_TYPE
from api.needs import ActorNeed, DeskNeed, ServicesNeed, StoreNeed
from api.schemas import (
    Approval,
    Assignment,
    DraftRequest,
    EventOut,
    EventPage,
    FullTicketOut,
    ProblemOut,
    Rejection,
    StatusChange,
)
from tickets.desk import Desk
from tickets.errors import BadInput, Conflict, StaleDraft
from tickets.people import Actor, Scope
from tickets.ticket import Seen, TicketId

MAX_LIMIT: Final = 200
MAX_WAIT_S: Final = 60.0

TicketPath = FromPath[UUID]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="How many at most.")]
Cursor = Annotated[
    str | None, QueryParameter(max_length=1000, description="`next_cursor` or `previous_cursor` of a page.")
]
Wait = Annotated[float, QueryParameter(ge=0, le=MAX_WAIT_S, description="Wait up to that many seconds for the agent.")]

_WHEN: Final = {
    400: "The request cannot be used; `errors` names the fields.",
    401: "No API token, or one that is unknown, expired or revoked.",
    403: "The token lacks the scope.",
    404: "There is no such ticket.",
    409: "Not as things stand: the draft changed (`revision`), flags are open (`flags`), the reply is leaving.",
    413: "The body is too large.",
    500: "A fault of the desk; `request_id` finds it in the log.",
    503: "A mailbox or the model does not answer.",
}


def problems(*statuses: int) -> Mapping[int, ResponseSpec]:
    """The documentation of these errors."""
    return {
        status: ResponseSpec(
            ProblemOut, description=_WHEN[status], media_type=PROBLEM_MEDIA_TYPE, generate_examples=False
        )
        for status in (*statuses, 400, 401, 403, 500)
    }


READ: Final = problems(404)
WRITE: Final = problems(404, 409, 413)


@get("/tickets/{ticket_id:uuid}", guards=[may(Scope.READ)], responses=READ)
async def read_ticket(ticket_id: TicketPath, desk: DeskNeed) -> FullTicketOut:
    """One ticket in full."""
    return await in_full(ticket_id, desk)


@get("/tickets/{ticket_id:uuid}/events", guards=[may(Scope.READ)], responses=READ)
async def read_events(ticket_id: TicketPath, store: StoreNeed) -> EventPage:
    """The ticket's audit trail, oldest first."""
    ticket = await store.ticket(TicketId(ticket_id))
    return EventPage([EventOut.of(event) for event in await store.events(ticket.id)])


@post(
    "/tickets/{ticket_id:uuid}/draft",
    guards=[may(Scope.DRAFT)],
    status_code=HTTP_202_ACCEPTED,
    responses={**WRITE, HTTP_200_OK: ResponseSpec(FullTicketOut, description="The draft is there.")},
)
async def write_draft(
    ticket_id: TicketPath,
    desk: DeskNeed,
    services: ServicesNeed,
    actor: ActorNeed,
    data: JSONBody[DraftRequest | None] = None,
    wait_s: Wait = 0.0,
) -> Response[FullTicketOut]:
    """Ask the agent for a draft (202; with `wait_s` 200 once it is there), or write one yourself (200)."""
    asked = data or DraftRequest()
    target = TicketId(ticket_id)
    if asked.is_own:
        await _edit(target, asked, desk, actor)
        return Response(await in_full(ticket_id, desk), status_code=HTTP_200_OK)
    await desk.redraft(target, asked.feedback, by=actor)
    is_there = wait_s > 0 and await services.wait_for_rest([target], wait_s)
    status = HTTP_200_OK if is_there else HTTP_202_ACCEPTED
    return Response(await in_full(ticket_id, desk), status_code=status)


@post(
    "/tickets/{ticket_id:uuid}/approve_send",
    guards=[may(Scope.APPROVE)],
    status_code=HTTP_202_ACCEPTED,
    responses=WRITE,
)
async def approve_send(
    ticket_id: TicketPath, data: JSONBody[Approval], desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Approve exactly this revision; the mail leaves when the undo window is over.

    Where two people have to approve (`two_needed`), the first approval only waits for the second; a token counts as
    the operator who owns it, and one without an owner is refused (403 `person-needed`).
    """
    seen = Seen(data.revision, data.content_hash, frozenset(data.confirm_flags))
    await desk.approve_send(TicketId(ticket_id), seen, by=actor)
    return await in_full(ticket_id, desk)


@post("/tickets/{ticket_id:uuid}/undo", guards=[may(Scope.APPROVE)], status_code=HTTP_200_OK, responses=WRITE)
async def undo(ticket_id: TicketPath, desk: DeskNeed, actor: ActorNeed) -> FullTicketOut:
    """Take the approval back, while the undo window is open."""
    await desk.undo(TicketId(ticket_id), by=actor)
    return await in_full(ticket_id, desk)


@post("/tickets/{ticket_id:uuid}/reject", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def reject(ticket_id: TicketPath, data: JSONBody[Rejection], desk: DeskNeed, actor: ActorNeed) -> FullTicketOut:
    """Close without a reply, and say why."""
    await desk.reject(TicketId(ticket_id), data.reason, by=actor)
    return await in_full(ticket_id, desk)


@post("/tickets/{ticket_id:uuid}/assign", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def assign(ticket_id: TicketPath, data: JSONBody[Assignment], desk: DeskNeed, actor: ActorNeed) -> FullTicketOut:
    """Give the ticket to somebody at the desk, or to nobody."""
    try:
        await desk.assign(TicketId(ticket_id), data.assignee, by=actor)
    except BadInput as error:
        raise Conflict(str(error)) from error  # the request is well formed; it is the desk that has no such person
    return await in_full(ticket_id, desk)


@post("/tickets/{ticket_id:uuid}/status", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=WRITE)
async def change_status(
    ticket_id: TicketPath, data: JSONBody[StatusChange], desk: DeskNeed, actor: ActorNeed
) -> FullTicketOut:
    """Close (DONE) or reopen (NEEDS_ACTION) the ticket."""
    await desk.set_status(TicketId(ticket_id), data.status, by=actor)
    return await in_full(ticket_id, desk)


async def in_full(ticket_id: UUID, desk: Desk) -> FullTicketOut:
    return FullTicketOut.of_view(await desk.show(TicketId(ticket_id)))


async def _edit(ticket_id: TicketId, asked: DraftRequest, desk: Desk, actor: Actor) -> None:
    if (asked.subject is None) != (asked.body is None) or asked.feedback is not None:
        raise BadInput("Send 'subject' and 'body' together (and 'revision'), or 'feedback' alone.")
    subject, body = asked.subject, asked.body
    if subject is None or body is None:
        subject, body = await _words(ticket_id, desk)
    await desk.edit(ticket_id, asked.revision, subject, body, by=actor, choices=asked.choices)


async def _words(ticket_id: TicketId, desk: Desk) -> tuple[str, str]:
    """What the current draft says, for a request that changes only what is around it."""
    draft = await desk.store.current_draft(ticket_id)
    if draft is None:
        raise StaleDraft("This ticket has no draft yet. Send 'subject' and 'body' too, or ask the agent for one.")
    return draft.subject, draft.body


ticket_handlers: Sequence[HTTPRouteHandler] = (
    read_ticket,
    read_events,
    write_draft,
    approve_send,
    undo,
    reject,
    assign,
    change_status,
)
