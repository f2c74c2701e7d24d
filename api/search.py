"""The search: a page for people, a list for scripts."""

from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlencode

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter
from litestar.response import Template

from api.auth import may
from api.frame import frame
from api.language import reader, told
from api.needs import ServicesNeed, SessionNeed
from api.schemas import NO_NUL
from api.search_schemas import SearchOut
from api.tickets import Cursor, Limit, problems
from tickets.errors import BadInput
from tickets.people import Scope
from tickets.search import LONGEST_QUERY, Place, SearchPage
from tickets.search_marks import SNIPPET_LENGTH, marked
from tickets.search_query import read_query
from tickets.wording import N_

HERE: Final = "/boards/search"
PAGE_LINES: Final = 25

EXAMPLES: Final = (
    ("inverter error", N_("both words, in one mail or note; the last one may go on: error finds errors")),
    ('"red light"', N_("these words side by side")),
    ("refund -closed", N_("without the second word")),
    ("from:ada@example.org", N_("who wrote: a name, an address, a domain; to: for whom it went to")),
    ("subject:invoice", N_("in the subject")),
    ("#1042", N_("the ticket with that number")),
    ("is:needs-action", N_("also: new, waiting, done, open, mine, unassigned, snoozed, leaving, stopped, merged")),
    ("category:billing", N_("also: priority:, language:, mailbox:, tag:")),
    ("assignee:ada", N_("whose ticket it is; assignee:me, assignee:nobody")),
    ("has:attachment", N_("also: note, draft")),
    ("after:2026-03 before:7d", N_("days as 2026-03-31, months, years, 7d, 2w, today, yesterday; on: for one of them")),
)

Words = Annotated[
    str,
    QueryParameter(
        max_length=LONGEST_QUERY,
        pattern=NO_NUL,
        description="Words, phrases and operators, as in the search box. Nothing finds nothing.",
    ),
]


@get(HERE, guards=[may(Scope.READ)])
async def search_page(
    services: ServicesNeed, session: SessionNeed, q: FromQuery[str | None] = None, cursor: FromQuery[str | None] = None
) -> Template:
    """Everything on record that fits the words and operators in `q`."""
    typed = (q or "").replace("\0", " ").strip()
    query = read_query(typed, services.clock.now(), me=session.operator.email, zone=reader().zone)
    page, refusal = SearchPage((), None), ""
    try:
        page = await services.search.find(query, limit=PAGE_LINES, cursor=cursor or None)
    except BadInput as error:
        refusal = told(error)
    context = {
        "frame": await frame(services, session),
        "here": HERE,
        "typed": typed,
        "query": query,
        "page": page,
        "refusal": refusal,
        "is_first": not cursor,
        "coverage": await services.search.coverage(),
        "examples": EXAMPLES,
        "longest": LONGEST_QUERY,
        "subject_of": lambda found: marked(found.line.subject, query, Place.SUBJECT),
        "snippet_of": lambda hit: marked(hit.text, query, length=SNIPPET_LENGTH),
        "further": f"{HERE}?{urlencode({'q': typed, 'cursor': page.next_cursor or ''})}",
    }
    return Template("search.html", context=context)


@get("/search", guards=[may(Scope.READ)], responses=problems(404))
async def search_tickets(services: ServicesNeed, q: Words, limit: Limit = 25, cursor: Cursor = None) -> SearchOut:
    """Tickets whose mails or notes have these words, newest hit first; days are UTC's."""
    query = read_query(q, services.clock.now())
    return SearchOut.of(await services.search.find(query, limit=limit, cursor=cursor), query)


search_page_handlers: Sequence[HTTPRouteHandler] = (search_page,)
search_handlers: Sequence[HTTPRouteHandler] = (search_tickets,)
