"""Use case: the mailbox is back, so the replies that wait for it leave at once."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from tickets.delivery import UNCERTAIN
from tickets.mail import MailboxId
from tickets.outbox import Outgoing
from tickets.ports import Clock
from tickets.storage import Transaction


class WaitingStore(Protocol):
    """The replies that are under way and wait."""

    def begin(self) -> AbstractAsyncContextManager[Transaction]: ...
    async def waiting(self, mailbox_id: MailboxId, now: datetime) -> Sequence[Outgoing]:
        """Replies that are in flight, that no run works on, and that are to be looked at later than `now`."""
        ...


@dataclass(frozen=True, slots=True)
class Waking:
    """Ends the pauses that a fault of a mailbox has made."""

    store: WaitingStore
    clock: Clock

    async def wake_waiting(self, mailbox_id: MailboxId) -> int:
        """Call after a mailbox was connected again; how many replies it woke.

        A settle window is kept: only time can show what became of such a reply.
        """
        now, woken = self.clock.now(), 0
        for outgoing in await self.store.waiting(mailbox_id, now):
            if outgoing.detail == UNCERTAIN:
                continue
            async with self.store.begin() as tx:
                await tx.ticket(outgoing.ticket_id)
                if await tx.move_outgoing(outgoing, replace(outgoing, next_at=now)):
                    await tx.work(outgoing.ticket_id, now)
                    woken += 1
        return woken
