"""Signing in with Google: off to Google's page, and back with its answer.

What the answer must match is kept under a secret that only this browser has, and is used up by the first answer. An
identity opens an account that exists, an invitation, or the list of the settings: nothing else.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import structlog
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import URLEncodedBody
from litestar.response import Response, Template

from api.accounts_use import usable_email, usable_name
from api.entering import PUBLIC, WebRequest, enter, form, login_form, require_set_up
from api.links import safe_next
from api.needs import ServicesNeed
from api.one_time_use import new_secret
from api.passwords import NONE
from api.services import Services
from api.sessions import cookie_name, make_cookie, secret_hash
from api.staff_use import join
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput, Conflict, DeskError, NotFound, Rejected, Unavailable
from tickets.people import Operator
from tickets.signing_in import Identity, SignIn, is_on_list
from tickets.staff import SIGN_IN_LIFETIME, OneTime, Purpose

START: Final = "/login/google"
CALLBACK: Final = "/login/google/callback"
GOOGLE_COOKIE: Final = "ca_google"

NO_PLACE: Final = "This Google account has no place at this desk. Ask an administrator for an invitation."
NOT_ASKED: Final = "This answer of Google was not asked for here, or came too late. Sign in again."

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class StartForm:
    next: str = ""


@post(START, opt=PUBLIC, status_code=200)
async def start(request: WebRequest, services: ServicesNeed, data: URLEncodedBody[StartForm]) -> Template:
    """Send the browser to Google."""
    await require_set_up(request)
    asked = await _provider(services).question(_redirect_url(services))
    fields = {"state": asked.state, "nonce": asked.nonce, "verifier": asked.verifier, "next": safe_next(data.next)}
    secret = await new_secret(services, Purpose.GOOGLE, str(uuid4()), fields, SIGN_IN_LIFETIME)
    # A form may not be redirected to another site (form-action 'self'), so the page that answers it goes there.
    answer = form(request, services, "login_leaving.html", url=asked.url)
    answer.headers["Refresh"] = f"0; url={asked.url}"
    lifetime_s = int(SIGN_IN_LIFETIME.total_seconds())
    answer.set_cookie(make_cookie(GOOGLE_COOKIE, secret, services.settings, lifetime_s))
    return answer


@get(CALLBACK, opt=PUBLIC)
async def answered(request: WebRequest, services: ServicesNeed) -> Response[Any]:
    """Take Google's answer; it is good for one attempt, whatever comes of it."""
    await require_set_up(request)
    answer: Response[Any]
    onward = ""
    try:
        asked = await _asked(request, services)
        onward = asked.fields["next"]
        operator = await _operator(services, await _identity(request, services, asked))
        answer = await enter(request, services, operator, onward)
    except (BadInput, Conflict, Rejected, Unavailable) as refusal:
        _log.warning("sign_in_refused", error=type(refusal).__name__)
        answer = login_form(request, services, _as_refusal(refusal), next=onward)
    answer.set_cookie(make_cookie(GOOGLE_COOKIE, "", services.settings, 0))
    return answer


async def _asked(request: WebRequest, services: Services) -> OneTime:
    """What this browser asked Google. Raises Rejected for an answer to anything else."""
    secret = request.cookies.get(cookie_name(GOOGLE_COOKIE, services.settings), "")
    asked = await services.access.one_time.take(secret_hash(secret), Purpose.GOOGLE, services.clock.now())
    state = request.query_params.get("state", "")
    if asked is None or not secrets.compare_digest(state.encode(), asked.fields["state"].encode()):
        raise Rejected(NOT_ASKED)
    return asked


async def _identity(request: WebRequest, services: Services, asked: OneTime) -> Identity:
    code = request.query_params.get("code")
    if not code:
        raise Rejected("Google did not say who you are. Sign in again, or use your password.")
    nonce, verifier = asked.fields["nonce"], asked.fields["verifier"]
    return await _provider(services).identity(_redirect_url(services), nonce, verifier, code)


async def _operator(services: Services, identity: Identity) -> Operator:
    """Whose account it is, made now for who was invited or is on the list. Raises Rejected."""
    email, staff = usable_email(identity.email), services.access.staff
    if known := await services.accounts.operator_by_email(email):
        operator = known[0]
    elif invitation := await services.access.one_time.about(email, Purpose.INVITATION, services.clock.now()):
        operator = await join(services, invitation, _name(identity), None)
    elif is_on_list(identity, services.settings.sign_in_allowed):
        operator = await _listed(services, email, _name(identity))
    else:
        raise Rejected(NO_PLACE)
    await staff.set_google_sub(operator.id, identity.sub)
    if await staff.google_sub(operator.id) != identity.sub:
        # The address went to somebody else meanwhile: addresses are given anew, accounts at Google are not.
        raise Rejected(NO_PLACE)
    return operator


async def _listed(services: Services, email: str, name: str) -> Operator:
    """Raises Conflict for an account that is disabled."""
    role = services.settings.sign_in_role
    fields = {"email": email, "role": role.value, "by": "google"}
    event = AuditEvent(EventKind.OPERATOR_ADDED, f"operator:{email}", services.clock.now(), fields=fields)
    return await services.accounts.add_operator(email, usable_name(name, email), role, NONE, event)


def _name(identity: Identity) -> str:
    """One usable line of what the account calls itself."""
    return " ".join("".join(letter for letter in identity.name if letter.isprintable()).split())[:100]


def _as_refusal(error: DeskError) -> DeskError:
    """A disabled account is told as little as an unknown one."""
    return Rejected(NO_PLACE) if isinstance(error, Conflict | BadInput) else error


def _provider(services: Services) -> SignIn:
    if services.access.sign_in is None:
        raise NotFound("Signing in with Google is not set up at this desk. Log in with your password.")
    return services.access.sign_in


def _redirect_url(services: Services) -> str:
    return services.settings.base_url + CALLBACK


google_login_handlers: list[HTTPRouteHandler] = [start, answered]
