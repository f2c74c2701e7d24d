"""Every route is closed unless the table below opens it, and opens only to whom the table names."""

from dataclasses import dataclass
from uuid import uuid4

import pytest
from litestar import get

from api.app import create_app
from tests.web.asking import status_of
from tests.web.site import Site
from tickets.people import SCOPES_OF, Role, Scope

TICKET = "/boards/tickets/{ticket_id:uuid}"
REST = "/tickets/{ticket_id:uuid}"
MAILBOX = "/boards/mailboxes/{mailbox_id:uuid}"
PUT_ASIDE = "/boards/quarantine/{quarantine_id:uuid}"
AUTOMATIC = "/boards/automatic/{mail_id:uuid}"
WEBHOOK = ("POST", "/webhooks/gmail")

PUBLIC = {
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/setup"),
    ("POST", "/setup"),
    ("GET", "/health/live"),
    ("GET", "/health/ready"),
    ("GET", "/schema"),
    ("GET", "/schema/openapi.json"),
    ("GET", "/schema/{path:str}"),
    ("GET", "/static/{name:path}"),
    WEBHOOK,
}

PAGES = {
    ("GET", "/"): Scope.READ,
    ("POST", "/logout"): Scope.READ,
    ("GET", "/boards"): Scope.READ,
    ("GET", "/boards/{board:str}"): Scope.READ,
    ("GET", "/boards/quarantine"): Scope.READ,
    ("GET", PUT_ASIDE + "/raw"): Scope.READ,
    ("POST", PUT_ASIDE + "/retry"): Scope.SYNC,
    ("GET", "/boards/automatic"): Scope.READ,
    ("GET", AUTOMATIC + "/raw"): Scope.READ,
    ("POST", AUTOMATIC + "/take_up"): Scope.DRAFT,
    ("GET", "/boards/mailboxes"): Scope.READ,
    ("GET", "/boards/mailboxes/guide"): Scope.READ,
    ("GET", "/boards/mailboxes/connect"): Scope.ADMIN,
    ("POST", "/boards/mailboxes/connect"): Scope.ADMIN,
    ("GET", "/boards/mailboxes/callback"): Scope.ADMIN,
    ("GET", MAILBOX): Scope.ADMIN,
    ("POST", MAILBOX): Scope.ADMIN,
    ("POST", MAILBOX + "/disconnect"): Scope.ADMIN,
    ("POST", MAILBOX + "/resume"): Scope.ADMIN,
    ("POST", MAILBOX + "/sync"): Scope.SYNC,
    ("GET", "/boards/stream"): Scope.READ,
    ("GET", "/boards/api"): Scope.READ,
    ("GET", "/boards/me"): Scope.READ,
    ("POST", "/boards/me"): Scope.DRAFT,
    ("GET", TICKET): Scope.READ,
    ("GET", TICKET + "/mails/{mail_id:uuid}/html"): Scope.READ,
    ("GET", TICKET + "/mails/{mail_id:uuid}/document"): Scope.READ,
    ("GET", TICKET + "/mails/{mail_id:uuid}/raw"): Scope.READ,
    ("GET", TICKET + "/attachments/{sha256:str}"): Scope.READ,
    ("GET", TICKET + "/attachments/{sha256:str}/picture"): Scope.READ,
    ("GET", TICKET + "/preview"): Scope.READ,
    ("GET", TICKET + "/merge"): Scope.DRAFT,
    ("POST", TICKET + "/merge"): Scope.DRAFT,
    ("POST", TICKET + "/draft"): Scope.DRAFT,
    ("POST", TICKET + "/redraft"): Scope.DRAFT,
    ("POST", TICKET + "/reject"): Scope.DRAFT,
    ("POST", TICKET + "/assign"): Scope.DRAFT,
    ("POST", TICKET + "/close"): Scope.DRAFT,
    ("POST", TICKET + "/reopen"): Scope.DRAFT,
    ("POST", TICKET + "/retry"): Scope.DRAFT,
    ("POST", TICKET + "/approve"): Scope.APPROVE,
    ("POST", TICKET + "/undo"): Scope.APPROVE,
    ("POST", TICKET + "/settle"): Scope.APPROVE,
}

SCRIPTS = {
    ("GET", "/tickets"): Scope.READ,
    ("GET", REST): Scope.READ,
    ("GET", REST + "/events"): Scope.READ,
    ("GET", REST + "/attachments/{sha256:str}"): Scope.READ,
    ("GET", REST + "/mails/{mail_id:uuid}/raw"): Scope.READ,
    ("POST", REST + "/attachments"): Scope.DRAFT,
    ("DELETE", REST + "/attachments/{sha256:str}"): Scope.DRAFT,
    ("POST", REST + "/draft"): Scope.DRAFT,
    ("POST", REST + "/reject"): Scope.DRAFT,
    ("POST", REST + "/assign"): Scope.DRAFT,
    ("POST", REST + "/status"): Scope.DRAFT,
    ("POST", REST + "/merge"): Scope.DRAFT,
    ("POST", REST + "/approve_send"): Scope.APPROVE,
    ("POST", REST + "/undo"): Scope.APPROVE,
    ("POST", "/sync/run"): Scope.SYNC,
    ("GET", "/mailboxes"): Scope.READ,
    ("GET", "/mailboxes/{mailbox_id:uuid}/accounting"): Scope.READ,
    ("PATCH", "/mailboxes/{mailbox_id:uuid}"): Scope.ADMIN,
    ("GET", "/quarantine"): Scope.READ,
    ("GET", "/quarantine/{quarantine_id:uuid}/raw"): Scope.READ,
    ("POST", "/quarantine/{quarantine_id:uuid}/retry"): Scope.SYNC,
    ("GET", "/mails/automatic"): Scope.READ,
    ("POST", "/mails/{mail_id:uuid}/take_up"): Scope.DRAFT,
}

FILLED = {
    "{ticket_id:uuid}": str(uuid4()),
    "{mail_id:uuid}": str(uuid4()),
    "{mailbox_id:uuid}": str(uuid4()),
    "{quarantine_id:uuid}": str(uuid4()),
    "{sha256:str}": "0" * 64,
    "{board:str}": "new",
    "{path:str}": "elsewhere",
    "{name:path}": "none.css",
}

Route = tuple[str, str]


@dataclass(frozen=True)
class Visitor:
    """Somebody at the door: the headers they send, and what they may do by them."""

    name: str
    headers: dict[str, str]
    scopes: frozenset[Scope]
    has_token: bool = False
    has_session: bool = False


def routes_of(site: Site) -> set[Route]:
    return {(method, route.path) for route in site.app.routes for method in route.methods if method != "OPTIONS"}


def address(route: Route) -> str:
    path = route[1]
    for hole, value in FILLED.items():
        path = path.replace(hole, value)
    return path


async def person(site: Site, role: Role) -> Visitor:
    cookie, session = await site.session_of(role)
    headers = {"cookie": f"ca_session={cookie}", "x-csrf-token": session.csrf}
    return Visitor(role, headers, SCOPES_OF[role], has_session=True)


async def script(site: Site, scope: Scope) -> Visitor:
    async with await site.script(scope) as client:
        headers = {"authorization": client.headers["authorization"]}
    return Visitor(scope, headers, frozenset(Scope) if scope is Scope.ADMIN else frozenset({scope}), has_token=True)


async def visitors(site: Site) -> list[Visitor]:
    """Nobody, each role and each scope; made anew, because one of the routes logs out."""
    nobody = Visitor("nobody", {}, frozenset())
    return [nobody, *[await person(site, role) for role in Role], *[await script(site, scope) for scope in Scope]]


def test_the_table_names_every_route_of_the_application(site: Site) -> None:
    assert routes_of(site) == PUBLIC | set(PAGES) | set(SCRIPTS)


@pytest.mark.parametrize("route", sorted(PAGES), ids=" ".join)
async def test_a_page_opens_only_to_a_session_with_its_scope(route: Route, site: Site) -> None:
    for visitor in await visitors(site):
        status, location = await status_of(site.app, route[0], address(route), visitor.headers)

        if not visitor.has_session:
            assert (status, location.split("?")[0]) == (303, "/login"), visitor.name
        elif PAGES[route] not in visitor.scopes:
            assert status == 403, visitor.name
        else:
            assert status in (200, 303, 400, 404, 409), visitor.name
            assert not location.startswith("/login") or route[1] == "/logout", visitor.name


@pytest.mark.parametrize("route", sorted(SCRIPTS), ids=" ".join)
async def test_the_rest_interface_opens_only_to_a_token_with_its_scope(route: Route, site: Site) -> None:
    for visitor in await visitors(site):
        status, _ = await status_of(site.app, route[0], address(route), visitor.headers)

        if not visitor.has_token:
            assert status == 401, visitor.name
        elif SCRIPTS[route] not in visitor.scopes:
            assert status == 403, visitor.name
        else:
            assert status in (200, 202, 400, 404), visitor.name


@pytest.mark.parametrize("route", sorted(PUBLIC), ids=" ".join)
async def test_a_public_route_asks_for_no_login(route: Route, site: Site) -> None:
    status, location = await status_of(site.app, route[0], address(route), {})

    assert status != 401
    # The desk is set up, so its setup page sends everybody to the login; forms without their secret are refused.
    assert location == ("/login" if route == ("GET", "/setup") else "")
    # This desk takes no notices; what one that does makes of them, tests/web/test_webhooks.py says.
    assert (status == 404) if route == WEBHOOK else ((status == 403) == (route[0] == "POST"))


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
