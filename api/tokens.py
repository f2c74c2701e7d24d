"""API tokens: the administrators' page, and the same over REST. A token is shown once and kept nowhere."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from litestar import Request, delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED, HTTP_303_SEE_OTHER, HTTP_400_BAD_REQUEST
from msgspec import Meta, Struct

from api.accounts_use import create_token
from api.auth import caller_of, may
from api.frame import frame
from api.idempotency import TOLD_ONCE
from api.language import told
from api.links import see_other
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from tickets.accounts import Session
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput, Conflict, DeskError
from tickets.people import Actor, ApiToken, Scope
from tickets.wording import Sentence

PATH: Final = "/boards/settings/tokens"
MAX_DAYS: Final = 3650

WebRequest = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token and whose it is. One that has expired is shown until its name is taken again."""

    token: ApiToken
    owner: str | None
    is_expired: bool


class TokenOut(Struct, frozen=True):
    """A script's credential, without its secret."""

    id: UUID
    name: str
    scopes: list[Scope]
    owner: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_expired: bool


class TokensOut(Struct, frozen=True):
    tokens: list[TokenOut]


class TokenIn(Struct, frozen=True, forbid_unknown_fields=True):
    """`days` is how long it works; left out, it works until it is revoked."""

    name: Annotated[str, Meta(min_length=1, max_length=100, examples=["nightly report"])]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=len(Scope))]
    days: Annotated[int, Meta(ge=1, le=MAX_DAYS)] | None = None


class NewTokenOut(Struct, frozen=True):
    """The token's text is told this once."""

    token: str


@get(PATH, guards=[may(Scope.ADMIN)])
async def tokens_page(request: WebRequest, services: ServicesNeed, session: SessionNeed) -> Template:
    """Every live token, and the form for a new one."""
    return await _page(services, session, done=request.query_params.get("done"))


@post(PATH, guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK)
async def new_token(request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed) -> Template:
    """Make it, and show it this once."""
    form = await request.form()
    name, days = str(form.get("name", ""))[:200], str(form.get("days", "")).strip()
    chosen = [str(scope) for scope in form.getall("scopes", [])]
    try:
        secret = await _create(services, session.operator.id, name, _scopes(chosen), _days(days), actor)
    except (BadInput, Conflict) as error:
        return await _page(services, session, error, name=name, days=days, chosen=chosen)
    context = {"frame": await frame(services, session), "here": PATH, "name": name.strip(), "secret": secret}
    return Template("new_token.html", context=context)


@post(PATH + "/{token_id:uuid}/revoke", guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def revoke(request: WebRequest, services: ServicesNeed, actor: ActorNeed, token_id: FromPath[UUID]) -> Redirect:
    """Whoever uses it is refused from now on."""
    await _revoke(services, token_id, actor)
    return see_other(request, PATH, done="revoked")


@get("/tokens", guards=[may(Scope.ADMIN)], tags=["Tokens"])
async def list_tokens(services: ServicesNeed) -> TokensOut:
    """Every token that was not revoked, by name."""
    return TokensOut([_out(line) for line in await _lines(services)])


@post("/tokens", guards=[may(Scope.ADMIN)], tags=["Tokens"], opt={TOLD_ONCE: True}, status_code=HTTP_201_CREATED)
async def create(request: WebRequest, services: ServicesNeed, actor: ActorNeed, data: JSONBody[TokenIn]) -> NewTokenOut:
    """Make a token. It belongs to whom the calling token belongs to."""
    caller = caller_of(request)
    owner_id = caller.owner_id if caller else None
    return NewTokenOut(await _create(services, owner_id, data.name, data.scopes, data.days, actor))


@delete("/tokens/{token_id:uuid}", guards=[may(Scope.ADMIN)], tags=["Tokens"])
async def revoke_token(services: ServicesNeed, actor: ActorNeed, token_id: FromPath[UUID]) -> None:
    """Whoever uses it is refused from now on."""
    await _revoke(services, token_id, actor)


async def _create(
    services: Services, owner_id: Any, name: str, scopes: list[Scope], days: int | None, by: Actor
) -> str:
    now = services.clock.now()
    expires_at = now + timedelta(days=days) if days else None
    return await create_token(services.accounts, name, scopes, by=by, now=now, expires_at=expires_at, owner_id=owner_id)


async def _revoke(services: Services, token_id: UUID, by: Actor) -> None:
    names = {token.id: token.name for token in await services.accounts.tokens()}
    fields = {"name": names.get(token_id)}
    event = AuditEvent(EventKind.TOKEN_REVOKED, by.name, services.clock.now(), fields=fields)
    await services.accounts.revoke_token(token_id, event)


async def _lines(services: Services) -> list[TokenLine]:
    now = services.clock.now()
    owners = {member.operator.id: member.operator.email for member in await services.access.staff.members()}
    return [
        TokenLine(
            token=token,
            owner=owners.get(token.owner_id) if token.owner_id else None,
            is_expired=token.expires_at is not None and token.expires_at <= now,
        )
        for token in await services.accounts.tokens()
    ]


def _out(line: TokenLine) -> TokenOut:
    token = line.token
    return TokenOut(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        owner=line.owner,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        is_expired=line.is_expired,
    )


def _scopes(chosen: list[str]) -> list[Scope]:
    try:
        return [Scope(scope) for scope in chosen]
    except ValueError:
        raise BadInput("There is no such permission. Reload the page and choose again.") from None


def _days(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= MAX_DAYS:
        raise BadInput(
            Sentence(
                "A token lasts 1 to %(max_days)s days. Leave the field empty for one without an end.", max_days=MAX_DAYS
            )
        )
    return int(text)


async def _page(
    services: Services,
    session: Session,
    error: DeskError | None = None,
    *,
    name: str = "",
    days: str = "90",
    chosen: list[str] | None = None,
    done: str | None = None,
) -> Template:
    context = {
        "frame": await frame(services, session),
        "here": PATH,
        "done": done,
        "error": told(error) if error else None,
        "name": name,
        "days": days,
        "chosen": [Scope.READ.value] if chosen is None else chosen,
        "tokens": await _lines(services),
    }
    return Template("tokens.html", context=context, status_code=HTTP_400_BAD_REQUEST if error else HTTP_200_OK)


token_page_handlers: list[HTTPRouteHandler] = [tokens_page, new_token, revoke]
token_handlers: list[HTTPRouteHandler] = [list_tokens, create, revoke_token]
