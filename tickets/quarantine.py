"""Use cases: a mail that was put aside is tried once more, from the bytes that were kept, or it is dismissed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tickets.arrival import Arrival, Arrived, own_addresses
from tickets.arrival_policy import USUAL, ArrivalPolicy
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import Conflict, MailboxError, NotFound
from tickets.mail import MailboxId
from tickets.people import Actor, Scope
from tickets.ports import Clock, Mailbox, Parser, Skipped
from tickets.storage import TicketStore

DISMISSED: Final = "dismissed from quarantine"
GONE: Final = "Somebody else took this mail out of quarantine first. Reload the page."

_OpenMailbox = Callable[[MailboxId], Awaitable[Mailbox]]


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The use cases of the quarantine board. `policy` is the sync's."""

    store: TicketStore
    open_mailbox: _OpenMailbox
    parser: Parser
    clock: Clock
    policy: ArrivalPolicy = USUAL

    async def retry(self, quarantine_id: UUID, *, by: Actor) -> Arrived:
        """File the mail as if it came now; the operator's word overrules the cap on storms and a failed sender check.

        Raises Unreadable when it cannot be filed after all (it stays where it is), NotFound when it is not there.
        """
        by.require(Scope.SYNC)
        kept = await self.store.quarantined_mail(quarantine_id)
        parsed = await self.parser.parse(kept.incoming.raw)
        arrival = await self._arrival(kept.mailbox_id)
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            if not await tx.release_quarantined(quarantine_id):
                raise Conflict(GONE)
            arrived = await arrival.take(tx, kept.incoming, parsed)
            fields: Fields = {"outcome": arrived.outcome.value, "mailbox": str(kept.mailbox_id)}
            await tx.record(AuditEvent(EventKind.MAIL_RETRIED, by.name, arrival.at, arrived.ticket_id, fields))
        return arrived

    async def dismiss(self, quarantine_id: UUID, *, by: Actor) -> None:
        """Nobody has to look at it any more: it counts as skipped. The mailbox itself keeps the mail.

        Raises NotFound when it is not there (any more).
        """
        by.require(Scope.SYNC)
        kept = await self.store.quarantined_mail(quarantine_id)
        mailbox, provider_id = kept.mailbox_id, kept.incoming.provider_id
        fields: Fields = {"mailbox": str(mailbox), "provider_id": provider_id, "reason": kept.reason}
        async with self.store.begin() as tx:
            if not await tx.release_quarantined(quarantine_id, self.clock.now()):
                raise Conflict(GONE)
            await tx.skip(mailbox, Skipped(provider_id, DISMISSED, received_at=kept.incoming.received_at))
            await tx.record(AuditEvent(EventKind.MAIL_DISMISSED, by.name, self.clock.now(), None, fields))

    async def raw(self, quarantine_id: UUID, *, by: Actor) -> bytes:
        """The mail as it came, for a download. Raises NotFound."""
        by.require(Scope.READ)
        return (await self.store.quarantined_mail(quarantine_id)).incoming.raw

    async def _arrival(self, mailbox_id: MailboxId) -> Arrival:
        records = await self.store.mailboxes()
        record = next((each for each in records if each.id == mailbox_id), None)
        if record is None:
            raise NotFound("The mailbox of this mail is not at the desk any more. Download the mail instead.")
        authserv_id = await self._authserv_id(mailbox_id)
        return Arrival(
            record,
            authserv_id,
            own_addresses(records),
            self.clock.now(),
            self.policy,
            is_asked_for=True,
            is_vouched_for=True,
        )

    async def _authserv_id(self, mailbox_id: MailboxId) -> str | None:
        """Of a mailbox that cannot be opened now nobody's word is known, and its senders stay unverified."""
        try:
            return (await self.open_mailbox(mailbox_id)).authserv_id
        except MailboxError:
            return None
