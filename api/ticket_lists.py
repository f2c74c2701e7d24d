"""Lists of tickets for scripts: filtered, sorted, page after page; and how many each board holds."""

from collections.abc import Sequence
from typing import Annotated, Literal

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from api.auth import may
from api.board_query import age_in
from api.board_schemas import CountsOut
from api.needs import BoardsNeed, ServicesNeed
from api.schemas import NO_NUL, TicketOut, TicketPage
from api.tickets import Cursor, Limit, problems
from tickets.boards import BoardFilter, Order
from tickets.people import Scope
from tickets.status import Status
from tickets.tags import tag_of

Standing = Annotated[Status | None, QueryParameter(description="Where the ticket stands.")]
Words = Annotated[
    str | None, QueryParameter(max_length=200, pattern=NO_NUL, description="Subject, requester or number.")
]
Who = Annotated[
    str | None, QueryParameter(max_length=254, pattern=NO_NUL, description="Address; empty means unassigned.")
]
Word = Annotated[str | None, QueryParameter(max_length=254, pattern=NO_NUL, description="Exactly this.")]
Tags = Annotated[list[str] | None, QueryParameter(name="tag", description="Tags that the ticket bears, all of them.")]
Age = Annotated[
    str | None,
    QueryParameter(
        pattern=r"^[0-9]{1,4}[hdw]$", description="Waiting (or unmoved, by the order) for longer: 36h, 3d, 2w."
    ),
]
Snoozed = Annotated[bool | None, QueryParameter(description="Only those put off, or only those that are not.")]
Ours = Annotated[bool, QueryParameter(description="Only those that it is our turn on, and that are not put off.")]
Sort = Annotated[
    Literal["waiting", "-waiting", "updated", "-updated"] | None,
    QueryParameter(description="By when the customer began to wait, or by the last move; - turns it around."),
]


@get("/tickets", guards=[may(Scope.READ)], responses=problems(404))
async def list_tickets(
    boards: BoardsNeed,
    services: ServicesNeed,
    status: Standing = None,
    assignee: Who = None,
    q: Words = None,
    category: Word = None,
    priority: Word = None,
    mailbox: Word = None,
    language: Word = None,
    tag: Tags = None,
    age: Age = None,
    snoozed: Snoozed = None,
    ours: Ours = False,
    sort: Sort = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> TicketPage:
    """Tickets, filtered. Those that wait for us come oldest first, the others newest first."""
    wanted = BoardFilter(
        status=status,
        assignee=assignee,
        q=q or None,
        is_ours=ours,
        is_snoozed=snoozed,
        category=category,
        priority=priority,
        mailbox=mailbox,
        language=language,
        tags=tuple(tag_of(each) for each in tag or ()),
        before=services.clock.now() - age_in(age) if age else None,
    )
    page = await boards.page(wanted, limit=limit, cursor=cursor, order=Order(sort) if sort else None)
    return TicketPage([TicketOut.of(line) for line in page.lines], page.next_cursor, page.previous_cursor)


@get("/tickets/counts", guards=[may(Scope.READ)], responses=problems())
async def count_tickets(boards: BoardsNeed) -> CountsOut:
    """How many tickets each board holds; the transactions that move tickets keep count."""
    return CountsOut.of(await boards.counts())


ticket_list_handlers: Sequence[HTTPRouteHandler] = (list_tickets, count_tickets)
