"""Asking mailboxes to ring when something is new: their providers forget it after some days, so it is asked daily.

A notice only wakes the sync. Looking by the clock goes on beside it, because notices may be dropped.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from tickets.boards import MailboxState
from tickets.errors import DeskError
from tickets.leases import Leases
from tickets.mail import MailboxId
from tickets.ports import Clock, Watched
from tickets.storage import MailboxRecord
from tickets.sync import OpenMailbox

LASTS: Final = timedelta(days=7)  # what Gmail grants; anything shorter is asked for again at each look
RENEWED_AFTER: Final = timedelta(days=1)
LEASE_S: Final = 60.0


class WatchStore(Protocol):
    """The mailboxes, and until when each is watched."""

    async def mailboxes(self) -> Sequence[MailboxRecord]: ...


class WatchRecord(Protocol):
    """Where it is kept until when a mailbox is watched."""

    async def watched_until(self, mailbox_id: MailboxId, until: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Watching:
    """Runs now and then. A mailbox that refuses is asked again next time; its sync does not depend on it."""

    store: WatchStore
    record: WatchRecord
    open_mailbox: OpenMailbox
    leases: Leases
    clock: Clock
    topic: str
    log: Callable[..., object]

    async def run(self) -> int:
        """How many mailboxes were asked to ring."""
        return sum([await self._one(record) for record in await self.store.mailboxes() if self._is_due(record)])

    def _is_due(self, record: MailboxRecord) -> bool:
        if record.state is not MailboxState.OK or not record.is_read:
            return False
        return record.watch_until is None or record.watch_until - self.clock.now() < LASTS - RENEWED_AFTER

    async def _one(self, record: MailboxRecord) -> bool:
        async with self.leases.hold(f"watch:{record.id}", LEASE_S) as lease:
            if lease is None:
                return False
            try:
                mailbox = await self.open_mailbox(record.id)
                if not isinstance(mailbox, Watched):
                    return False
                await self.record.watched_until(record.id, await mailbox.watch(self.topic))
            except DeskError as error:
                self.log("mailbox_not_watched", mailbox_id=str(record.id), error=type(error).__name__)
                return False
            return True
