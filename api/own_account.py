"""What scripts may do to the login of the person who owns their token: change its password, and its second step.

A token proves that somebody may call, not that they are its owner: whoever found one must not be able to take the
account over, or lock its owner out. So every call names the account's password, and a code while the second step is
on, and wrong ones are counted as at the login. Nothing here changes what a token or a role may do.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import Meta, Struct

from api import second_factor
from api.auth import caller_of, may
from api.door import Door
from api.idempotency import TOLD_ONCE
from api.mailbox_schemas import problems
from api.needs import ServicesNeed
from api.origins import address_of
from api.schemas import NO_NUL
from api.services import Services
from api.staff_use import change_password, end_sessions
from tickets.errors import BadInput, NotAllowed
from tickets.people import Actor, Operator, Scope

REST: Final = "/me"
FACTOR: Final = REST + "/second_factor"
_EVERY: Final = ""  # no session is this one: all of them end

WebRequest = Request[Any, Any, Any]
Password = Annotated[str, Meta(min_length=1, max_length=1000, pattern=NO_NUL)]
Code = Annotated[str, Meta(min_length=1, max_length=40, pattern=NO_NUL)]


class MeOut(Struct, kw_only=True):
    """The owner of the token. `codes_left` counts unused recovery codes."""

    email: str
    name: str
    role: str
    has_password: bool
    second_factor_since: datetime | None
    codes_left: int


class PasswordChange(Struct, forbid_unknown_fields=True):
    """`code` is needed while the second step is on."""

    current_password: Password
    password: Password
    code: Code | None = None


class OwnPassword(Struct, forbid_unknown_fields=True):
    current_password: Password


class OwnPasswordAndCode(Struct, forbid_unknown_fields=True):
    """A code of the generator, or (not for the first one) a recovery code."""

    current_password: Password
    code: Code


class OfferOut(Struct):
    """For the code generator. The second step is on once a code of it was confirmed."""

    secret: str
    uri: str


class CodesOut(Struct):
    """Each is good once; they are shown this once."""

    recovery_codes: list[str]


@get(REST, guards=[may(Scope.READ)], tags=["Own account"], responses=problems())
async def read_me(request: WebRequest, services: ServicesNeed) -> MeOut:
    """Who owns the token, and how they log in."""
    me, factors = await _owner(request, services), services.access.second_factors
    known = await factors.of(me.id)
    return MeOut(
        email=me.email,
        name=me.name,
        role=me.role.value,
        has_password=(await services.access.staff.member(me.id)).has_password,
        second_factor_since=known.since if known else None,
        codes_left=await factors.codes_left(me.id),
    )


@put(
    REST + "/password",
    guards=[may(Scope.READ)],
    tags=["Own account"],
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(),
)
async def put_password(request: WebRequest, services: ServicesNeed, data: JSONBody[PasswordChange]) -> None:
    """Change the password. Every login of the account ends; tokens stay."""
    me = await _proved(request, services, data.current_password)
    if await _has_factor(services, me):
        await _door(request).check_code(me, _needed(data.code), address_of(request))
    await change_password(services, me, data.password, keep=_EVERY)


@post(
    FACTOR,
    guards=[may(Scope.READ)],
    tags=["Own account"],
    opt={TOLD_ONCE: True},
    status_code=HTTP_200_OK,
    responses=problems(),
)
async def offer_second_factor(request: WebRequest, services: ServicesNeed, data: JSONBody[OwnPassword]) -> OfferOut:
    """Make the secret of a second step; the same one until it is confirmed."""
    me = await _proved(request, services, data.current_password)
    secret = await second_factor.offer(services, me)
    return OfferOut(secret, second_factor.uri_of(secret, me, services.settings.desk_name))


@post(
    FACTOR + "/confirm",
    guards=[may(Scope.READ)],
    tags=["Own account"],
    opt={TOLD_ONCE: True},
    status_code=HTTP_200_OK,
    responses=problems(),
)
async def confirm_second_factor(
    request: WebRequest, services: ServicesNeed, data: JSONBody[OwnPasswordAndCode]
) -> CodesOut:
    """Switch it on with a first code of it. Every login from before ends."""
    me = await _proved(request, services, data.current_password)
    codes = await second_factor.confirm(services, me, data.code.strip())
    await end_sessions(services, me.id, _EVERY, by=Actor.operator(me))
    return CodesOut(codes)


@post(
    FACTOR + "/codes",
    guards=[may(Scope.READ)],
    tags=["Own account"],
    opt={TOLD_ONCE: True},
    status_code=HTTP_200_OK,
    responses=problems(),
)
async def renew_recovery_codes(
    request: WebRequest, services: ServicesNeed, data: JSONBody[OwnPasswordAndCode]
) -> CodesOut:
    """New recovery codes in place of all earlier ones."""
    me = await _proved(request, services, data.current_password)
    await _door(request).check_code(me, data.code, address_of(request))
    return CodesOut(await second_factor.renew_codes(services, me))


@post(
    FACTOR + "/remove",
    guards=[may(Scope.READ)],
    tags=["Own account"],
    status_code=HTTP_204_NO_CONTENT,
    responses=problems(),
)
async def remove_second_factor(request: WebRequest, services: ServicesNeed, data: JSONBody[OwnPasswordAndCode]) -> None:
    """Switch it off."""
    me = await _proved(request, services, data.current_password)
    await _door(request).check_code(me, data.code, address_of(request))
    event = second_factor.changed(services, me, "second factor removed")
    await services.access.second_factors.remove(me.id, event)


async def _owner(request: WebRequest, services: Services) -> Operator:
    """Raises NotAllowed for a token that belongs to nobody."""
    caller = caller_of(request)
    owner_id = caller.owner_id if caller else None
    if owner_id is None:
        raise NotAllowed("This token belongs to nobody. Make one on the page of tokens, logged in as yourself.")
    return (await services.access.staff.member(owner_id)).operator


async def _proved(request: WebRequest, services: Services, password: str) -> Operator:
    """The owner, whose password the caller knows. Raises WrongLogin, TooManyLogins."""
    me = await _owner(request, services)
    await _door(request).check_password(me, password, address_of(request))
    return me


async def _has_factor(services: Services, me: Operator) -> bool:
    known = await services.access.second_factors.of(me.id)
    return known is not None and known.since is not None


def _needed(code: str | None) -> str:
    if code is None:
        raise BadInput("code: the second step is on. Send a code of your generator, or a recovery code.")
    return code


def _door(request: WebRequest) -> Door:
    door: Door = request.app.state.door
    return door


own_account_handlers: Sequence[HTTPRouteHandler] = (
    read_me,
    put_password,
    offer_second_factor,
    confirm_second_factor,
    renew_recovery_codes,
    remove_second_factor,
)
