"""Forms are taken only from our own pages: the request's origin is ours, and it repeats a secret that only they know.

Pages after login repeat their session's own value (field `_csrf`, or header X-CSRF-Token from scripts). Before login
there is no session, so /login and /setup repeat a random cookie instead.
"""

import secrets
from typing import Final
from urllib.parse import urlsplit

from litestar import Request
from litestar.handlers.base import BaseRouteHandler

from api.auth import Connection, identify, is_public
from api.services import Services, WebSettings
from api.sessions import cookie_name
from tickets.errors import NotAllowed

FORM_COOKIE: Final = "ca_form"
FIELD: Final = "_csrf"
HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignForm(NotAllowed):
    """A form that did not come from a page of ours that is still valid."""


def new_form_secret() -> str:
    return secrets.token_urlsafe(32)


def form_secret(connection: Connection, settings: WebSettings) -> str | None:
    """The secret that the browser keeps before login."""
    return connection.cookies.get(cookie_name(FORM_COOKIE, settings))


async def own_forms_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """The guard of all pages. Raises ForeignForm."""
    if not isinstance(connection, Request) or connection.method in SAFE:
        return
    services: Services = connection.app.state.services
    if not _is_own_origin(connection, services.settings):
        raise ForeignForm("This form came from another site, so nothing was done. Open the desk itself and try again.")
    expected = await _expected(connection, handler, services.settings)
    given = connection.headers.get(HEADER) or (await connection.form()).get(FIELD)
    if not expected or not isinstance(given, str) or not secrets.compare_digest(given.encode(), expected.encode()):
        raise ForeignForm("This page was open for too long, so nothing was done. Reload it and try again.")


async def _expected(connection: Connection, handler: BaseRouteHandler, settings: WebSettings) -> str | None:
    if is_public(handler):
        return form_secret(connection, settings)
    caller = await identify(connection, handler)
    return caller.session.csrf if caller.session else None


def _is_own_origin(connection: Connection, settings: WebSettings) -> bool:
    """What the browser says of where the form stands. Programs say nothing, and must know the secret all the same."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = connection.headers.get("origin")
    if origin is None:
        return True
    ours = {connection.headers.get("host", ""), urlsplit(settings.base_url).netloc}
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc in ours
