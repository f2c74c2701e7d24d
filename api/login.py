"""Logging in and out, and the setup of the first administrator."""

import ipaddress
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody
from litestar.response import Redirect, Response, Template
from msgspec import Meta

from api.accounts_use import add_first_admin
from api.auth import BEFORE_SECOND_FACTOR, may
from api.door import Door, TooManyLogins, WrongLogin
from api.entering import (
    PUBLIC,
    SECOND_STEP,
    STEP_COOKIE,
    WebRequest,
    current_session,
    enter,
    event_of,
    form,
    has_admin,
    login_form,
    require_set_up,
    welcome,
)
from api.links import HOME, safe_next, see_other
from api.needs import ServicesNeed, SessionNeed
from api.one_time_use import found
from api.origins import address_of
from api.services import Services
from api.sessions import cookie_name, ended_cookie, make_cookie
from tickets.audit import EventKind
from tickets.errors import BadInput, Conflict, NotAllowed
from tickets.people import Actor, Operator, Scope
from tickets.staff import OneTime, Purpose

SETUP: Final = Actor("setup", frozenset({Scope.ADMIN}))
LOGIN_AGAIN: Final = "The code was awaited for too long. Log in again."

Line = Annotated[str, Meta(max_length=1000)]


@dataclass(frozen=True, slots=True)
class LoginForm:
    email: Line
    password: Line
    next: str = ""


@dataclass(frozen=True, slots=True)
class CodeForm:
    code: Line


@dataclass(frozen=True, slots=True)
class SetupForm:
    code: Line
    email: Line
    password: Line
    name: Line = ""


@get("/login", opt=PUBLIC)
async def login_page(request: WebRequest, services: ServicesNeed) -> Template | Redirect:
    """The login form; somebody who is logged in goes on at once."""
    await require_set_up(request)
    wanted = safe_next(request.query_params.get("next"))
    if await current_session(request, services):
        return see_other(request, wanted)
    return login_form(request, services, next=wanted)


@post("/login", opt=PUBLIC)
async def log_in(request: WebRequest, services: ServicesNeed, data: URLEncodedBody[LoginForm]) -> Response[Any]:
    """Check the password; then comes the second step, or a session under a new id."""
    await require_set_up(request)
    wanted = safe_next(data.next)
    try:
        operator = await _door(request).admit(data.email, data.password, address_of(request))
    except (WrongLogin, TooManyLogins) as error:
        return login_form(request, services, error, next=wanted, email=data.email)
    return await enter(request, services, operator, wanted)


@get(SECOND_STEP, opt=PUBLIC)
async def code_page(request: WebRequest, services: ServicesNeed) -> Template:
    """The form for the code; without a login under way, the login."""
    await require_set_up(request)
    try:
        step, _ = await _step(request, services)
    except Conflict:
        return login_form(request, services, BadInput(LOGIN_AGAIN))
    return form(request, services, "login_code.html", email=step.fields["email"])


@post(SECOND_STEP, opt=PUBLIC)
async def enter_code(request: WebRequest, services: ServicesNeed, data: URLEncodedBody[CodeForm]) -> Response[Any]:
    """Check the code; the step is used up by the right one."""
    await require_set_up(request)
    try:
        step, operator = await _step(request, services)
        await _door(request).check_code(operator, data.code, address_of(request))
        used = await services.access.one_time.take(step.key_hash, Purpose.SECOND_STEP, services.clock.now())
    except Conflict:
        return login_form(request, services, BadInput(LOGIN_AGAIN))
    except (WrongLogin, TooManyLogins) as error:
        return form(request, services, "login_code.html", error, email=step.fields["email"])
    if used is None:
        return login_form(request, services, BadInput(LOGIN_AGAIN))
    answer = await welcome(request, services, operator, safe_next(step.fields["next"]))
    answer.set_cookie(make_cookie(STEP_COOKIE, "", services.settings, 0))
    return answer


@post("/logout", guards=[may(Scope.READ)], opt={BEFORE_SECOND_FACTOR: True})
async def log_out(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Redirect:
    """End the session here and in the browser."""
    event = event_of(EventKind.LOGGED_OUT, session.operator, services)
    await services.accounts.drop_session(session.id_hash, event)
    answer = see_other(request, "/login")
    answer.set_cookie(ended_cookie(services.settings))
    return answer


@get("/setup", opt=PUBLIC)
async def setup_page(request: WebRequest, services: ServicesNeed) -> Template | Redirect:
    """The form for the first administrator."""
    _require_loopback(request)
    if await has_admin(request):
        return see_other(request, "/login")
    return form(request, services, "setup.html")


@post("/setup", opt=PUBLIC)
async def set_up(request: WebRequest, services: ServicesNeed, data: URLEncodedBody[SetupForm]) -> Response[Any]:
    """Make the first administrator, who is logged in at once."""
    _require_loopback(request)
    if await has_admin(request):
        raise Conflict("The desk is set up already. Log in instead.")
    try:
        await _door(request).check_setup_code(data.code, address_of(request))
        accounts, now = services.accounts, services.clock.now()
        operator = await add_first_admin(accounts, data.email, data.name, data.password, by=SETUP, now=now)
    except (WrongLogin, TooManyLogins, BadInput) as error:
        return form(request, services, "setup.html", error, email=data.email, name=data.name)
    return await welcome(request, services, operator, HOME)


async def _step(request: WebRequest, services: Services) -> tuple[OneTime, Operator]:
    """The login that awaits its code, and whose it is. Raises Conflict when there is none."""
    step = await found(services, Purpose.SECOND_STEP, request.cookies.get(cookie_name(STEP_COOKIE, services.settings)))
    known = await services.accounts.operator_by_email(step.fields["email"])
    if known is None:
        raise Conflict(LOGIN_AGAIN)
    return step, known[0]


def _door(request: WebRequest) -> Door:
    door: Door = request.app.state.door
    return door


def _require_loopback(request: WebRequest) -> None:
    """Raises NotAllowed, also when a proxy passes on somebody else's request."""
    is_passed_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip"))
    try:
        is_near = ipaddress.ip_address(address_of(request)).is_loopback and not is_passed_on
    except ValueError:
        is_near = False
    if not is_near:
        raise NotAllowed("Setup works only on the machine where the desk runs. Open it there, on 127.0.0.1.")


login_handlers: list[HTTPRouteHandler] = [login_page, log_in, code_page, enter_code, log_out, setup_page, set_up]
