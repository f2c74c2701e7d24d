"""Browser sessions: a random id in a cookie, of which only the sha256 is stored, with an idle and an absolute limit."""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from litestar.datastructures import Cookie

from api.services import Services, WebSettings
from tickets.accounts import Session
from tickets.audit import AuditEvent
from tickets.people import Operator

SESSION_COOKIE: Final = "ca_session"
_TOUCH_EVERY: Final = timedelta(minutes=1)  # a write per page view would buy nothing


def cookie_name(name: str, settings: WebSettings) -> str:
    """Browsers accept a `__Host-` cookie only over https, for this very host, with the whole site as its path."""
    return f"__Host-{name}" if settings.secure_cookies else name


def make_cookie(name: str, secret: str, settings: WebSettings, max_age_s: int | None = None) -> Cookie:
    """A cookie that scripts cannot read and other sites' forms do not send."""
    return Cookie(
        key=cookie_name(name, settings),
        value=secret,
        path="/",
        httponly=True,
        secure=settings.secure_cookies,
        samesite="lax",
        max_age=max_age_s,
    )


def session_cookie(secret: str, settings: WebSettings) -> Cookie:
    return make_cookie(SESSION_COOKIE, secret, settings, int(settings.session_max_s))


def ended_cookie(settings: WebSettings) -> Cookie:
    """Tells the browser to forget the session."""
    return make_cookie(SESSION_COOKIE, "", settings, 0)


def secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def open_session(
    services: Services, operator: Operator, event: AuditEvent, *, device: str = "", address: str = ""
) -> str:
    """Start a session under a new id, whatever the browser sent before, and return that id."""
    secret = secrets.token_urlsafe(32)
    now = services.clock.now()
    csrf = secrets.token_urlsafe(32)
    session = Session(secret_hash(secret), operator, csrf, now, now, device=device, address=address)
    await services.accounts.add_session(session, event)
    return secret


async def find_session(services: Services, secret: str | None) -> Session | None:
    """The live session behind a cookie; None when there is none, or it was idle or open for too long."""
    session = await services.accounts.session(secret_hash(secret)) if secret else None
    if session is None:
        return None
    now, settings = services.clock.now(), services.settings
    idle = now - session.last_seen_at
    age = now - session.created_at
    if idle > timedelta(seconds=settings.session_idle_s) or age > timedelta(seconds=settings.session_max_s):
        return None
    if idle > _TOUCH_EVERY:
        await services.accounts.touch_session(session.id_hash, now)
    return session
