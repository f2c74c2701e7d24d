"""Clearing up after a reply has ended: no draft of it stays in the mailbox, and it is on record as what really left.

A reply can leave a draft behind when it was refused, or when a run that died had laid a second one down. One that left
while its new Message-ID could not be read, or by an operator's word, is looked up until that id is known.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from typing import Final, Protocol
from uuid import UUID

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.delivery import Crash
from tickets.errors import DeskError, Disconnected, LeaseLost, MailboxError, StorageFault, Unavailable
from tickets.leases import Leases, fence
from tickets.mail import MailboxId
from tickets.outbox import OutboxState, Outgoing, Receipt, Sent
from tickets.people import AGENT
from tickets.ports import Clock, Mailbox
from tickets.storage import MailboxRecord
from tickets.sync import OpenMailbox
from tickets.ticket import Ticket, TicketId

LEASE_S: Final = 60.0
PAGE: Final = 20
MOST: Final = 200  # in one run of one mailbox: its provider also has mails to give and replies to take
LOOK_AGAIN: Final = timedelta(minutes=1)  # at first; then as long again as it has been sought for
GIVE_UP: Final = timedelta(days=1)
REFUSED_FOR: Final = timedelta(hours=1)  # until a mailbox that refused something is asked for it again


class TidyTransaction(Protocol):
    """What is written together when a reply is cleared up; the first three as in `Transaction`."""

    async def ticket(self, ticket_id: TicketId) -> Ticket: ...
    async def move_outgoing(self, before: Outgoing, after: Outgoing) -> bool: ...
    async def record(self, event: AuditEvent) -> None: ...
    async def sent_as(self, outgoing: Outgoing, receipt: Receipt) -> None:
        """Correct the Message-ID of the mail on the ticket, and what the mailbox calls it."""
        ...


class TidyStore(Protocol):
    """The replies that have ended and are not cleared up."""

    def begin(self) -> AbstractAsyncContextManager[TidyTransaction]: ...
    async def mailboxes(self) -> tuple[MailboxRecord, ...]: ...
    async def untidy(
        self, mailbox_id: MailboxId, now: datetime, limit: int, after: UUID | None = None
    ) -> tuple[Outgoing, ...]:
        """Those that may have left something behind, in id order; without those put off beyond `now`."""
        ...


@dataclass(frozen=True, slots=True)
class Tidying:
    """Runs at start and every minute. What fails is tried again later; nothing that is in flight is touched.

    `log` is told of mailboxes that did not let themselves be cleared up.
    """

    store: TidyStore
    open_mailbox: OpenMailbox
    leases: Leases
    clock: Clock
    log: Callable[..., object]
    crash: Crash = lambda _point: None

    async def run(self) -> int:
        """How many replies were cleared up, in all mailboxes."""
        cleared = 0
        for record in await self.store.mailboxes():
            if await self.store.untidy(record.id, self.clock.now(), 1):
                cleared += await self._under_lease(record.id)
        return cleared

    async def _under_lease(self, mailbox_id: MailboxId) -> int:
        async with self.leases.hold(f"tidy:{mailbox_id}", LEASE_S) as lease:
            if lease is None:
                return 0
            with fence(lease):
                try:
                    return await self._mailbox(mailbox_id)
                except DeskError as error:
                    self._postponed(mailbox_id, error)
                    return 0

    async def _mailbox(self, mailbox_id: MailboxId) -> int:
        cleared, last = 0, None
        for _ in range(MOST // PAGE):
            page = await self.store.untidy(mailbox_id, self.clock.now(), PAGE, last)
            for outgoing in page:
                cleared += await self._reply(outgoing)
            if len(page) < PAGE:
                break
            last = page[-1].id
        return cleared

    async def _reply(self, outgoing: Outgoing) -> bool:
        """Whether it is cleared up now. A fault of the whole mailbox is raised, one of this reply only is noted."""
        if outgoing.state is OutboxState.CANCELLED:  # it is only cancelled before anything reached the mailbox
            return await self._tidy(outgoing)
        try:
            return await self._in_mailbox(await self.open_mailbox(outgoing.mailbox_id), outgoing)
        except (Unavailable, Disconnected, LeaseLost, StorageFault):
            raise
        except MailboxError as error:
            self._postponed(outgoing.mailbox_id, error)
            return await self._put_off(outgoing, REFUSED_FOR)

    async def _in_mailbox(self, mailbox: Mailbox, outgoing: Outgoing) -> bool:
        now = self.clock.now()
        ended_at = outgoing.sent_at or outgoing.due_at
        if now < ended_at + timedelta(seconds=mailbox.settle_s):
            return False  # a draft that was just laid down may not show yet
        await mailbox.discard(outgoing)
        self.crash("draft_discarded")
        if not _may_bear_another_id(outgoing):
            return await self._tidy(outgoing)
        seen = await mailbox.lookup(outgoing)
        if isinstance(seen, Sent) and seen.receipt.is_read_back:
            return await self._tidy(outgoing, seen.receipt)
        sought_for = now - ended_at
        if sought_for >= GIVE_UP:
            return await self._tidy(outgoing)
        return await self._put_off(outgoing, max(sought_for, LOOK_AGAIN))

    async def _put_off(self, outgoing: Outgoing, by: timedelta) -> bool:
        async with self.store.begin() as tx:
            await tx.move_outgoing(outgoing, replace(outgoing, next_at=self.clock.now() + by))
        return False

    async def _tidy(self, outgoing: Outgoing, receipt: Receipt | None = None) -> bool:
        tidy = replace(outgoing, is_tidy=True, next_at=None)
        async with self.store.begin() as tx:
            await tx.ticket(outgoing.ticket_id)
            if receipt:
                tidy = replace(tidy, message_id=receipt.message_id)
                await tx.sent_as(outgoing, receipt)
            if tidy.message_id != outgoing.message_id:
                await tx.record(self._corrected(tidy))
            return await tx.move_outgoing(outgoing, tidy)

    def _corrected(self, outgoing: Outgoing) -> AuditEvent:
        fields: Fields = {
            "send_id": str(outgoing.id),
            "state": outgoing.state.value,
            "message_id": outgoing.message_id,
        }
        return AuditEvent(EventKind.SEND_STEP, AGENT.name, self.clock.now(), outgoing.ticket_id, fields)

    def _postponed(self, mailbox_id: MailboxId, error: DeskError) -> None:
        self.log("tidying_postponed", mailbox_id=str(mailbox_id), error=type(error).__name__)


def _may_bear_another_id(outgoing: Outgoing) -> bool:
    """It left, and is on record under the Message-ID that it was frozen with: nobody has read the real one."""
    frozen = BytesHeaderParser().parsebytes(outgoing.mime).get("Message-ID", "")
    return outgoing.state is OutboxState.SENT and "".join(frozen.split()) == outgoing.message_id
