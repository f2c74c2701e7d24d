"""The boards as pages."""

from typing import Any, Final

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from api.auth import may
from api.board_lines import due_of, filter_choices
from api.board_query import BoardQuery
from api.bulk_told import Told, matching
from api.frame import frame
from api.links import HOME, see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.presence_news import others_at
from tickets.boards import STATUS_OF, TITLE_OF, Board
from tickets.bulk import MAX_TICKETS
from tickets.errors import NotFound
from tickets.people import Scope
from tickets.snoozing import UNTIL_ANSWER
from tickets.views import may_change
from tickets.wording import Sentence

PAGE_LINES: Final = 50


@get("/boards", guards=[may(Scope.READ)])
async def first_board(request: Request[Any, Any, Any]) -> Redirect:
    """To the board that needs people."""
    return see_other(request, HOME)


@get("/boards/{board:str}", guards=[may(Scope.READ)])
async def board_page(
    board: FromPath[str],
    request: Request[Any, Any, Any],
    services: ServicesNeed,
    session: SessionNeed,
    actor: ActorNeed,
) -> Template | Redirect:
    """One board; scripts on the page ask for the part that changes with the header HX-Request."""
    query = BoardQuery.read(board_named(board), request.query_params)
    if any(not value for value in request.query_params.values()):
        return see_other(request, query.here())  # a form sends its empty fields too; addresses are to be shared
    around = await frame(services, session)
    wanted = query.wanted(session.operator, around.now)
    lines = await services.boards.page(wanted, limit=PAGE_LINES, cursor=query.cursor, order=query.order)
    choices = await filter_choices(services, [line.address for line in around.mailboxes])
    context = {
        "choices": choices,
        "due": await due_of(services, lines.lines),
        "saved_view": next(
            (view for view in around.views if (view.board, view.query) == (query.board, query.text())), None
        ),
        "may_change_view": may_change,
        "until_answer": UNTIL_ANSWER,
        "frame": around,
        "query": query,
        "page": lines,
        "told": Told.read(request.query_params),
        "matching": await matching(services, query, wanted, len(lines.lines)),
        "most_at_once": MAX_TICKETS,
        "actor": actor,
        "titles": TITLE_OF,
        "titles_by_status": {status: TITLE_OF[known] for known, status in STATUS_OF.items()},
        "here": f"/boards/{query.board}",
        "here_at": await others_at(services, session.operator),
    }
    return Template(_partial_or("board.html", request), context=context, headers={"Vary": "HX-Request"})


def board_named(word: str) -> Board:
    """Raises NotFound."""
    try:
        return Board(word)
    except ValueError:
        raise NotFound(Sentence("There is no such board. The boards are: %(names)s.", names=", ".join(Board))) from None


def _partial_or(page: str, request: Request[Any, Any, Any]) -> str:
    return f"partials/{page}" if request.headers.get("hx-request") == "true" else page


board_handlers: list[HTTPRouteHandler] = [first_board, board_page]
