"""Every route is closed unless it declares whom it opens to, and opens to nobody else.

What a route declares is read from its guard, so a new route is asked by every kind of visitor without a word here. What
is reviewed by hand is short: what is public, and what somebody who only reads may change nevertheless.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from litestar import get

from api.accounts_use import create_token
from api.app import create_app
from tests.web.asking import status_of
from tests.web.routes import Declared, declared_routes
from tests.web.site import Site
from tickets.audit import AuditEvent, EventKind
from tickets.people import CONSOLE, SCOPES_OF, Role, Scope

# Open to everybody. Whatever is added here must be safe in the hands of a stranger.
PUBLIC = {
    "GET /login",
    "POST /login",
    "GET /login/code",
    "POST /login/code",
    "POST /login/google",
    "GET /login/google/callback",
    "GET /join/{secret:str}",
    "POST /join/{secret:str}",
    "GET /reset/{secret:str}",
    "POST /reset/{secret:str}",
    "GET /setup",
    "POST /setup",
    "GET /health/live",
    "GET /health/ready",
    "GET /schema",
    "GET /schema/openapi.json",
    "GET /schema/{path:str}",
    "GET /static/{name:path}",
    "POST /webhooks/gmail",
}

# Changes that need no more than reading: each touches only what belongs to the caller.
OF_THE_CALLER = {
    "POST /logout",
    "POST /boards/me/security/password",
    "POST /boards/me/security/second_factor",
    "POST /boards/me/security/second_factor/codes",
    "POST /boards/me/security/second_factor/offer",
    "POST /boards/me/security/second_factor/remove",
    "POST /boards/me/security/sessions/end",
    "POST /boards/me/security/sessions/{handle:str}/end",
    "POST /boards/mentions/read",
    "POST /boards/tickets/{ticket_id:uuid}/presence",
    "POST /boards/me/reading",
    "POST /boards/views",
    "POST /boards/views/{view_id:uuid}",
    "POST /boards/views/{view_id:uuid}/delete",
    # Each of these asks for the current password besides.
    "PUT /me/password",
    "POST /me/second_factor",
    "POST /me/second_factor/codes",
    "POST /me/second_factor/confirm",
    "POST /me/second_factor/remove",
}

# Changes below these addresses are an administrator's.
ADMINISTRATION = ("/boards/settings", "/boards/mailboxes", "/settings", "/operators", "/invitations", "/tokens")
# ... but for these, which only start work that goes on by itself anyway.
NOT_ADMINISTRATION = {"POST /boards/mailboxes/{mailbox_id:uuid}/sync"}

# A search whose conditions come as a body changes nothing.
QUESTIONS = {"POST /agent-inbox/threads/search"}


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door: the headers they send, and what they may do by them."""

    name: str
    headers: dict[str, str]
    scopes: frozenset[Scope] = frozenset()
    has_token: bool = False
    has_session: bool = False


async def person(site: Site, role: Role) -> Visitor:
    cookie, session = await site.session_of(role)
    headers = {"cookie": f"ca_session={cookie}", "x-csrf-token": session.csrf}
    return Visitor(role, headers, SCOPES_OF[role], has_session=True)


async def script(site: Site, scope: Scope) -> Visitor:
    async with await site.script(scope) as client:
        headers = {"authorization": client.headers["authorization"]}
    return Visitor(scope, headers, frozenset(Scope) if scope is Scope.ADMIN else frozenset({scope}), has_token=True)


async def visitors(site: Site) -> list[Visitor]:
    """Nobody, each role and each scope; made anew for a change, because some end sessions."""
    nobody = Visitor("nobody", {})
    return [nobody, *[await person(site, role) for role in Role], *[await script(site, scope) for scope in Scope]]


def pages(site: Site) -> list[Declared]:
    return [route for route in declared_routes(site.app) if not route.is_public and not route.is_rest]


def scripts(site: Site) -> list[Declared]:
    return [route for route in declared_routes(site.app) if not route.is_public and route.is_rest]


def public(site: Site) -> list[Declared]:
    return [route for route in declared_routes(site.app) if route.is_public]


# --- what is declared -------------------------------------------------------------------------------------------------


def test_every_route_declares_whom_it_opens_to(site: Site) -> None:
    undeclared = [str(route) for route in declared_routes(site.app) if route.is_public == (route.scope is not None)]

    assert undeclared == []


def test_what_is_public_was_reviewed(site: Site) -> None:
    assert {str(route) for route in public(site)} == PUBLIC


def test_somebody_who_only_reads_changes_nothing_but_their_own(site: Site) -> None:
    loose = {str(route) for route in declared_routes(site.app) if route.is_change and route.scope is Scope.READ}

    assert loose == OF_THE_CALLER | QUESTIONS


def test_only_administrators_change_how_the_desk_is_run(site: Site) -> None:
    loose = {
        str(route)
        for route in declared_routes(site.app)
        if route.is_change and route.path.startswith(ADMINISTRATION) and route.scope is not Scope.ADMIN
    }

    assert loose == NOT_ADMINISTRATION


# --- and what it comes to ---------------------------------------------------------------------------------------------


async def test_a_page_opens_only_to_a_session_with_its_scope(site: Site) -> None:
    wrong, known = [], await visitors(site)
    for route in sorted(pages(site), key=lambda route: route.is_change):
        for visitor in await visitors(site) if route.is_change else known:
            status, location = await status_of(site.app, route.method, route.address, visitor.headers)
            if not _is_right_for_a_page(route, visitor, status, location):
                wrong.append(f"{route} by {visitor.name}: {status} {location}")

    assert wrong == []


def _is_right_for_a_page(route: Declared, visitor: Visitor, status: int, location: str) -> bool:
    is_sent_to_login = location.split("?")[0] == "/login"
    if not visitor.has_session:
        return status == 303 and is_sent_to_login
    if route.scope not in visitor.scopes:
        return status == 403
    return status < 500 and status not in (401, 403) and (not is_sent_to_login or route.path == "/logout")


async def test_who_is_disabled_expired_or_revoked_is_nobody(site: Site) -> None:
    gone, wrong = await people_of_yesterday(site), []
    for route in [route for route in declared_routes(site.app) if not route.is_public]:
        for visitor in gone:
            status, location = await status_of(site.app, route.method, route.address, visitor.headers)
            is_refused = status == 401 if route.is_rest else status == 303 and location.split("?")[0] == "/login"
            if not is_refused:
                wrong.append(f"{route} by {visitor.name}: {status} {location}")

    assert wrong == []


async def people_of_yesterday(site: Site) -> list[Visitor]:
    """A session and a token that were good for everything, each of them over in another way."""
    await site.accounts.add_operator(
        "first@desk.example", "First", Role.ADMIN, "unusable", site.event(EventKind.LOGGED_IN)
    )
    idle = await person(site, Role.ADMIN)
    expired = await owned_token(site, "expired", None, timedelta(hours=1))
    site.clock.advance(13 * 3600)
    ended, revoked = await person(site, Role.VIEWER), await owned_token(site, "revoked", None)
    disabled, of_disabled = await person(site, Role.OPERATOR), await owned_token(site, "disabled", Role.OPERATOR)
    event = AuditEvent(EventKind.OPERATOR_CHANGED, "console", site.clock.now(), fields={"what": "disabled"})
    await site.services.access.staff.disable((await site.operator(Role.OPERATOR)).id, event)
    await site.services.access.staff.end_sessions((await site.operator(Role.VIEWER)).id, event)
    (token,) = [token for token in await site.accounts.tokens() if token.name == "revoked"]
    await site.accounts.revoke_token(token.id, event)
    return [idle, ended, disabled, expired, revoked, of_disabled]


async def owned_token(site: Site, name: str, owner: Role | None, lifetime: timedelta | None = None) -> Visitor:
    now = site.clock.now()
    owner_id = (await site.operator(owner)).id if owner else None
    expires_at = now + lifetime if lifetime else None
    secret = await create_token(
        site.accounts, name, Scope, by=CONSOLE, now=now, expires_at=expires_at, owner_id=owner_id
    )
    return Visitor(name, {"authorization": f"Bearer {secret}"})


async def test_every_answer_of_every_route_carries_the_headers(site: Site) -> None:
    lacking, browser, script = [], await site.browser(Role.ADMIN), await site.script(*Scope)
    for route in declared_routes(site.app):
        if route.is_change or route.path.endswith("/stream"):
            continue
        for asking in (script if route.is_rest else browser, site.visitor()):
            headers = (await asking.get(route.address)).headers
            policy = headers.get("content-security-policy", "")
            is_fenced = "default-src 'none'" in policy and "frame-ancestors" in policy and "unsafe" not in policy
            is_private = headers.get("cache-control") in ("no-store", "private, no-cache")
            is_plain = headers.get("x-content-type-options") == "nosniff" and "referrer-policy" in headers
            if not (is_fenced and is_private and is_plain):
                lacking.append(f"{route}: {policy} {headers.get('cache-control')}")

    assert lacking == []


async def test_the_rest_interface_opens_only_to_a_token_with_its_scope(site: Site) -> None:
    wrong, known = [], await visitors(site)
    for route in scripts(site):
        for visitor in known:
            status, _ = await status_of(site.app, route.method, route.address, visitor.headers)
            if not _is_right_for_a_script(route, visitor, status):
                wrong.append(f"{route} by {visitor.name}: {status}")

    assert wrong == []


def _is_right_for_a_script(route: Declared, visitor: Visitor, status: int) -> bool:
    if not visitor.has_token:
        return status == 401
    if route.scope not in visitor.scopes:
        return status == 403
    if route.address == "/me":
        return status == 403  # nobody owns these tokens
    return status < 500 and status not in (401, 403)


async def test_a_public_route_asks_for_no_login(site: Site) -> None:
    wrong = []
    for route in public(site):
        status, location = await status_of(site.app, route.method, route.address, {})
        # The desk is set up, so its setup page sends everybody to the login.
        refuses = status >= 500 or (status == 401 and route.path != "/login/google/callback")
        if refuses or location not in ("", "/login" if route.path == "/setup" else ""):
            wrong.append(f"{route}: {status} {location}")

    assert wrong == []


@pytest.mark.parametrize("address", ["/login", "/setup"])
async def test_a_public_form_is_refused_without_its_secret(address: str, site: Site) -> None:
    assert (await status_of(site.app, "POST", address, {}))[0] == 403


async def test_a_route_that_forgot_its_guard_is_closed_to_everybody(site: Site) -> None:
    @get("/forgotten")
    async def forgotten() -> str:
        return "secret"

    app = create_app(site.services)
    app.register(forgotten)

    for visitor in await visitors(site):
        assert (await status_of(app, "GET", "/forgotten", visitor.headers))[0] == 403, visitor.name


async def test_options_tells_nothing(site: Site) -> None:
    assert (await status_of(site.app, "OPTIONS", "/tickets", {}))[0] == 403
