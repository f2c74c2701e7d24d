"""One step for many tickets: from the boards, where what could not be done is told on a page, and for scripts."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_409_CONFLICT

from api.auth import may
from api.board_schemas import BulkOut, BulkRequest
from api.bulk_told import UNDO, numbered, told_of
from api.frame import frame
from api.links import HOME, safe_next, with_query
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from api.shelves import putting_off, tagging, typed_end
from api.tickets import problems
from tickets.bulk import BulkReport, Step, on_each
from tickets.closing_undone import ClosingUndone
from tickets.errors import BadInput
from tickets.people import Actor, Scope
from tickets.tags import tags_in
from tickets.ticket import TicketId


async def _run(services: Services, ticket_ids: Sequence[UUID], step: Step) -> BulkReport:
    async def named(ticket_id: TicketId) -> tuple[int, str]:
        ticket = await services.store.ticket(ticket_id)
        return ticket.number, ticket.subject

    return await on_each([TicketId(each) for each in ticket_ids], step, named)


@post("/boards/bulk", guards=[may(Scope.DRAFT)], status_code=HTTP_303_SEE_OTHER)
async def bulk_from_a_board(
    request: Request[Any, Any, Any], services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Response[Any]:
    """Back to the board, which tells it, when all went well; else a page that names each ticket that stayed as it was.

    The board may send the numbers of tickets in place of them, to take a closing back.
    """
    form = await request.form()
    fields = {name: str(form.get(name, "")).strip() for name in ("step", "assignee", "tags", "length", "until", "back")}
    back = safe_next(fields["back"] or HOME)
    chosen = _chosen(form.getall("ticket", [])) or await numbered(services, str(form.get("of", "")))
    report = await _run(services, chosen, typed_step(fields, services, actor))
    if not report.refused:
        return with_query(back, (await told_of(services, fields["step"], report)).query())
    context = {
        "frame": await frame(services, session),
        "report": report,
        "step": fields["step"],
        "fields": fields,
        "back": back,
        "here": back.partition("?")[0],
    }
    page = Template("bulk.html", context=context, status_code=HTTP_409_CONFLICT)
    return cast(Response[Any], page)


def _chosen(values: Sequence[object]) -> list[UUID]:
    try:
        return [UUID(str(value)) for value in values]
    except ValueError:
        raise BadInput("The chosen tickets cannot be read. Reload the board and choose them again.") from None


def typed_step(fields: dict[str, str], services: Services, actor: Actor) -> Step:
    """What a form asks to be done on each ticket. Raises BadInput before anything is done."""
    match fields["step"]:
        case "assign":
            assignee = fields["assignee"] or None
            return lambda ticket_id: services.desk.assign(ticket_id, assignee, by=actor)
        case "tag" | "untag":
            return _tagging(services, actor, fields["step"], tags_in(fields["tags"]))
        case "close":
            return lambda ticket_id: services.desk.close(ticket_id, by=actor)
        case step if step == UNDO:
            undone = ClosingUndone(services.store, services.clock)
            return lambda ticket_id: undone.undo(ticket_id, by=actor)
        case "snooze":
            until = typed_end(fields["length"], fields["until"], services)
            return lambda ticket_id: putting_off(services).snooze(ticket_id, until, by=actor)
        case "wake":
            return lambda ticket_id: putting_off(services).wake(ticket_id, by=actor)
        case _:
            raise BadInput("Choose what is to be done with the tickets.")


def _tagging(services: Services, actor: Actor, step: str, tags: Sequence[str]) -> Step:
    if not tags:
        raise BadInput("Type the tags, separated by commas.")
    if step == "untag":
        return lambda ticket_id: tagging(services).change(ticket_id, remove=tags, by=actor)
    return lambda ticket_id: tagging(services).change(ticket_id, add=tags, by=actor)


@post("/tickets/bulk", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=problems(409, 413))
async def bulk(data: JSONBody[BulkRequest], services: ServicesNeed, actor: ActorNeed) -> BulkOut:
    """Take one step on each of these tickets. Each is a transaction of its own; the answer says what became of each."""
    return BulkOut.of(await _run(services, data.tickets, _asked_step(data, services, actor)))


def _asked_step(data: BulkRequest, services: Services, actor: Actor) -> Step:
    match data.step:
        case "tag" | "untag":
            return _tagging(services, actor, data.step, data.tags)
        case "snooze":
            if data.snooze is None:
                raise BadInput("Send 'snooze' with 'until' or 'length'.")
            until = data.snooze.ends_at(services.clock.now())
            return lambda ticket_id: putting_off(services).snooze(ticket_id, until, by=actor)
        case _:
            return typed_step({"step": data.step, "assignee": data.assignee or ""}, services, actor)


bulk_page_handlers: Sequence[HTTPRouteHandler] = (bulk_from_a_board,)
bulk_handlers: Sequence[HTTPRouteHandler] = (bulk,)
