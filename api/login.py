"""Logging in and out, and the setup of the first administrator."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_200_OK, HTTP_401_UNAUTHORIZED
from msgspec import Meta

from api.accounts_use import add_operator
from api.auth import FirstAdmin, SetupNeeded, may
from api.csrf import FORM_COOKIE, form_secret, new_form_secret
from api.door import Door, TooManyLogins, WrongLogin
from api.links import HOME, safe_next, see_other
from api.needs import ServicesNeed, SessionNeed
from api.services import Services
from api.sessions import (
    SESSION_COOKIE,
    cookie_name,
    ended_cookie,
    find_session,
    make_cookie,
    open_session,
    session_cookie,
)
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput, Conflict, DeskError, NotAllowed
from tickets.people import Actor, Operator, Role, Scope

SETUP: Final = Actor("setup", frozenset({Scope.ADMIN}))
PUBLIC: Final = {"public": True}

WebRequest = Request[Any, Any, Any]
Line = Annotated[str, Meta(max_length=1000)]


@dataclass(frozen=True, slots=True)
class LoginForm:
    email: Line
    password: Line
    next: str = ""


@dataclass(frozen=True, slots=True)
class SetupForm:
    code: Line
    email: Line
    password: Line
    name: Line = ""


@get("/login", opt=PUBLIC)
async def login_page(request: WebRequest, services: ServicesNeed) -> Template | Redirect:
    """The login form; somebody who is logged in goes on at once."""
    await _require_set_up(request)
    wanted = safe_next(request.query_params.get("next"))
    if await find_session(services, _session_secret(request, services)):
        return see_other(request, wanted)
    return _form(request, services, "login.html", next=wanted)


@post("/login", opt=PUBLIC)
async def log_in(
    request: WebRequest,
    services: ServicesNeed,
    data: URLEncodedBody[LoginForm],
) -> Response[Any]:
    """Check the password and start a session under a new id."""
    await _require_set_up(request)
    door: Door = request.app.state.door
    try:
        operator = await door.admit(data.email, data.password, _address(request))
    except (WrongLogin, TooManyLogins) as error:
        return _form(request, services, "login.html", error, next=safe_next(data.next), email=data.email)
    return await _welcome(request, services, operator, safe_next(data.next))


@post("/logout", guards=[may(Scope.READ)])
async def log_out(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Redirect:
    """End the session here and in the browser."""
    await services.accounts.drop_session(session.id_hash, _event(EventKind.LOGGED_OUT, session.operator, services))
    answer = see_other(request, "/login")
    answer.set_cookie(ended_cookie(services.settings))
    return answer


@get("/setup", opt=PUBLIC)
async def setup_page(request: WebRequest, services: ServicesNeed) -> Template | Redirect:
    """The form for the first administrator."""
    _require_loopback(request)
    if await _has_admin(request):
        return see_other(request, "/login")
    return _form(request, services, "setup.html")


@post("/setup", opt=PUBLIC)
async def set_up(
    request: WebRequest,
    services: ServicesNeed,
    data: URLEncodedBody[SetupForm],
) -> Response[Any]:
    """Make the first administrator, who is logged in at once."""
    _require_loopback(request)
    if await _has_admin(request):
        raise Conflict("The desk is set up already. Log in instead.")
    door: Door = request.app.state.door
    now, accounts = services.clock.now(), services.accounts
    try:
        await door.check_setup_code(data.code, _address(request))
        operator = await add_operator(accounts, data.email, data.name, Role.ADMIN, data.password, by=SETUP, now=now)
    except (WrongLogin, TooManyLogins, BadInput) as error:
        return _form(request, services, "setup.html", error, email=data.email, name=data.name)
    return await _welcome(request, services, operator, HOME)


def _form(
    request: WebRequest, services: Services, template: str, error: DeskError | None = None, **typed: str
) -> Template:
    """A form before login, with the secret it must repeat and what was typed so far."""
    secret = form_secret(request, services.settings) or new_form_secret()
    sentence = str(error) if error else None
    context = {"csrf": secret, "error": sentence, "next": "", "email": "", "name": ""} | typed
    patience = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyLogins) else {}
    answer = Template(template, context=context, status_code=_status(error), headers=patience)
    answer.set_cookie(make_cookie(FORM_COOKIE, secret, services.settings))
    return answer


def _status(error: DeskError | None) -> int:
    match error:
        case None:
            return HTTP_200_OK
        case TooManyLogins():
            return 429
        case WrongLogin():
            return HTTP_401_UNAUTHORIZED
        case _:
            return 400


async def _welcome(request: WebRequest, services: Services, operator: Operator, onward: str) -> Redirect:
    before = await find_session(services, _session_secret(request, services))
    if before:
        event = _event(EventKind.LOGGED_OUT, before.operator, services)
        await services.accounts.drop_session(before.id_hash, event)
    secret = await open_session(services, operator, _event(EventKind.LOGGED_IN, operator, services))
    answer = see_other(request, onward)
    answer.set_cookie(session_cookie(secret, services.settings))
    return answer


def _event(kind: EventKind, operator: Operator, services: Services) -> AuditEvent:
    return AuditEvent(kind, Actor.operator(operator).name, services.clock.now())


async def _require_set_up(request: WebRequest) -> None:
    if not await _has_admin(request):
        raise SetupNeeded("The desk has no administrator yet. Set it up on /setup first.")


async def _has_admin(request: WebRequest) -> bool:
    first_admin: FirstAdmin = request.app.state.first_admin
    return await first_admin.exists()


def _session_secret(request: WebRequest, services: Services) -> str | None:
    return request.cookies.get(cookie_name(SESSION_COOKIE, services.settings))


def _address(request: WebRequest) -> str:
    return request.client.host if request.client else "unknown"


def _require_loopback(request: WebRequest) -> None:
    try:
        is_near = ipaddress.ip_address(_address(request)).is_loopback
    except ValueError:
        is_near = False
    if not is_near:
        raise NotAllowed("Setup works only on the machine where the desk runs. Open it there, on 127.0.0.1.")


login_handlers: list[HTTPRouteHandler] = [login_page, log_in, log_out, setup_page, set_up]
