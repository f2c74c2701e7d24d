"""What every page of the desk shows around its content: boards with counts, mailbox health, who is logged in."""

from dataclasses import dataclass
from datetime import datetime

from api.services import Services, WebSettings
from tickets.accounts import Session
from tickets.boards import Counts, MailboxLine, MailboxState
from tickets.people import Operator

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

    @property
    def ill(self) -> list[MailboxLine]:
        """The mailboxes that do not work."""
        return [line for line in self.mailboxes if line.state is not MailboxState.OK]

    @property
    def last_synced_at(self) -> datetime | None:
        return max((line.last_ok_at for line in self.mailboxes if line.last_ok_at), default=None)


async def frame(services: Services, session: Session) -> Frame:
    """Read it for the logged-in operator."""
    boards = services.boards
    version = await boards.version()
    return Frame(
        version=version,
        now=services.clock.now(),
        counts=await boards.counts(),
        mailboxes=await boards.mailboxes(),
        quarantined=len(await boards.quarantined(QUARANTINE_LIMIT)),
        operator=session.operator,
        csrf=session.csrf,
        settings=services.settings,
    )
