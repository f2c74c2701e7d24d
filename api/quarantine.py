"""The quarantine: mails that could not be read or filed, their original bytes, and another try."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_204_NO_CONTENT, HTTP_303_SEE_OTHER

from api.auth import may
from api.frame import QUARANTINE_LIMIT, frame
from api.language import told
from api.links import see_other
from api.mailbox_schemas import QuarantinedOut, QuarantineList, problems
from api.needs import ActorNeed, BoardsNeed, ServicesNeed, SessionNeed
from api.services import Services
from tickets.accounts import Session
from tickets.errors import Conflict, DeskError, NotFound, Unreadable
from tickets.people import SCOPES_OF, Actor, Scope
from tickets.quarantine import Quarantine

PAGE: Final = "/boards/quarantine"
ONE: Final = PAGE + "/{quarantine_id:uuid}"
REST: Final = "/quarantine"

# Never shown, only saved: whatever the mail holds, the browser must not look into it.
RAW_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}

WebRequest = Request[Any, Any, Any]
MailPath = FromPath[UUID]


@get(PAGE, guards=[may(Scope.READ)])
async def quarantine_page(services: ServicesNeed, session: SessionNeed, done: FromQuery[str | None] = None) -> Template:
    """The mails that could not be read, with the reason."""
    return await _page(services, session, done=done)


@get(ONE + "/raw", guards=[may(Scope.READ)])
async def quarantined_file(quarantine_id: MailPath, services: ServicesNeed, actor: ActorNeed) -> Response[bytes]:
    """The mail as it came, to save."""
    return await _download(quarantine_id, services, actor)


@post(ONE + "/retry", guards=[may(Scope.SYNC)], status_code=HTTP_303_SEE_OTHER)
async def retry_quarantined(
    quarantine_id: MailPath, request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Try once more to file it."""
    try:
        await _quarantine(services).retry(quarantine_id, by=actor)
    except (Unreadable, Conflict, NotFound) as refusal:
        if await _is_gone(quarantine_id, services, actor):
            return see_other(request, PAGE, done="gone")
        return await _page(services, session, refusal)
    return see_other(request, PAGE, done="filed")


@post(ONE + "/dismiss", guards=[may(Scope.SYNC)], status_code=HTTP_303_SEE_OTHER)
async def dismiss_quarantined(
    quarantine_id: MailPath, request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Take it off the board without filing it."""
    try:
        await _quarantine(services).dismiss(quarantine_id, by=actor)
    except (Conflict, NotFound):  # a second click, or a colleague was quicker
        return see_other(request, PAGE, done="gone")
    return see_other(request, PAGE, done="dismissed")


async def _is_gone(quarantine_id: UUID, services: Services, actor: Actor) -> bool:
    try:
        await _quarantine(services).raw(quarantine_id, by=actor)
    except NotFound:
        return True
    return False


async def _page(
    services: Services, session: Session, refusal: DeskError | None = None, *, done: str | None = None
) -> Template:
    context = {
        "frame": await frame(services, session),
        "lines": await services.boards.quarantined(QUARANTINE_LIMIT),
        "limit": QUARANTINE_LIMIT,
        "can_open": services.quarantine is not None,
        "can_retry": Scope.SYNC in SCOPES_OF[session.operator.role],
        "error": told(refusal) if refusal else None,
        "done": done,
        "here": PAGE,
    }
    return Template("quarantine.html", context=context, status_code=409 if refusal else 200)


async def _download(quarantine_id: UUID, services: Services, actor: Actor) -> Response[bytes]:
    octets = await _quarantine(services).raw(quarantine_id, by=actor)
    headers = RAW_HEADERS | {"Content-Disposition": f'attachment; filename="{quarantine_id}.eml"'}
    return Response(octets, media_type="application/octet-stream", headers=headers)


def _quarantine(services: Services) -> Quarantine:
    if services.quarantine is None:
        raise NotFound("Mails in quarantine cannot be opened here. Look at them in the mailbox itself.")
    return services.quarantine


# --- REST -----------------------------------------------------------------------------------------------------------


@get(REST, guards=[may(Scope.READ)], responses=problems())
async def list_quarantined(boards: BoardsNeed) -> QuarantineList:
    """The newest mails that could not be read or filed, at most 100."""
    return QuarantineList([QuarantinedOut.of(line) for line in await boards.quarantined(QUARANTINE_LIMIT)])


_RAW: Final = ResponseSpec(bytes, description="The mail's original bytes.", media_type="application/octet-stream")


@get(REST + "/{quarantine_id:uuid}/raw", guards=[may(Scope.READ)], responses={**problems(404), 200: _RAW})
async def quarantined_bytes(quarantine_id: MailPath, services: ServicesNeed, actor: ActorNeed) -> Response[bytes]:
    """The mail as it came."""
    return await _download(quarantine_id, services, actor)


@post(
    REST + "/{quarantine_id:uuid}/retry",
    guards=[may(Scope.SYNC)],
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(404, 409),
)
async def retry_quarantined_mail(quarantine_id: MailPath, services: ServicesNeed, actor: ActorNeed) -> None:
    """Try once more to file it; 409 with the reason when it still cannot be read."""
    try:
        await _quarantine(services).retry(quarantine_id, by=actor)
    except Unreadable as error:
        raise Conflict(str(error)) from error


@post(
    REST + "/{quarantine_id:uuid}/dismiss",
    guards=[may(Scope.SYNC)],
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(404, 409),
)
async def dismiss_quarantined_mail(quarantine_id: MailPath, services: ServicesNeed, actor: ActorNeed) -> None:
    """Take it off the board without filing it; it counts as skipped, and the mailbox itself keeps it."""
    await _quarantine(services).dismiss(quarantine_id, by=actor)


quarantine_page_handlers: list[HTTPRouteHandler] = [
    quarantine_page,
    quarantined_file,
    retry_quarantined,
    dismiss_quarantined,
]
quarantine_handlers: Sequence[HTTPRouteHandler] = (
    list_quarantined,
    quarantined_bytes,
    retry_quarantined_mail,
    dismiss_quarantined_mail,
)
