"""Who is calling and what they may do. Every route is closed unless it carries `may(scope)` or says `public=True`.

Scripts show a bearer token and nothing else; browsers show the session cookie and nothing else. Which of the two a
route takes is the `credential` in its options, set on the routers in `api.app`.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Guard

from api.language import Languages, read_by, reader
from api.services import Services, WebSettings
from api.sessions import SESSION_COOKIE, cookie_name, find_session
from tickets.accounts import Session
from tickets.errors import DeskError, NotAllowed
from tickets.people import Actor, ApiToken, OperatorId, Role, Scope

Connection = ASGIConnection[Any, Any, Any, Any]

TOKEN_PREFIX: Final = "ca_"  # noqa: S105 - a mark that secret scanners can look for
BEARER: Final = "bearer"
COOKIE: Final = "cookie"
BEFORE_SECOND_FACTOR: Final = "before_second_factor"  # the option of what an administrator needs to set one up
_TOUCH_EVERY: Final = timedelta(minutes=1)  # a write per request would buy nothing


class LoginNeeded(DeskError):
    """A page was asked for without a live session."""


class SetupNeeded(DeskError):
    """A page was asked for before the desk has an administrator."""


class SecondFactorNeeded(DeskError):
    """An administrator must set up the second step of their login before anything else."""


class BadToken(DeskError):
    """A script called without a token, or with one that is unknown, expired or revoked."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who stands behind a request; `session` is None for scripts, `token_id` for people."""

    actor: Actor
    session: Session | None = None
    token: ApiToken | None = None

    @property
    def token_id(self) -> UUID | None:
        return self.token.id if self.token else None

    @property
    def owner_id(self) -> OperatorId | None:
        """The person behind it, for what they leave to others: an operator, or the owner of a token."""
        if self.session:
            return self.session.operator.id
        return self.token.owner_id if self.token else None


@dataclass
class FirstAdmin:
    """Whether the desk has an administrator; asked of the database until it is so, then remembered."""

    services: Services
    _exists: bool = field(default=False)

    async def exists(self) -> bool:
        self._exists = self._exists or await self.services.accounts.has_admin()
        return self._exists


@dataclass(frozen=True, slots=True)
class May:
    """The guard of one route: the caller holds `scope`."""

    scope: Scope

    async def __call__(self, connection: Connection, handler: BaseRouteHandler) -> None:
        caller = await identify(connection, handler)
        caller.actor.require(self.scope)


def may(scope: Scope) -> Guard:
    """Let a route through only for callers with that scope."""
    return May(scope)


def is_public(handler: BaseRouteHandler) -> bool:
    return handler.opt.get("public") is True


def closed_unless_declared(_: Connection, handler: BaseRouteHandler) -> None:
    """Refuse every route that neither names a scope nor says that it is public."""
    if not is_public(handler) and not any(isinstance(guard, May) for guard in handler.resolve_guards()):
        raise NotAllowed("This address is not open to anybody. Go back to the boards.")


def caller_of(connection: Connection) -> Caller | None:
    """The caller that a guard of this request has found."""
    known = connection.scope.get("auth")
    return known if isinstance(known, Caller) else None


async def identify(connection: Connection, handler: BaseRouteHandler) -> Caller:
    """Find out who calls, once per request. Raises BadToken, LoginNeeded or SetupNeeded."""
    if known := caller_of(connection):
        return known
    by_token = handler.opt.get("credential") == BEARER
    takes_api_key = handler.opt.get("takes_api_key") is True
    by_bearer = _by_token(connection, takes_api_key=takes_api_key) if by_token else None
    caller = await (by_bearer or _by_session(connection, handler))
    connection.scope["auth"] = caller
    if caller.session:
        languages: Languages = connection.app.state.languages
        read_by(languages.of_operator(caller.session.operator, reader()))
    return caller


async def _by_token(connection: Connection, *, takes_api_key: bool) -> Caller:
    services: Services = connection.app.state.services
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    if takes_api_key and not secret:  # as LangGraph's own clients send it
        scheme, secret = "bearer", connection.headers.get("x-api-key", "")
    if scheme.lower() != "bearer" or not secret.startswith(TOKEN_PREFIX):
        raise BadToken("This needs an API token: send 'Authorization: Bearer ca_...'.")
    token = await services.accounts.token(token_hash(secret))
    if token is None or _is_over(token, services):
        raise BadToken("This API token is unknown, expired or revoked. Ask an administrator for a new one.")
    now = services.clock.now()
    if token.last_used_at is None or now - token.last_used_at > _TOUCH_EVERY:
        await services.accounts.touch_token(token.id, now)
    return Caller(Actor.token(token), token=token)


def _is_over(token: ApiToken, services: Services) -> bool:
    return token.expires_at is not None and token.expires_at <= services.clock.now()


async def _by_session(connection: Connection, handler: BaseRouteHandler) -> Caller:
    services: Services = connection.app.state.services
    first_admin: FirstAdmin = connection.app.state.first_admin
    if not await first_admin.exists():
        raise SetupNeeded("The desk has no administrator yet. Set it up on /setup first.")
    secret = connection.cookies.get(cookie_name(SESSION_COOKIE, services.settings))
    session = await find_session(services, secret)
    if session is None:
        raise LoginNeeded("You are not logged in, or were away too long. Log in, then try again.")
    if needs_second_factor(services.settings, session) and not handler.opt.get(BEFORE_SECOND_FACTOR):
        raise SecondFactorNeeded("Administrators of this desk log in with a second step. Set it up first.")
    return Caller(Actor.operator(session.operator), session)


def needs_second_factor(settings: WebSettings, session: Session) -> bool:
    """Whether this login may do nothing but set up its second step."""
    is_bound = settings.admins_need_second_factor and session.operator.role is Role.ADMIN
    return is_bound and not session.has_second_factor


def token_hash(secret: str) -> str:
    """What the database keeps of an API token."""
    return hashlib.sha256(secret.encode()).hexdigest()
