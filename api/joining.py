"""Pages behind links that work once: accepting an invitation, and choosing a new password."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Response, Template
from msgspec import Meta

from api.entering import PUBLIC, WebRequest, enter, form, require_set_up, welcome
from api.links import HOME
from api.login import Line
from api.needs import ServicesNeed
from api.one_time_use import USED, found
from api.services import Services
from api.staff_use import JOIN, RESET, join, set_new_password
from tickets.errors import BadInput, Conflict
from tickets.staff import Purpose


@dataclass(frozen=True, slots=True)
class JoinForm:
    password: Line
    name: Annotated[str, Meta(max_length=200)] = ""


@dataclass(frozen=True, slots=True)
class ResetForm:
    password: Line


@get(JOIN + "/{secret:str}", opt=PUBLIC)
async def invitation_page(request: WebRequest, services: ServicesNeed, secret: FromPath[str]) -> Template:
    """What one was invited to, and the form for name and password."""
    await require_set_up(request)
    invitation = await found(services, Purpose.INVITATION, secret)
    return _join_form(request, services, invitation.fields)


@post(JOIN + "/{secret:str}", opt=PUBLIC)
async def accept(
    request: WebRequest, services: ServicesNeed, secret: FromPath[str], data: URLEncodedBody[JoinForm]
) -> Response[Any]:
    """Make the account and log in."""
    await require_set_up(request)
    invitation = await found(services, Purpose.INVITATION, secret)
    try:
        operator = await join(services, invitation, data.name, data.password)
    except BadInput as error:
        return _join_form(request, services, invitation.fields, error, name=data.name)
    return await welcome(request, services, operator, HOME)


@get(RESET + "/{secret:str}", opt=PUBLIC)
async def reset_page(request: WebRequest, services: ServicesNeed, secret: FromPath[str]) -> Template:
    """The form for a new password."""
    await require_set_up(request)
    link = await found(services, Purpose.RESET, secret)
    return form(request, services, "reset.html", email=link.fields["email"])


@post(RESET + "/{secret:str}", opt=PUBLIC)
async def reset(
    request: WebRequest, services: ServicesNeed, secret: FromPath[str], data: URLEncodedBody[ResetForm]
) -> Template | Redirect:
    """Set it, end all sessions, and go on as after any login: the link is no second step."""
    await require_set_up(request)
    link = await found(services, Purpose.RESET, secret)
    known = await services.accounts.operator_by_email(link.fields["email"])
    if known is None:
        raise Conflict(USED)
    try:
        await set_new_password(services, link, data.password)
    except BadInput as error:
        return form(request, services, "reset.html", error, email=link.fields["email"])
    return await enter(request, services, known[0], HOME)


def _join_form(
    request: WebRequest, services: Services, invited: Mapping[str, str], error: BadInput | None = None, name: str = ""
) -> Template:
    has_google = services.access.sign_in is not None
    return form(request, services, "join.html", error, invited=invited, name=name, has_google=has_google)


joining_handlers: list[HTTPRouteHandler] = [invitation_page, accept, reset_page, reset]
