"""The settings page of operators: who there is, what each may do, where they are logged in, how they get back in."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER, HTTP_400_BAD_REQUEST, HTTP_409_CONFLICT

from api import staff_use
from api.auth import may
from api.frame import frame
from api.language import told
from api.links import see_other
from api.login import Line
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.one_time_use import link_to
from api.services import Services
from api.session_lines import session_lines
from api.staff_use import JOIN, RESET
from tickets.accounts import Session
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import OperatorId, Role, Scope
from tickets.staff import Purpose

PATH: Final = "/boards/settings/operators"
ONE: Final = PATH + "/{operator_id:uuid}"

WebRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class InviteForm:
    email: Line
    role: Role


@dataclass(frozen=True, slots=True)
class MemberForm:
    name: Line
    role: Role


@get(PATH, guards=[may(Scope.ADMIN)])
async def operators_page(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Template:
    """Everybody with an account, and who was invited."""
    return await _list(services, session, done=request.query_params.get("done"))


@post(PATH, guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK)
async def invite(
    services: ServicesNeed, session: SessionNeed, actor: ActorNeed, data: URLEncodedBody[InviteForm]
) -> Template:
    """Make the link, and show it this once."""
    try:
        secret = await staff_use.invite(services, data.email, data.role, by=actor)
    except (BadInput, Conflict) as error:
        return await _list(services, session, error, typed=data)
    return await _handed(services, session, "invitation", link_to(services, JOIN, secret), data.email, PATH)


@post("/boards/settings/invitations/{key_hash:str}/withdraw", guards=[may(Scope.ADMIN)])
async def withdraw(request: WebRequest, services: ServicesNeed, actor: ActorNeed, key_hash: FromPath[str]) -> Redirect:
    """The link works no more."""
    await staff_use.withdraw(services, key_hash, by=actor)
    return see_other(request, PATH, done="withdrawn")


@get(ONE, guards=[may(Scope.ADMIN)])
async def operator_page(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, operator_id: FromPath[UUID]
) -> Template:
    """One person's account."""
    return await _one(services, session, OperatorId(operator_id), done=request.query_params.get("done"))


@post(ONE, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def change(
    request: WebRequest,
    services: ServicesNeed,
    session: SessionNeed,
    actor: ActorNeed,
    operator_id: FromPath[UUID],
    data: URLEncodedBody[MemberForm],
) -> Template | Redirect:
    """Name and role."""
    try:
        await staff_use.change_role(services, OperatorId(operator_id), data.role, by=actor)
        await staff_use.rename(services, OperatorId(operator_id), data.name, by=actor)
    except (BadInput, Conflict) as error:
        return await _one(services, session, OperatorId(operator_id), error)
    return _back(request, operator_id, "changed")


@post(ONE + "/disable", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def disable(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed, operator_id: FromPath[UUID]
) -> Template | Redirect:
    """Out at once: sessions, tokens and links end."""
    try:
        await staff_use.disable(services, OperatorId(operator_id), by=actor)
    except Conflict as error:
        return await _one(services, session, OperatorId(operator_id), error)
    return _back(request, operator_id, "disabled")


@post(ONE + "/enable", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def enable(
    request: WebRequest, services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID]
) -> Redirect:
    """They may log in again."""
    await staff_use.enable(services, OperatorId(operator_id), by=actor)
    return _back(request, operator_id, "enabled")


@post(ONE + "/reset_link", guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK)
async def reset_link(
    services: ServicesNeed, session: SessionNeed, actor: ActorNeed, operator_id: FromPath[UUID]
) -> Template:
    """A link that sets a new password, shown this once."""
    try:
        secret = await staff_use.reset_link(services, OperatorId(operator_id), by=actor)
    except Conflict as error:
        return await _one(services, session, OperatorId(operator_id), error)
    member = await services.access.staff.member(OperatorId(operator_id))
    back = ONE.replace("{operator_id:uuid}", str(operator_id))
    return await _handed(services, session, "reset", link_to(services, RESET, secret), member.operator.email, back)


@post(ONE + "/second_factor/remove", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def remove_factor(
    request: WebRequest, services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID]
) -> Redirect:
    """For somebody who has lost their device."""
    await staff_use.remove_second_factor(services, OperatorId(operator_id), by=actor)
    return _back(request, operator_id, "factor")


@post(ONE + "/sessions/end", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def end_all(
    request: WebRequest, services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID]
) -> Redirect:
    """Log every browser of theirs out."""
    await staff_use.end_sessions(services, OperatorId(operator_id), by=actor)
    return _back(request, operator_id, "sessions")


@post(ONE + "/sessions/{handle:str}/end", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def end_one(
    request: WebRequest, services: ServicesNeed, actor: ActorNeed, operator_id: FromPath[UUID], handle: FromPath[str]
) -> Redirect:
    """Log one browser of theirs out."""
    await staff_use.end_session(services, OperatorId(operator_id), handle, by=actor)
    return _back(request, operator_id, "session")


def _back(request: WebRequest, operator_id: UUID, done: str) -> Redirect:
    return see_other(request, f"{PATH}/{operator_id}", done=done)


async def _list(
    services: Services,
    session: Session,
    error: DeskError | None = None,
    *,
    typed: InviteForm | None = None,
    done: str | None = None,
) -> Template:
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "done": done,
        "error": told(error) if error else None,
        "typed_email": typed.email if typed else "",
        "typed_role": typed.role.value if typed else Role.OPERATOR.value,
        "members": await services.access.staff.members(),
        "invitations": await services.access.one_time.pending(Purpose.INVITATION, services.clock.now()),
    }
    return Template("operators.html", context=context, status_code=_status(error))


async def _one(
    services: Services,
    session: Session,
    operator_id: OperatorId,
    error: DeskError | None = None,
    *,
    done: str | None = None,
) -> Template:
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "done": done,
        "error": told(error) if error else None,
        "member": await services.access.staff.member(operator_id),
        "sessions": await session_lines(services, operator_id, current=session),
    }
    return Template("operator.html", context=context, status_code=_status(error))


async def _handed(services: Services, session: Session, kind: str, link: str, email: str, back: str) -> Template:
    context = {"frame": await frame(services, session), "here": PATH, "back": back}
    return Template("handed_link.html", context={**context, "kind": kind, "address": link, "email": email})


def _status(error: DeskError | None) -> int:
    match error:
        case None:
            return HTTP_200_OK
        case Conflict():
            return HTTP_409_CONFLICT
        case _:
            return HTTP_400_BAD_REQUEST


staff_page_handlers: list[HTTPRouteHandler] = [
    operators_page,
    invite,
    withdraw,
    operator_page,
    change,
    disable,
    enable,
    reset_link,
    remove_factor,
    end_all,
    end_one,
]
