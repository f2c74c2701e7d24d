"""Looking back and around: what the workflow did, similar tickets, the customer's others, sources, a mail's headers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Template
from msgspec import Struct

from api.auth import may
from api.frame import frame
from api.needs import DeskNeed, ServicesNeed, StoreNeed
from api.ticket_beside import similar_to
from api.ticket_context import BOARD_OF
from api.ticket_page import NEEDS, PAGE, PageNeed, TicketPage
from api.tickets import READ, TicketPath
from api.typed_numbers import whole_number
from tickets.categories import Categories
from tickets.errors import BadInput, NotFound
from tickets.mail import MailId
from tickets.mail_headers import header_fields
from tickets.neighbours import Neighbour
from tickets.people import Scope
from tickets.status import Status
from tickets.ticket import TicketId
from tickets.time_travel import MAX_STEPS, Step, StepState, WorkflowPast

MAX_OTHERS = 50

Some = Annotated[int, QueryParameter(ge=1, le=MAX_OTHERS, description="How many tickets at most.")]
Steps = Annotated[int, QueryParameter(ge=1, le=MAX_STEPS, description="How many checkpoints are read at most.")]
Below = Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1, description="`next_below` of the page before.")]


@get(PAGE + "/workflow", guards=[may(Scope.READ)], dependencies=NEEDS)
async def workflow(page: PageNeed) -> Template:
    """What the agent did at each checkpoint of the ticket's thread."""
    ticket = await page.services.store.ticket(page.ticket_id)
    steps = await _past(page.services.past).steps(ticket.id)
    return await _part(page, "workflow", {"steps": steps, "StepState": StepState})


@get(PAGE + "/customer", guards=[may(Scope.READ)], dependencies=NEEDS)
async def customer(page: PageNeed, below: FromQuery[str] = "") -> Template:
    """All tickets of the same customer, the newest first."""
    store = page.services.store
    ticket = await store.ticket(page.ticket_id)
    history = await store.customers_tickets(ticket, limit=MAX_OTHERS, below=_number(below))
    return await _part(page, "customer", {"customer": history, "is_first": not below})


@get(PAGE + "/sources/{source:str}", guards=[may(Scope.READ)], dependencies=NEEDS)
async def source(page: PageNeed, source: FromPath[str]) -> Template:
    """An article that a draft names as its source, as it says today."""
    await page.services.store.ticket(page.ticket_id)
    knowledge = page.services.knowledge
    article = await knowledge.article(source) if knowledge else None
    if article is None:
        raise NotFound("This source is not in the knowledge any more. The draft was written when it still was.")
    return await _part(page, "source", {"article": article})


@get(PAGE + "/mails/{mail_id:uuid}/headers", guards=[may(Scope.READ)], dependencies=NEEDS)
async def headers(page: PageNeed, mail_id: FromPath[UUID]) -> Template:
    """The header fields of a mail as it came."""
    raw = await page.services.store.raw_mail(page.ticket_id, MailId(mail_id))
    fields, is_cut = header_fields(raw)
    return await _part(page, "headers", {"fields": fields, "is_cut": is_cut, "mail_id": mail_id})


async def _part(page: TicketPage, name: str, context: Mapping[str, Any]) -> Template:
    """A part of the ticket's page for its script; for everybody else a page of its own."""
    ticket = await page.services.store.ticket(page.ticket_id)
    context = {**context, "categories": await page.services.desk_settings.read(Categories)}
    if page.request.headers.get("hx-request") == "true":
        return Template(f"partials/{name}.html", context={**context, "ticket": ticket})
    around = await frame(page.services, page.session)
    own = {"frame": around, "ticket": ticket, "part": name, "here": BOARD_OF[ticket.status]}
    return Template("ticket_part.html", context={**context, **own})


def _past(past: WorkflowPast | None) -> WorkflowPast:
    if past is None:
        raise NotFound("This desk keeps no history of the workflow.")
    return past


def _number(text: str) -> int | None:
    number = whole_number(text)
    if text and number is None:
        raise BadInput("That page of the list does not exist. Begin again at its first page.")
    return number


# --- for scripts ---------------------------------------------------------------------------------------------------


class StepOut(Struct):
    """A node that a checkpoint was about to run, and what came of it. `decided` holds names and plain values only."""

    checkpoint_id: str
    at: datetime
    node: str
    state: StepState
    work_seq: int | None
    decided: Mapping[str, str | int | float | bool | None]
    plan: list[str]
    error: str | None

    @classmethod
    def of(cls, step: Step) -> Self:
        same = {name: getattr(step, name) for name in cls.__struct_fields__ if name not in ("plan", "decided")}
        return cls(**same, decided=dict(step.decided), plan=list(step.plan))


class History(Struct):
    """The newest first."""

    items: list[StepOut]


class NeighbourOut(Struct):
    """Another ticket. `outcome` is the state of its newest draft (open, approved, sent, superseded, rejected)."""

    id: UUID
    number: int
    subject: str
    status: Status
    category: str | None
    language: str | None
    created_at: datetime
    updated_at: datetime
    outcome: str | None

    @classmethod
    def of(cls, neighbour: Neighbour) -> Self:
        return cls(**{name: getattr(neighbour, name) for name in cls.__struct_fields__})


class Similar(Struct):
    """The most similar first."""

    items: list[NeighbourOut]


class CustomerOut(Struct):
    """The newest first. `counts` are of all of them by status (at most 1,000); `next_below` asks for the next page."""

    items: list[NeighbourOut]
    counts: Mapping[str, int]
    next_below: int | None


class HeaderOut(Struct):
    name: str
    value: str


class Headers(Struct):
    """In the order of the mail, decoded; `cut` says that some were left out for length."""

    items: list[HeaderOut]
    cut: bool


@get("/tickets/{ticket_id:uuid}/history", guards=[may(Scope.READ)], responses=READ)
async def read_history(
    ticket_id: TicketPath, services: ServicesNeed, store: StoreNeed, limit: Steps = MAX_STEPS
) -> History:
    """What the workflow did, checkpoint by checkpoint. A closed ticket keeps only its last checkpoint."""
    ticket = await store.ticket(TicketId(ticket_id))
    return History([StepOut.of(step) for step in await _past(services.past).steps(ticket.id, limit)])


@get("/tickets/{ticket_id:uuid}/similar", guards=[may(Scope.READ)], responses=READ)
async def read_similar(ticket_id: TicketPath, services: ServicesNeed, desk: DeskNeed) -> Similar:
    """Tickets of the same category whose subjects say something similar, among the newest 250; at most five."""
    view = await desk.show(TicketId(ticket_id))
    return Similar([NeighbourOut.of(each) for each in await similar_to(services, view)])


@get("/tickets/{ticket_id:uuid}/customer", guards=[may(Scope.READ)], responses=READ)
async def read_customer(
    ticket_id: TicketPath, store: StoreNeed, limit: Some = MAX_OTHERS, below: Below = None
) -> CustomerOut:
    """The other tickets of the same customer, by their address."""
    history = await store.customers_tickets(await store.ticket(TicketId(ticket_id)), limit=limit, below=below)
    counts = {str(status): number for status, number in history.counts.items()}
    return CustomerOut([NeighbourOut.of(each) for each in history.tickets], counts, history.after)


@get("/tickets/{ticket_id:uuid}/mails/{mail_id:uuid}/headers", guards=[may(Scope.READ)], responses=READ)
async def read_headers(ticket_id: TicketPath, mail_id: FromPath[UUID], store: StoreNeed) -> Headers:
    """The header fields of one mail of the ticket."""
    fields, is_cut = header_fields(await store.raw_mail(TicketId(ticket_id), MailId(mail_id)))
    return Headers([HeaderOut(each.name, each.value) for each in fields], is_cut)


past_page_handlers: Sequence[HTTPRouteHandler] = (workflow, customer, source, headers)
past_handlers: Sequence[HTTPRouteHandler] = (read_history, read_similar, read_customer, read_headers)
