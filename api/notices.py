"""Notices that customers wait, for scripts of administrators: who is told, what was told, and a test."""

from collections.abc import Sequence
from typing import Annotated, Final
from uuid import UUID

from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_202_ACCEPTED

from api.auth import may
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed
from api.notice_schemas import NoticeList, NoticeOut, NotificationsOut, NotificationsPut
from api.services import Services
from tickets.desk_settings import Change
from tickets.errors import NotFound
from tickets.people import Scope
from tickets.waiting import Notifications
from tickets.waiting_desk import WaitingDesk

REST: Final = "/settings/notifications"
NOTICES: Final = REST + "/notices"

Newest = Annotated[int, QueryParameter(ge=1, le=200, description="How many notices at most, the newest first.")]


def waiting_of(services: Services) -> WaitingDesk:
    if services.waiting is None:
        raise NotFound("This desk makes no notices.")
    return services.waiting


@get(REST, guards=[may(Scope.ADMIN)], responses=problems())
async def get_notifications(services: ServicesNeed) -> NotificationsOut:
    """Who is told when customers wait too long."""
    return NotificationsOut.of(await services.desk_settings.stored(Notifications))


@put(REST, guards=[may(Scope.ADMIN)], responses=problems(409))
async def put_notifications(
    services: ServicesNeed, actor: ActorNeed, data: JSONBody[NotificationsPut]
) -> NotificationsOut:
    """Replace it. Addresses of the desk's own mailboxes are refused: notices would come back."""
    changed = Change(data.value(), data.version)
    return NotificationsOut.of(await waiting_of(services).change(changed, by=actor))


@post(REST + "/test", guards=[may(Scope.ADMIN)], status_code=HTTP_202_ACCEPTED, responses=problems())
async def test_notifications(services: ServicesNeed, actor: ActorNeed) -> NoticeOut:
    """Mail a test to those who would be told. Webhooks have a test of their own."""
    return NoticeOut.of(await waiting_of(services).test(by=actor))


@get(NOTICES, guards=[may(Scope.ADMIN)], responses=problems())
async def list_notices(services: ServicesNeed, limit: Newest = 50) -> NoticeList:
    """What was told, the newest first; kept for 30 days."""
    return NoticeList([NoticeOut.of(each) for each in await waiting_of(services).store.log(limit)])


@post(
    NOTICES + "/{notice_id:uuid}/retry",
    guards=[may(Scope.ADMIN)],
    status_code=HTTP_200_OK,
    responses=problems(404, 409),
)
async def retry_notice(services: ServicesNeed, actor: ActorNeed, notice_id: FromPath[UUID]) -> NoticeOut:
    """Try the mail of a notice again that was given up."""
    return NoticeOut.of(await waiting_of(services).again(notice_id, by=actor))


notice_handlers: Sequence[HTTPRouteHandler] = (
    get_notifications,
    put_notifications,
    test_notifications,
    list_notices,
    retry_notice,
)
