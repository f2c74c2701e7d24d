"""What every page of the desk shows around its content: boards with counts, mailbox health, who is logged in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from api.services import Services, WebSettings
from tickets.accounting import Account, Alarm, AlarmKind
from tickets.accounts import Session
from tickets.boards import Counts, MailboxLine
from tickets.categories import SHIPPED, Categories
from tickets.people import SCOPES_OF, Actor, Operator, Scope
from tickets.views import SavedView

QUARANTINE_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Frame:
    """`version` is the boards' version from just before everything else was read, so that no change is missed."""

    version: int
    now: datetime
    counts: Counts
    mailboxes: tuple[MailboxLine, ...]
    quarantined: int
    operator: Operator
    csrf: str
    settings: WebSettings
    account: Account | None = None
    webhooks_off: int = 0  # switched off after days of failures; counted for administrators
    unread_mentions: int = 0
    views: Sequence[SavedView] = ()
    categories: Categories = SHIPPED

    @property
    def ill(self) -> list[MailboxLine]:
        """The mailboxes that do not work, though nobody took them off the desk."""
        return [line for line in self.mailboxes if line.is_ill]

    @property
    def paused(self) -> list[MailboxLine]:
        """The mailboxes from which nothing is fetched for now."""
        return [line for line in self.mailboxes if line.paused_at is not None]

    @property
    def alarms(self) -> list[Alarm]:
        """What does not add up, and mailboxes that fell silent without saying what is wrong."""
        ill = {line.id for line in self.ill}
        alarms = self.account.alarms if self.account else ()
        return [alarm for alarm in alarms if alarm.kind is not AlarmKind.SILENT or alarm.mailbox_id not in ill]

    @property
    def is_admin(self) -> bool:
        return Scope.ADMIN in SCOPES_OF[self.operator.role]

    @property
    def last_synced_at(self) -> datetime | None:
        return max((line.last_ok_at for line in self.mailboxes if line.last_ok_at), default=None)


async def _webhooks_off(services: Services, operator: Operator) -> int:
    if services.webhooks is None or Scope.ADMIN not in SCOPES_OF[operator.role]:
        return 0
    return sum(webhook.disabled_at is not None for webhook in await services.webhooks.store.webhooks())


async def frame(services: Services, session: Session) -> Frame:
    """Read it for the logged-in operator."""
    boards = services.boards
    version = await boards.version()
    return Frame(
        version=version,
        now=services.clock.now(),
        counts=await boards.counts(session.operator.email),
        mailboxes=await boards.mailboxes(),
        quarantined=len(await boards.quarantined(QUARANTINE_LIMIT)),
        operator=session.operator,
        csrf=session.csrf,
        settings=services.settings,
        account=await services.reconciliation.now() if services.reconciliation else None,
        webhooks_off=await _webhooks_off(services, session.operator),
        unread_mentions=await services.store.unread_mentions(session.operator.id),
        categories=await services.desk_settings.read(Categories),
        views=await services.views.seen_by(Actor.operator(session.operator).name) if services.views else (),
    )
