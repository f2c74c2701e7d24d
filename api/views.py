"""Saved views: kept, renamed, shared and deleted from the boards, and by scripts."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Request, delete, get, patch, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from litestar.status_codes import HTTP_201_CREATED, HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from api.auth import may
from api.board_query import BoardQuery
from api.board_schemas import ViewChange, ViewOut, ViewPage, ViewRequest
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed
from api.services import Services
from api.tickets import problems
from tickets.boards import Board
from tickets.errors import BadInput, NotFound
from tickets.people import Scope
from tickets.views import SavedView, ViewId, Views
from tickets.wording import Sentence

PAGE: Final = "/boards/views"
REST: Final = "/views"
ViewPath = FromPath[UUID]


def views_of(services: Services) -> Views:
    """Raises NotFound at a desk that keeps none."""
    if services.views is None:
        raise NotFound("This desk keeps no views.")
    return Views(services.views, services.clock)


def address_of(view: SavedView) -> str:
    """The board with the view's filters, as the desk itself writes them."""
    return BoardQuery.of_text(view.board, view.query).url()


def _board(word: str) -> Board:
    try:
        return Board(word)
    except ValueError:
        raise BadInput(Sentence("There is no such board. The boards are: %(names)s.", names=", ".join(Board))) from None


# --- pages ------------------------------------------------------------------------------------------------------------


@post(PAGE, guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def keep_view(request: Request[Any, Any, Any], services: ServicesNeed, actor: ActorNeed) -> Redirect:
    """Keep the board and the filters that the page shows, under a name."""
    form = await request.form()
    query = BoardQuery.of_text(_board(str(form.get("board", ""))), str(form.get("filters", "")))
    name, is_shared = str(form.get("name", "")), bool(form.get("shared"))
    view = await views_of(services).save(name, query.board, query.text(), is_shared=is_shared, by=actor)
    return see_other(request, address_of(view))


@post(PAGE + "/{view_id:uuid}", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def alter_view(
    view_id: ViewPath, request: Request[Any, Any, Any], services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Rename it, share it or keep it to oneself."""
    form = await request.form()
    name, is_shared = str(form.get("name", "")), bool(form.get("shared"))
    view = await views_of(services).change(ViewId(view_id), name=name, is_shared=is_shared, by=actor)
    return see_other(request, address_of(view))


@post(PAGE + "/{view_id:uuid}/delete", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def drop_view(
    view_id: ViewPath, request: Request[Any, Any, Any], services: ServicesNeed, actor: ActorNeed
) -> Redirect:
    """Delete the view; its filters stay on the page."""
    view = await services.views.view(ViewId(view_id)) if services.views else None
    await views_of(services).delete(ViewId(view_id), by=actor)
    return see_other(request, address_of(view) if view else "/boards")


# --- scripts ----------------------------------------------------------------------------------------------------------


@get(REST, guards=[may(Scope.READ)], responses=problems())
async def list_views(services: ServicesNeed, actor: ActorNeed) -> ViewPage:
    """The caller's own views and the shared ones."""
    return ViewPage([ViewOut.of(view) for view in await views_of(services).seen_by(actor)])


@get(REST + "/{view_id:uuid}", guards=[may(Scope.READ)], responses=problems(404))
async def read_view(view_id: ViewPath, services: ServicesNeed, actor: ActorNeed) -> ViewOut:
    """One view that the caller sees."""
    for view in await views_of(services).seen_by(actor):
        if view.id == view_id:
            return ViewOut.of(view)
    raise NotFound("There is no such view, or it is somebody else's own.")


@post(REST, guards=[may(Scope.DRAFT)], status_code=HTTP_201_CREATED, responses=problems(409, 413))
async def save_view(data: JSONBody[ViewRequest], services: ServicesNeed, actor: ActorNeed) -> ViewOut:
    """Keep a board with its filters under a name."""
    query = BoardQuery.of_text(data.board, data.filters)
    saved = await views_of(services).save(data.name, data.board, query.text(), is_shared=data.is_shared, by=actor)
    return ViewOut.of(saved)


@patch(REST + "/{view_id:uuid}", guards=[may(Scope.DRAFT)], responses=problems(404, 409, 413))
async def change_view(
    view_id: ViewPath, data: JSONBody[ViewChange], services: ServicesNeed, actor: ActorNeed
) -> ViewOut:
    """Rename a view of one's own, share it or keep it to oneself; an administrator may change any shared one."""
    changed = await views_of(services).change(ViewId(view_id), name=data.name, is_shared=data.is_shared, by=actor)
    return ViewOut.of(changed)


@delete(
    REST + "/{view_id:uuid}", guards=[may(Scope.DRAFT)], status_code=HTTP_204_NO_CONTENT, responses=problems(404, 409)
)
async def delete_view(view_id: ViewPath, services: ServicesNeed, actor: ActorNeed) -> None:
    """Delete a view."""
    await views_of(services).delete(ViewId(view_id), by=actor)


view_page_handlers: Sequence[HTTPRouteHandler] = (keep_view, alter_view, drop_view)
view_handlers: Sequence[HTTPRouteHandler] = (list_views, read_view, save_view, change_view, delete_view)
