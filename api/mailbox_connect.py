"""Connecting a Gmail account in the browser: the question, and Google's answer.

The answer is a navigation that another site begins. The session cookie comes along because it is SameSite=Lax; what
proves that the answer is ours is the sealed cookie made for this login, whose state the answer must repeat.
"""

from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery
from litestar.response import Redirect, Response, Template
from litestar.status_codes import HTTP_200_OK

from api.auth import may
from api.frame import frame
from api.gmail_guide import CALLBACK, redirect_uri
from api.language import told
from api.links import see_other
from api.mailboxes import PAGE, connecting_of
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.services import Services
from api.sessions import cookie_name, make_cookie
from tickets.accounts import Session
from tickets.boards import MailboxLine
from tickets.connecting import CONSENT_LIFETIME, GMAIL
from tickets.errors import BadInput, Conflict, DeskError, MailboxError
from tickets.mail import MailboxId
from tickets.people import Scope
from tickets.wording import Sentence

CONNECT: Final = PAGE + "/connect"
CONSENT_COOKIE: Final = "ca_consent"
ANSWERED: Final = ("code", "state", "error")

WebRequest = Request[Any, Any, Any]
_log = structlog.get_logger()


@get(CONNECT, guards=[may(Scope.ADMIN)])
async def connect_page(
    services: ServicesNeed, session: SessionNeed, mailbox: FromQuery[UUID | None] = None
) -> Template:
    """What is about to happen, and what is still missing for it."""
    return await _page(services, session, mailbox_id=mailbox)


@post(CONNECT, guards=[may(Scope.ADMIN)])
async def connect(request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed) -> Response[Any]:
    """Send the browser to Google's consent page."""
    form = await request.form()
    address, mailbox_id = str(form.get("address", "")).strip(), _id(str(form.get("mailbox", "")))
    try:
        _require_own_site(request, services)
        asked = await connecting_of(services).begin(session.id_hash, _plain(address), mailbox_id, by=actor)
    except (BadInput, Conflict, MailboxError) as refusal:
        return await _page(services, session, refusal, mailbox_id, address)
    # A form may not be redirected to another site (form-action 'self'), so the page that answers it goes there.
    headers = {"Refresh": f"0; url={asked.url}"}
    context = {"frame": await frame(services, session), "url": asked.url, "here": PAGE}
    answer = Template("mailbox_leaving.html", context=context, headers=headers, status_code=HTTP_200_OK)
    lifetime_s = int(CONSENT_LIFETIME.total_seconds())
    answer.set_cookie(make_cookie(CONSENT_COOKIE, asked.sealed, services.settings, lifetime_s))
    return answer


@get(CALLBACK, guards=[may(Scope.ADMIN)])
async def connected(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Take Google's answer; it is good for one attempt, whatever comes of it."""
    sealed = request.cookies.get(cookie_name(CONSENT_COOKIE, services.settings))
    given = {name: request.query_params[name] for name in ANSWERED if name in request.query_params}
    answer: Template | Redirect
    try:
        await connecting_of(services).finish(session.id_hash, sealed, given, by=actor)
        answer = see_other(request, PAGE, done="connected")
    except (BadInput, Conflict, MailboxError) as refusal:
        _log.warning("consent_refused", error=type(refusal).__name__)
        answer = await _page(services, session, refusal)
    answer.set_cookie(make_cookie(CONSENT_COOKIE, "", services.settings, 0))
    return answer


async def _page(
    services: Services,
    session: Session,
    refusal: DeskError | None = None,
    mailbox_id: UUID | None = None,
    address: str = "",
) -> Template:
    around = await frame(services, session)
    context = {
        "frame": around,
        "mailbox": _line(around.mailboxes, mailbox_id),
        "is_possible": services.connecting is not None and services.connecting.consent is not None,
        "redirect_uri": redirect_uri(services.settings.base_url),
        "error": told(refusal) if refusal else None,
        "address": address,
        "here": PAGE,
    }
    return Template("mailbox_connect.html", context=context, status_code=400 if refusal else HTTP_200_OK)


def _line(mailboxes: tuple[MailboxLine, ...], mailbox_id: UUID | None) -> MailboxLine | None:
    return next((line for line in mailboxes if line.id == mailbox_id and line.kind == GMAIL), None)


def _require_own_site(request: WebRequest, services: Services) -> None:
    """Google sends the browser to the desk's one address, and only there does it have this login's cookies."""
    origin, base_url = request.headers.get("origin"), services.settings.base_url
    if origin and urlsplit(origin).netloc != urlsplit(base_url).netloc:
        raise BadInput(
            Sentence(
                "Google sends you back to %(base_url)s. Open the desk there, log in, and connect from there.",
                base_url=base_url,
            )
        )


def _plain(address: str) -> str | None:
    if not address:
        return None
    if len(address) > 254 or not address.isprintable() or "@" not in address.strip("@") or " " in address:
        raise BadInput("That is no e-mail address. Write it like support@example.com, or leave it empty.")
    return address


def _id(text: str) -> MailboxId | None:
    try:
        return MailboxId(UUID(text)) if text else None
    except ValueError:
        raise BadInput("The form does not say which mailbox it is about. Reload the page and try again.") from None


connect_handlers: list[HTTPRouteHandler] = [connect_page, connect, connected]
