"""The boards as pages."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect, Template

from api.auth import may
from api.frame import frame
from api.links import HOME, see_other
from api.needs import ServicesNeed, SessionNeed
from tickets.boards import STATUS_OF, TITLE_OF, Board, BoardFilter
from tickets.errors import NotFound
from tickets.people import Operator, Scope

PAGE_LINES: Final = 50
MAX_QUERY: Final = 200
UNASSIGNED: Final = ""

Words = Annotated[str | None, QueryParameter(name="q", max_length=MAX_QUERY)]


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """A board and the filters in its address. `everywhere` looks for `q` on all boards."""

    board: Board
    q: str
    assignee: str
    everywhere: bool
    cursor: str | None

    def wanted(self, operator: Operator) -> BoardFilter:
        """The filter for the store; `mine` and `unassigned` are words of the address, not of the store."""
        assignee = {"mine": operator.email, "unassigned": UNASSIGNED}.get(self.assignee)
        return BoardFilter(
            status=None if self.everywhere and self.q else STATUS_OF[self.board], assignee=assignee, q=self.q or None
        )

    def url(self, **changes: str | None) -> str:
        """The same board with some filters changed; leaving the cursor out goes back to the first page."""
        kept = {"q": self.q, "assignee": self.assignee, "everywhere": "1" if self.everywhere else ""}
        query = {name: value for name, value in (kept | changes).items() if value}
        return f"/boards/{self.board}" + (f"?{urlencode(query)}" if query else "")


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
    words: Words = None,
    assignee: FromQuery[str | None] = None,
    everywhere: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Template:
    """One board; scripts on the page ask for the part that changes with the header HX-Request."""
    query = BoardQuery(_board_named(board), (words or "").strip(), assignee or "", everywhere, cursor)
    around = await frame(services, session)
    lines = await services.boards.page(query.wanted(session.operator), limit=PAGE_LINES, cursor=cursor)
    context = {
        "frame": around,
        "query": query,
        "page": lines,
        "titles": TITLE_OF,
        "titles_by_status": {STATUS_OF[known]: title for known, title in TITLE_OF.items()},
        "here": f"/boards/{query.board}",
    }
    return Template(_partial_or("board.html", request), context=context, headers={"Vary": "HX-Request"})


def _board_named(word: str) -> Board:
    try:
        return Board(word)
    except ValueError:
        raise NotFound("There is no such board. The boards are: " + ", ".join(Board) + ".") from None


def _partial_or(page: str, request: Request[Any, Any, Any]) -> str:
    return f"partials/{page}" if request.headers.get("hx-request") == "true" else page


board_handlers: list[HTTPRouteHandler] = [first_board, board_page]
