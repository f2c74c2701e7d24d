"""How whoever is logged in gets in: their password, the second step of their login, and where they are logged in."""

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api import second_factor
from api.auth import BEFORE_SECOND_FACTOR, may, needs_second_factor
from api.door import Door, TooManyLogins, WrongLogin
from api.frame import frame
from api.language import told
from api.links import see_other
from api.login import Line
from api.needs import ServicesNeed, SessionNeed
from api.origins import address_of
from api.services import Services
from api.session_lines import session_lines
from api.staff_use import change_password, end_session, end_sessions
from tickets.accounts import Session
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import Actor, Scope

PATH: Final = "/boards/me/security"
FACTOR: Final = PATH + "/second_factor"
FIRST: Final = {BEFORE_SECOND_FACTOR: True}

WebRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class PasswordForm:
    old: Line
    password: Line


@dataclass(frozen=True, slots=True)
class CodeForm:
    code: Line


@get(PATH, guards=[may(Scope.READ)], opt=FIRST)
async def security_page(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Template:
    """Password, second step and sessions."""
    return await _page(services, session, done=request.query_params.get("done"))


@post(PATH + "/password", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def new_password(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, data: URLEncodedBody[PasswordForm]
) -> Template | Redirect:
    """Change it; whoever else is logged in with the old one is out."""
    door: Door = request.app.state.door
    try:
        await door.check_password(session.operator, data.old, address_of(request))
        await change_password(services, session.operator, data.password, keep=session.id_hash)
    except (WrongLogin, TooManyLogins, BadInput) as error:
        return await _page(services, session, error, about="password")
    return see_other(request, PATH, done="password")


@post(PATH + "/sessions/{handle:str}/end", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def end_one(request: WebRequest, services: ServicesNeed, session: SessionNeed, handle: FromPath[str]) -> Redirect:
    """Log another browser out."""
    await end_session(services, session.operator.id, handle, by=Actor.operator(session.operator))
    return see_other(request, PATH, done="session")


@post(PATH + "/sessions/end", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def end_others(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Redirect:
    """Log every other browser out."""
    actor = Actor.operator(session.operator)
    await end_sessions(services, session.operator.id, session.id_hash, by=actor)
    return see_other(request, PATH, done="sessions")


@post(FACTOR + "/offer", guards=[may(Scope.READ)], opt=FIRST, status_code=HTTP_303_SEE_OTHER)
async def offer_factor(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Redirect:
    """Make a secret, which the page then shows until a code of it was entered."""
    await second_factor.offer(services, session.operator)
    return see_other(request, PATH)


@post(FACTOR, guards=[may(Scope.READ)], opt=FIRST, status_code=HTTP_200_OK)
async def confirm_factor(services: ServicesNeed, session: SessionNeed, data: URLEncodedBody[CodeForm]) -> Template:
    """Switch it on, and show the recovery codes this once. Logins from before it are ended."""
    try:
        codes = await second_factor.confirm(services, session.operator, data.code.strip())
    except (BadInput, Conflict) as error:
        return await _page(services, session, error, about="factor")
    actor = Actor.operator(session.operator)
    await end_sessions(services, session.operator.id, session.id_hash, by=actor)
    return await _codes(services, session, codes)


@post(FACTOR + "/codes", guards=[may(Scope.READ)], status_code=HTTP_200_OK)
async def renew_codes(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, data: URLEncodedBody[CodeForm]
) -> Template:
    """New recovery codes, for a code of the generator."""
    if error := await _wrong_code(request, session, data.code):
        return await _page(services, session, error, about="factor")
    return await _codes(services, session, await second_factor.renew_codes(services, session.operator))


@post(FACTOR + "/remove", guards=[may(Scope.READ)], status_code=HTTP_303_SEE_OTHER)
async def remove_factor(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, data: URLEncodedBody[CodeForm]
) -> Template | Redirect:
    """Switch it off, for a code of it."""
    if error := await _wrong_code(request, session, data.code):
        return await _page(services, session, error, about="factor")
    event = second_factor.changed(services, session.operator, "second factor removed")
    await services.access.second_factors.remove(session.operator.id, event)
    return see_other(request, PATH, done="removed")


async def _wrong_code(request: WebRequest, session: Session, code: str) -> DeskError | None:
    door: Door = request.app.state.door
    try:
        await door.check_code(session.operator, code, address_of(request))
    except (WrongLogin, TooManyLogins) as error:
        return error
    return None


async def _codes(services: Services, session: Session, codes: list[str]) -> Template:
    shown = [second_factor.grouped(code) for code in codes]
    context = {"frame": await frame(services, session), "here": PATH, "codes": shown, "back": PATH}
    return Template("recovery_codes.html", context=context)


async def _page(
    services: Services, session: Session, error: DeskError | None = None, *, about: str = "", done: str | None = None
) -> Template:
    operator, factors = session.operator, services.access.second_factors
    known = await factors.of(operator.id)
    offered = known.secret if known and known.since is None else None
    uri = second_factor.uri_of(offered, operator, services.settings.desk_name) if offered else None
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "done": done,
        "error": told(error) if error else None,
        "error_about": about,
        "has_password": (await services.access.staff.member(operator.id)).has_password,
        "factor_since": known.since if known else None,
        "codes_left": await factors.codes_left(operator.id),
        "offered": second_factor.grouped(offered) if offered else None,
        "picture": second_factor.picture_of(uri) if uri else None,
        "is_required": needs_second_factor(services.settings, session),
        "sessions": await session_lines(services, operator.id, current=session),
    }
    return Template("own_security.html", context=context, status_code=_status(error))


def _status(error: DeskError | None) -> int:
    if error is None:
        return HTTP_200_OK
    return 429 if isinstance(error, TooManyLogins) else 400


own_security_handlers: list[HTTPRouteHandler] = [
    security_page,
    new_password,
    end_one,
    end_others,
    offer_factor,
    confirm_factor,
    renew_codes,
    remove_factor,
]
