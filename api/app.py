"""The web application, put together. Three groups of routes: pages (cookie), REST (token), and what is public."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from litestar import Litestar, Request, Router, get
from litestar.datastructures import State
from litestar.response import Redirect

from api.administration import administration_handlers, administration_page_handlers
from api.api_docs import api_docs_handlers, openapi_config
from api.assets import asset_handler, read_assets
from api.attachments import attachment_handlers
from api.auth import BEARER, COOKIE, FirstAdmin, closed_unless_declared, may
from api.automatic import automatic_handlers, automatic_page_handlers
from api.boards import board_handlers
from api.bulk import bulk_handlers, bulk_page_handlers
from api.conventions import CONVENTIONS
from api.csrf import own_forms_only
from api.digest import digest_handlers, digest_page_handlers
from api.door import Door
from api.drafts import draft_handlers
from api.errors import answer_error
from api.file_names import DeskRequest
from api.google_login import google_login_handlers
from api.health import health_handlers
from api.inbox import inbox_router
from api.inbox_cors import InboxCors
from api.joining import joining_handlers
from api.language import Languages, Polyglot
from api.links import HOME, see_other
from api.login import login_handlers
from api.macro_pages import macro_handlers, macro_page_handlers
from api.mailbox_connect import connect_handlers
from api.mailboxes import mailbox_handlers, mailbox_page_handlers
from api.mentions import mention_handlers, mention_page_handlers
from api.merging import merge_handlers, merge_page_handlers
from api.needs import provided
from api.news import news_handlers
from api.notes import note_handlers, note_page_handlers
from api.own_account import own_account_handlers
from api.own_page import own_page_handlers
from api.own_security import own_security_handlers
from api.pages import page_engine, templates_folder
from api.presence import presence_handlers, presence_page_handlers
from api.quarantine import quarantine_handlers, quarantine_page_handlers
from api.rate_limits import RateLimits
from api.readiness import readiness_handlers, readiness_page_handlers
from api.reports import report_handlers, report_page_handlers
from api.resorting import resorting_handlers, resorting_page_handlers
from api.revisions import revision_handlers, revision_page_handlers
from api.search import search_handlers, search_page_handlers
from api.second_person import two_people_handlers, two_people_page_handlers
from api.security import Fence
from api.services import Services
from api.settings_pages import settings_page_handlers
from api.settling import settling_handlers
from api.shelves import shelf_handlers, shelf_page_handlers
from api.splitting import split_handlers, split_page_handlers
from api.staff import staff_handlers
from api.staff_page import staff_page_handlers
from api.stream import stream_handlers
from api.sync import sync_handlers
from api.ticket_lists import ticket_list_handlers
from api.ticket_mail import ticket_mail_handlers
from api.ticket_page import ticket_page_handlers
from api.ticket_past import past_handlers, past_page_handlers
from api.tickets import ticket_handlers
from api.tokens import token_handlers, token_page_handlers
from api.views import view_handlers, view_page_handlers
from api.webhook_pages import webhook_page_handlers
from api.webhooks import webhook_handlers
from api.webhooks_out import webhook_rest_handlers
from api.work_copies import work_copy_handlers, work_copy_page_handlers
from tickets.people import Scope

MAX_BODY_BYTES: Final = 1_000_000

Lifespan = Callable[[Litestar], AbstractAsyncContextManager[None]] | AbstractAsyncContextManager[None]


def create_app(services: Services, *, lifespan: Sequence[Lifespan] = ()) -> Litestar:
    """The application over these services; `lifespan` runs around it, for what must start and stop with it."""
    assets = read_assets(templates_folder() / "static")
    languages = Languages.read(templates_folder() / "locale")
    app = Litestar(
        route_handlers=[
            _pages(),
            _rest(),
            inbox_router(),
            *webhook_handlers(),
            *health_handlers,
            asset_handler(assets),
        ],
        guards=[closed_unless_declared],
        request_class=DeskRequest,
        dependencies=provided(),
        exception_handlers={Exception: answer_error},
        template_config=page_engine(services.settings, assets),
        openapi_config=openapi_config(services.settings.desk_name),
        request_max_body_size=MAX_BODY_BYTES,
        state=_state(services, languages),
        lifespan=list(lifespan),
        logging_config=None,
    )
    # Around the router itself: middleware would not see requests for which there is no route.
    app.asgi_handler = Fence(
        Polyglot(InboxCors(app.asgi_handler, services.settings.inbox_origins), languages),
        services.settings.allowed_hosts,
    )
    return app


def refurnish(app: Litestar, services: Services) -> None:
    """Put other services behind the application. Their `settings` have to be those that it was made with."""
    app.state = _state(services, app.state.languages)


def _state(services: Services, languages: Languages) -> State:
    door, first_admin = Door(services), FirstAdmin(services)
    parts = {"services": services, "first_admin": first_admin, "door": door, "languages": languages}
    return State({**parts, "rate_limits": RateLimits(services.settings.rate_limit)})


@get("/", guards=[may(Scope.READ)])
async def front_door(request: Request[Any, Any, Any]) -> Redirect:
    """To the board that needs people."""
    return see_other(request, HOME)


def _pages() -> Router:
    handlers = [
        front_door,
        *login_handlers,
        *google_login_handlers,
        *joining_handlers,
        *own_page_handlers,
        *own_security_handlers,
        *staff_page_handlers,
        *token_page_handlers,
        *board_handlers,
        *news_handlers,
        *bulk_page_handlers,
        *view_page_handlers,
        *shelf_page_handlers,
        *resorting_page_handlers,
        *ticket_page_handlers,
        *ticket_mail_handlers,
        *merge_page_handlers,
        *split_page_handlers,
        *work_copy_page_handlers,
        *revision_page_handlers,
        *macro_page_handlers,
        *past_page_handlers,
        *note_page_handlers,
        *mention_page_handlers,
        *two_people_page_handlers,
        *presence_page_handlers,
        *stream_handlers,
        *mailbox_page_handlers,
        *connect_handlers,
        *webhook_page_handlers,
        *quarantine_page_handlers,
        *automatic_page_handlers,
        *administration_page_handlers,
        *search_page_handlers,
        *readiness_page_handlers,
        *report_page_handlers,
        *digest_page_handlers,
        *settings_page_handlers,
    ]
    return Router(
        "/",
        route_handlers=[*handlers, *api_docs_handlers],
        guards=[own_forms_only],
        opt={"credential": COOKIE},
        include_in_schema=False,
    )


def _rest() -> Router:
    return Router(
        "/",
        route_handlers=[
            *ticket_handlers,
            *settling_handlers,
            *webhook_rest_handlers,
            *ticket_list_handlers,
            *bulk_handlers,
            *view_handlers,
            *shelf_handlers,
            *resorting_handlers,
            *draft_handlers,
            *merge_handlers,
            *split_handlers,
            *work_copy_handlers,
            *revision_handlers,
            *macro_handlers,
            *past_handlers,
            *note_handlers,
            *mention_handlers,
            *two_people_handlers,
            *presence_handlers,
            *attachment_handlers,
            *sync_handlers,
            *mailbox_handlers,
            *quarantine_handlers,
            *automatic_handlers,
            *administration_handlers,
            *search_handlers,
            *staff_handlers,
            *own_account_handlers,
            *token_handlers,
            *readiness_handlers,
            *report_handlers,
            *digest_handlers,
        ],
        middleware=CONVENTIONS,
        opt={"credential": BEARER},
        security=[{"token": []}],
    )
