"""What all ways into the desk share: their forms, the second step, and the session at their end."""

from typing import Any, Final

from litestar import Request
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_400_BAD_REQUEST, HTTP_401_UNAUTHORIZED, HTTP_429_TOO_MANY_REQUESTS

from api.auth import FirstAdmin, SetupNeeded
from api.csrf import FORM_COOKIE, form_secret, new_form_secret
from api.door import TooManyLogins, WrongLogin
from api.language import told
from api.links import see_other
from api.one_time_use import new_secret
from api.origins import address_of, device_of
from api.services import Services
from api.sessions import SESSION_COOKIE, cookie_name, find_session, make_cookie, open_session, session_cookie
from tickets.accounts import Session
from tickets.audit import AuditEvent, EventKind
from tickets.errors import DeskError, Rejected, Unavailable
from tickets.people import Actor, Operator
from tickets.staff import STEP_LIFETIME, Purpose

STEP_COOKIE: Final = "ca_step"
SECOND_STEP: Final = "/login/code"
PUBLIC: Final = {"public": True}

WebRequest = Request[Any, Any, Any]


def form(
    request: WebRequest, services: Services, template: str, error: DeskError | None = None, **shown: Any
) -> Template:
    """A form before login, with the secret it must repeat and what was typed so far."""
    secret = form_secret(request, services.settings) or new_form_secret()
    sentence = told(error) if error else None
    context = {"csrf": secret, "error": sentence, "next": "", "email": "", "name": ""} | shown
    patience = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooManyLogins) else {}
    answer = Template(template, context=context, status_code=_status(error), headers=patience)
    answer.set_cookie(make_cookie(FORM_COOKIE, secret, services.settings))
    return answer


def login_form(request: WebRequest, services: Services, error: DeskError | None = None, **shown: Any) -> Template:
    """The login page, with the ways in that are configured."""
    has_google = services.access.sign_in is not None
    return form(request, services, "login.html", error, has_google=has_google, **shown)


async def enter(request: WebRequest, services: Services, operator: Operator, onward: str) -> Redirect:
    """Who they are is known: on to the second step where there is one, else in."""
    factor = await services.access.second_factors.of(operator.id)
    if factor is None or factor.since is None:
        return await welcome(request, services, operator, onward)
    about, fields = str(operator.id), {"email": operator.email, "next": onward}
    secret = await new_secret(services, Purpose.SECOND_STEP, about, fields, STEP_LIFETIME)
    answer = see_other(request, SECOND_STEP)
    answer.set_cookie(make_cookie(STEP_COOKIE, secret, services.settings, int(STEP_LIFETIME.total_seconds())))
    return answer


async def welcome(request: WebRequest, services: Services, operator: Operator, onward: str) -> Redirect:
    """A session under a new id in place of the browser's last one."""
    if before := await current_session(request, services):
        event = event_of(EventKind.LOGGED_OUT, before.operator, services)
        await services.accounts.drop_session(before.id_hash, event)
    event = event_of(EventKind.LOGGED_IN, operator, services)
    device, address = device_of(request.headers.get("user-agent", "")), address_of(request)
    secret = await open_session(services, operator, event, device=device, address=address)
    answer = see_other(request, onward)
    answer.set_cookie(session_cookie(secret, services.settings))
    return answer


async def current_session(request: WebRequest, services: Services) -> Session | None:
    return await find_session(services, request.cookies.get(cookie_name(SESSION_COOKIE, services.settings)))


def event_of(kind: EventKind, operator: Operator, services: Services) -> AuditEvent:
    return AuditEvent(kind, Actor.operator(operator).name, services.clock.now())


async def require_set_up(request: WebRequest) -> None:
    """Raises SetupNeeded."""
    if not await has_admin(request):
        raise SetupNeeded("The desk has no administrator yet. Set it up on /setup first.")


async def has_admin(request: WebRequest) -> bool:
    first_admin: FirstAdmin = request.app.state.first_admin
    return await first_admin.exists()


def _status(error: DeskError | None) -> int:
    match error:
        case None:
            return HTTP_200_OK
        case TooManyLogins():
            return HTTP_429_TOO_MANY_REQUESTS
        case WrongLogin() | Rejected():
            return HTTP_401_UNAUTHORIZED
        case Unavailable():
            return 503
        case _:
            return HTTP_400_BAD_REQUEST
