"""What calls an operator: notes that name them and tickets given to them. A page for people, a list for scripts."""

from collections.abc import Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.response import Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api.auth import caller_of, may
from api.frame import frame
from api.links import see_other
from api.needs import ServicesNeed, SessionNeed
from api.note_schemas import MentionsOut, ReadOut, ReadRequest
from api.schemas import NO_NUL
from api.services import Services
from api.tickets import Cursor, Limit, problems
from tickets.errors import BadInput, NotFound
from tickets.people import Operator, Scope

PAGE_LINES: Final = 50
HERE: Final = "/boards/mentions"

WebRequest = Request[Any, Any, Any]
Whose = Annotated[str, QueryParameter(max_length=254, pattern=NO_NUL, description="An operator's address.")]
Unread = Annotated[bool, QueryParameter(description="Only those that are not read yet.")]


@get(HERE, guards=[may(Scope.READ)])
async def mentions_page(
    services: ServicesNeed, session: SessionNeed, unread: FromQuery[bool] = False, cursor: FromQuery[str | None] = None
) -> Template:
    """Who called the operator, and to which ticket; the newest first."""
    page = await services.store.mentions(
        session.operator.id, limit=PAGE_LINES, cursor=cursor or None, unread_only=unread
    )
    context = {
        "frame": await frame(services, session),
        "page": page,
        "unread_only": unread,
        "is_first": not cursor,
        "here": HERE,
    }
    return Template("mentions.html", context=context)


@post(HERE + "/read", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def mark_mentions(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Response[Any]:
    """Mark one of the operator's own calls, or all, as read; `open` goes on to the ticket."""
    form = await request.form()
    ids = None if form.get("all") else [_id_in(str(form.get("mention", "")))]
    await services.store.mark_read(session.operator.id, ids, services.clock.now())
    return see_other(request, HERE)


def _id_in(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("The form does not say which mention it is about. Reload the page and try again.") from None


@get("/mentions", guards=[may(Scope.READ)], responses=problems(404))
async def list_mentions(
    request: WebRequest,
    services: ServicesNeed,
    email: Whose,
    unread: Unread = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> MentionsOut:
    """What calls that operator, the newest first: the token's owner, or anybody for the scope `admin`."""
    person = await _person(request, services, email)
    page = await services.store.mentions(person.id, limit=limit, cursor=cursor, unread_only=unread)
    return MentionsOut.of(page, await services.store.unread_mentions(person.id))


@post("/mentions/read", guards=[may(Scope.DRAFT)], status_code=HTTP_200_OK, responses=problems(404, 413))
async def read_mentions(request: WebRequest, data: JSONBody[ReadRequest], services: ServicesNeed) -> ReadOut:
    """Mark calls of an operator as read; repeating it changes nothing. Only one's own, but for the scope `admin`."""
    person = await _person(request, services, data.email)
    return ReadOut(await services.store.mark_read(person.id, data.ids, services.clock.now()))


async def _person(request: WebRequest, services: Services, email: str) -> Operator:
    """Raises NotAllowed for somebody else's, so that nobody's unread calls are taken from them."""
    found, caller = await services.accounts.operator_by_email(email), caller_of(request)
    if caller and (found is None or caller.owner_id != found[0].id):
        caller.actor.require(Scope.ADMIN)
    if found is None:
        raise NotFound("Nobody at this desk has that address. Give the address of an operator.")
    return found[0]


mention_page_handlers: Sequence[HTTPRouteHandler] = (mentions_page, mark_mentions)
mention_handlers: Sequence[HTTPRouteHandler] = (list_mentions, read_mentions)
