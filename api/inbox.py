"""The seven routes of LangGraph's server that Agent Inbox needs, under one prefix, so that no other server has to run.

Programs show one of the desk's API tokens, as a bearer or, like LangGraph's own clients, as `x-api-key`.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Router, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from litestar.status_codes import HTTP_200_OK

from api.api_docs import VERSION
from api.auth import BEARER, may
from api.inbox_wire import (
    ASSISTANT,
    GRAPH,
    Json,
    interrupt_of,
    state_of,
    status_of,
    thread_of,
    values_of,
)
from api.needs import ActorNeed, ServicesNeed
from api.rate_limits import RateLimiting
from api.services import Services
from tickets.boards import BoardFilter, BoardLine
from tickets.desk import TicketView
from tickets.errors import BadInput, Conflict, NotFound
from tickets.inbox import Inbox, Outcome
from tickets.people import Actor, Scope
from tickets.status import Status
from tickets.ticket import TicketId

PREFIX: Final = "/agent-inbox"
MAX_LIMIT: Final = 100
MAX_LOOKED_AT: Final = 10_000
WAIT_S: Final = 60.0
_PAGE: Final = 200
_STATUSES: Final[Mapping[str, Sequence[Status]]] = {
    "interrupted": (Status.NEEDS_ACTION,),
    "busy": (Status.NEW, Status.NEEDS_ACTION),
    "idle": (Status.WAITING_OTHERS, Status.DONE),
    "error": (),
}

ThreadPath = FromPath[UUID]


class Search(msgspec.Struct):
    """What of a search is used. Members that other versions of the client send besides are left alone."""

    metadata: dict[str, Any] | None = None
    values: dict[str, Any] | None = None
    status: str | None = None
    ids: list[UUID] | None = None
    limit: int = 10
    offset: int = 0


class RunRequest(msgspec.Struct):
    """An answer to the interrupt: `command.resume`."""

    assistant_id: str = GRAPH
    command: dict[str, Any] | None = None
    input: Any = None
    stream_mode: str | list[str] | None = None


class StateUpdate(msgspec.Struct):
    """Only the end of the thread may be written: marked as resolved."""

    values: Any = None
    as_node: str | None = None


@dataclass(frozen=True, slots=True)
class Threads:
    """Tickets seen as threads, by one caller."""

    services: Services
    inbox: Inbox
    by: Actor

    async def view(self, ticket_id: UUID) -> TicketView:
        return await self.services.desk.show(TicketId(ticket_id))

    async def interrupt(self, view: TicketView, outcome: Outcome | None = None) -> Json | None:
        """What the thread waits with, if it waits."""
        if status_of(view.ticket) != "interrupted":
            return None
        question = await self.inbox.question(view.ticket.id, by=self.by, outcome=outcome or _standing(view))
        return interrupt_of(view.ticket.id, view.draft, question)

    async def thread(self, ticket_id: UUID) -> Json:
        view = await self.view(ticket_id)
        return thread_of(view.ticket, await self.interrupt(view), values_of(view.ticket, view))

    async def search(self, wanted: Search) -> list[Json]:
        found: list[Json] = []
        passed = 0
        async for line in self._lines(wanted):
            if not _fits(line, wanted):
                continue
            passed += 1
            if passed > wanted.offset:
                found.append(await self.thread(line.id))
            if len(found) >= wanted.limit:
                break
        return found

    async def _lines(self, wanted: Search) -> AsyncIterator[BoardLine]:
        statuses: Sequence[Status | None] = _STATUSES[wanted.status] if wanted.status else (None,)
        looked_at = 0
        for status in statuses:
            cursor: str | None = None
            while looked_at < MAX_LOOKED_AT:
                page = await self.services.boards.page(BoardFilter(status), limit=_PAGE, cursor=cursor)
                for line in page.lines:
                    yield line
                looked_at, cursor = looked_at + len(page.lines), page.next_cursor
                if cursor is None:
                    break


def _fits(line: BoardLine, wanted: Search) -> bool:
    shown = thread_of(line, None, values_of(line))
    return (
        (wanted.status is None or status_of(line) == wanted.status)
        and (not wanted.ids or line.id in wanted.ids)
        and all(shown["metadata"].get(name) == value for name, value in (wanted.metadata or {}).items())
        and all(shown["values"].get(name) == value for name, value in (wanted.values or {}).items())
    )


def _standing(view: TicketView) -> Outcome:
    """What an answer of before has set going."""
    if view.redraft_pending:
        return Outcome(note="Another draft is being written with your feedback.")
    return Outcome()


def threads_of(services: Services, actor: Actor) -> Threads:
    if services.inbox is None:
        raise NotFound("This desk serves no Agent Inbox.")
    return Threads(services, services.inbox, actor)


@get("/info", guards=[may(Scope.READ)])
async def info() -> Json:
    """What a client asks first."""
    return {"version": VERSION, "flags": {"assistants": False, "crons": False, "langsmith": False}, "graphs": [GRAPH]}


@post("/threads/search", guards=[may(Scope.READ)], status_code=HTTP_200_OK)
async def search_threads(services: ServicesNeed, actor: ActorNeed, data: JSONBody[Search]) -> list[Json]:
    """Threads by status and metadata; those that wait for a person come oldest first."""
    if data.status is not None and data.status not in _STATUSES:
        raise BadInput(f"status: use one of {', '.join(_STATUSES)}.")
    if not 1 <= data.limit <= MAX_LIMIT or not 0 <= data.offset <= MAX_LOOKED_AT:
        raise BadInput(f"limit: 1 to {MAX_LIMIT}; offset: 0 to {MAX_LOOKED_AT}.")
    return await threads_of(services, actor).search(data)


@get("/threads/{ticket_id:uuid}", guards=[may(Scope.READ)])
async def read_thread(ticket_id: ThreadPath, services: ServicesNeed, actor: ActorNeed) -> Json:
    """One thread."""
    return await threads_of(services, actor).thread(ticket_id)


@get("/threads/{ticket_id:uuid}/state", guards=[may(Scope.READ)])
async def read_state(ticket_id: ThreadPath, services: ServicesNeed, actor: ActorNeed) -> Json:
    """Where the thread stands, and what it asks."""
    threads = threads_of(services, actor)
    view = await threads.view(ticket_id)
    return state_of(view, await threads.interrupt(view))


@post("/threads/{ticket_id:uuid}/state", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK)
async def write_state(
    ticket_id: ThreadPath, services: ServicesNeed, actor: ActorNeed, data: JSONBody[StateUpdate]
) -> Json:
    """Mark as resolved: the ticket is closed. Nothing else of a thread can be written from outside."""
    if data.as_node != "__end__" or data.values not in (None, {}, []):
        raise Conflict("Only the end of a thread can be written (as_node __end__, no values). Answer its question.")
    await services.desk.close(TicketId(ticket_id), by=actor)
    threads = threads_of(services, actor)
    return {"checkpoint": state_of(await threads.view(ticket_id), None)["checkpoint"]}


@post("/threads/{ticket_id:uuid}/runs", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK)
async def start_run(
    ticket_id: ThreadPath, services: ServicesNeed, actor: ActorNeed, data: JSONBody[RunRequest]
) -> Json:
    """Answer the question; the answer has been acted on when this returns."""
    said = _answer_in(data)
    await threads_of(services, actor).inbox.answer(TicketId(ticket_id), said, by=actor)
    return _run(ticket_id, services, str(uuid4()))


@post("/threads/{ticket_id:uuid}/runs/stream", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK)
async def stream_run(
    ticket_id: ThreadPath,
    request: Request[Any, Any, Any],
    services: ServicesNeed,
    actor: ActorNeed,
    data: JSONBody[RunRequest],
) -> Stream:
    """Answer the question, and follow what comes of it until the thread waits again or is over."""
    said, threads = _answer_in(data), threads_of(services, actor)
    outcome = await threads.inbox.answer(TicketId(ticket_id), said, by=actor)
    modes = [data.stream_mode] if isinstance(data.stream_mode, str) else data.stream_mode or ["values"]
    run_id = str(uuid4())
    location = f"{request.url.path.removesuffix('/stream')}/{run_id}"
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Location": location}
    return Stream(_events(threads, ticket_id, run_id, outcome, modes), media_type="text/event-stream", headers=headers)


async def _events(
    threads: Threads, ticket_id: UUID, run_id: str, outcome: Outcome, modes: Sequence[str]
) -> AsyncIterator[bytes]:
    """Metadata first, then the state after the answer and, when a draft is written anew, the state after that."""
    yield _event("metadata", {"run_id": run_id, "attempt": 1})
    view = await threads.view(ticket_id)
    for event in await _told(threads, view, run_id, modes, outcome):
        yield event
    if view.redraft_pending:
        async for beat in _until_rest(threads.services, view.ticket.id):
            yield beat
        for event in await _told(threads, await threads.view(ticket_id), run_id, modes, Outcome()):
            yield event


async def _until_rest(services: Services, ticket_id: TicketId) -> AsyncIterator[bytes]:
    """Comments that keep the connection open while the agent writes."""
    waiting = asyncio.ensure_future(services.wait_for_rest([ticket_id], WAIT_S))
    try:
        while not waiting.done():
            await asyncio.wait([waiting], timeout=5.0)
            yield b": alive\n\n"
    finally:
        waiting.cancel()


async def _told(
    threads: Threads, view: TicketView, run_id: str, modes: Sequence[str], outcome: Outcome
) -> Sequence[bytes]:
    interrupt = await threads.interrupt(view, outcome if outcome != Outcome() else None)
    values = values_of(view.ticket, view) | {"problem": outcome.problem, "note": outcome.note}
    whole = {**values, "__interrupt__": [interrupt]} if interrupt else values
    update = {"__interrupt__": [interrupt]} if interrupt else {"human_approval": values}
    shown = {"values": whole, "updates": update, "debug": whole}
    told = [_event(mode, shown[mode]) for mode in modes if mode in shown]
    if "events" in modes:
        about = {"run_id": run_id, "name": GRAPH, "tags": [], "metadata": {"thread_id": str(view.ticket.id)}}
        told.append(_event("events", {**about, "event": "on_chain_stream", "data": {"chunk": whole}}))
        told.append(_event("events", {**about, "event": "on_chain_end", "data": {"output": whole}}))
    return told


def _event(name: str, body: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(body) + b"\n\n"


def _answer_in(asked: RunRequest) -> object:
    if asked.assistant_id not in (GRAPH, str(ASSISTANT)):
        raise NotFound(f"There is no graph of that name here. Use '{GRAPH}'.")
    if asked.command is None or "resume" not in asked.command:
        raise BadInput("Runs here answer a question: send command.resume. New work comes with mail, or from the desk.")
    return _only(asked.command["resume"])


def _only(resume: Any) -> Any:
    """The answer itself when it comes under the interrupt's id, as the SDK allows."""
    if isinstance(resume, dict) and len(resume) == 1 and "type" not in resume and "decisions" not in resume:
        ((name, inner),) = resume.items()
        return inner if len(name) == 32 else resume
    return resume


def _run(ticket_id: UUID, services: Services, run_id: str) -> Json:
    now = services.clock.now()
    return {
        "run_id": run_id,
        "thread_id": str(ticket_id),
        "assistant_id": str(ASSISTANT),
        "created_at": now,
        "updated_at": now,
        "status": "success",
        "metadata": {},
        "kwargs": {},
        "multitask_strategy": "reject",
    }


def inbox_router() -> Router:
    """The routes, for tokens alone. Their description is LangGraph's own, not this desk's."""
    return Router(
        PREFIX,
        route_handlers=[info, search_threads, read_thread, read_state, write_state, start_run, stream_run],
        middleware=[RateLimiting()],
        opt={"credential": BEARER, "takes_api_key": True},
        include_in_schema=False,
    )
