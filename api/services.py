"""What the web layer is handed by the wiring; nothing here is built inside a handler."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from html import escape

from api.access import Access
from tickets.accounts import Accounts
from tickets.boards import Boards
from tickets.connecting import Connecting
from tickets.desk import Desk
from tickets.desk_settings import DeskSettings
from tickets.examples import Examples
from tickets.idempotency import IdempotencyKeys
from tickets.inbox import Inbox
from tickets.knowledge_base import KnowledgeBase
from tickets.knowledge_import import KnowledgeImport
from tickets.people import Role
from tickets.ports import Clock, Knowledge
from tickets.presence import Presence
from tickets.quarantine import Quarantine
from tickets.reconciliation import Reconciliation
from tickets.reports import Figures
from tickets.retention import Retaining
from tickets.search import Search
from tickets.spending import Spending, TryModel
from tickets.storage import TicketStore
from tickets.sync import Sync
from tickets.ticket import TicketId
from tickets.time_travel import WorkflowPast
from tickets.views import SavedViews
from tickets.waiting_desk import WaitingDesk
from tickets.webhook_desk import Webhooks

Readiness = Callable[[], Awaitable[dict[str, str]]]
"""Component name -> "ok" or what is wrong, for /health/ready."""

WaitForRest = Callable[[Sequence[TicketId], float], Awaitable[bool]]
"""Wait at most that many seconds until none of the tickets has work due; False when time ran out."""


VerifyPush = Callable[[str, bytes], str]
"""The mailbox that a pushed notice is about, from its Authorization header and body; blocks; raises DeskError."""


def _nobody(_address: str) -> None:
    """Nothing runs beside the web that could be woken."""


@dataclass(frozen=True)
class WebSettings:
    """How the site is reached. `secure_cookies` is off only for plain http on loopback."""

    base_url: str
    secure_cookies: bool
    allowed_hosts: tuple[str, ...]
    model_name: str
    model_notice: str | None  # why answers are written without a model, if they are
    desk_name: str
    setup_code: str | None  # the one-time code of /setup, while there is no admin
    session_idle_s: float = 12 * 3600
    session_max_s: float = 7 * 86400
    inbox_origins: tuple[str, ...] = ()  # of pages that may call the routes for Agent Inbox
    rate_limit: int = 600  # requests of one token in a minute; 0 for no limit
    admins_need_second_factor: bool = False
    sign_in_allowed: tuple[str, ...] = ()  # addresses and domains that need no invitation for Google sign-in
    sign_in_role: Role = Role.VIEWER  # of whoever comes by that list


@dataclass(frozen=True)
class Services:
    """The use cases and reads that handlers call."""

    desk: Desk
    sync: Sync
    store: TicketStore
    boards: Boards
    search: Search
    figures: Figures
    desk_settings: DeskSettings
    presence: Presence
    accounts: Accounts
    access: Access
    clock: Clock
    settings: WebSettings
    ready: Readiness
    wait_for_rest: WaitForRest
    reconciliation: Reconciliation | None = None
    connecting: Connecting | None = None
    retaining: Retaining | None = None
    quarantine: Quarantine | None = None
    verify_push: VerifyPush | None = None  # None: no notices are taken
    idempotency: IdempotencyKeys | None = None
    inbox: Inbox | None = None
    webhooks: Webhooks | None = None
    waiting: WaitingDesk | None = None  # who is told that customers wait
    views: SavedViews | None = None
    ring: Callable[[str], None] = _nobody  # have the mailbox with that address synced now
    knowledge: Knowledge | None = None
    knowledge_base: KnowledgeBase | None = None
    knowledge_import: KnowledgeImport | None = None
    spending: Spending | None = None
    try_model: TryModel | None = None  # None: answers are written without a model
    as_html: Callable[[str], str] = escape  # Markdown as the replies are written, for a preview
    past: WorkflowPast | None = None
    examples: Examples | None = None
