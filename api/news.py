"""What an open page asks for the browser's notifications: which tickets need somebody, newest first."""

from datetime import UTC
from typing import Any, Final
from uuid import UUID

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from msgspec import Struct

from api.auth import may
from api.needs import ServicesNeed
from tickets.boards import BoardFilter, BoardLine, Order
from tickets.people import Scope
from tickets.status import Status

NEWEST: Final = 50
NEEDS_SOMEBODY: Final = BoardFilter(status=Status.NEEDS_ACTION, is_snoozed=False)


class Needing(Struct, kw_only=True):
    """`key` is another one when the same ticket needs somebody anew. The subject is told to those who want it."""

    key: str
    id: UUID
    number: int
    subject: str | None = None


class News(Struct):
    needing: list[Needing]


@get("/boards/news", guards=[may(Scope.READ)])
async def news(services: ServicesNeed, subjects: FromQuery[bool] = False) -> News:
    """The tickets that moved last among those that need action; what is on its way out needs nobody."""
    page = await services.boards.page(NEEDS_SOMEBODY, limit=NEWEST, cursor=None, order=Order.LAST_MOVED)
    return News([_needing(line, subjects) for line in page.lines if not line.is_leaving])


def _needing(line: BoardLine, subjects: bool) -> Needing:
    since = line.waiting_since.astimezone(UTC).isoformat()
    said: dict[str, Any] = {"subject": line.subject} if subjects else {}
    return Needing(key=f"{line.number} {since} {line.came_back or ''}", id=line.id, number=line.number, **said)


news_handlers: list[HTTPRouteHandler] = [news]
