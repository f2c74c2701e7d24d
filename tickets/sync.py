"""Use case: pull what is new from every mailbox, and give each mail its one place."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from tickets.arrival import Arrival, Outcome, own_addresses
from tickets.arrival_policy import USUAL, ArrivalPolicy
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.boards import MailboxState
from tickets.errors import DeskError, Disconnected, LeaseLost, MailboxError, NotFound, StorageFault, Unreadable
from tickets.leases import Leases, fence
from tickets.mail import MailboxId, Parsed
from tickets.people import SYNC, Actor
from tickets.ports import Changes, Clock, Incoming, Mailbox, Parser
from tickets.storage import MailboxRecord, TicketStore, Transaction
from tickets.ticket import TicketId
from tickets.wording import N_, Sentence

LEASE_S: Final = 60.0
BUSY_TRIES: Final = 60  # whoever asked for a sync waits for the one that runs, and then has their own
BUSY_PAUSE_S: Final = 0.25
PATIENCE_S: Final = 20.0  # a person who asked waits that long for a backfill; the timer goes on with it
PAUSED: Final = N_("This mailbox is paused: nothing is fetched. Press Resume on the Mailboxes page to read on.")
OFF: Final = "An administrator has disconnected this mailbox. Connect it again on the Mailboxes page."

OpenMailbox = Callable[[MailboxId], Awaitable[Mailbox]]
"""The mailbox by that id; raises MailboxError when it cannot be opened as configured."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync of one mailbox did.

    Every mail is in exactly one number; `failed` are those that could not be filed, and are in quarantine. `reasons`
    counts why mails were skipped; `busy` means that another process is syncing this mailbox, `unfinished` that there is
    more to read than the caller waited for.
    """

    address: str
    opened: int = 0
    appended: int = 0
    automatic: int = 0
    skipped: int = 0
    quarantined: int = 0
    failed: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None
    ticket_ids: tuple[TicketId, ...] = ()
    busy: bool = False
    unfinished: bool = False


@dataclass(slots=True)
class Tally:
    """What became of mails, counted while they are filed."""

    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    ticket_ids: dict[TicketId, None] = field(default_factory=dict)
    is_unfinished: bool = False

    def add(self, other: "Tally") -> None:
        self.counts += other.counts
        self.reasons += other.reasons
        self.ticket_ids |= other.ticket_ids

    def report(self, address: str, error: str | None = None) -> SyncReport:
        return SyncReport(
            address,
            opened=self.counts[Outcome.OPENED],
            appended=self.counts[Outcome.APPENDED],
            automatic=self.counts[Outcome.AUTOMATIC],
            skipped=self.counts[Outcome.SKIPPED],
            quarantined=self.counts["quarantined"],
            failed=self.counts["failed"],
            reasons=dict(self.reasons),
            error=error,
            ticket_ids=tuple(self.ticket_ids),
            unfinished=self.is_unfinished,
        )


@dataclass(frozen=True, slots=True)
class Sync:
    """Pulls mail. Mailboxes do not wait for each other, and one bad mail never stops the rest."""

    store: TicketStore
    open_mailbox: OpenMailbox
    parser: Parser
    leases: Leases
    clock: Clock
    log: Callable[..., object]
    crash: Callable[[str], None] = lambda _point: None  # called at named points; tests make it end the process there
    policy: ArrivalPolicy = USUAL

    async def run(
        self, only: Collection[str] | None = None, *, by: Actor = SYNC, patience_s: float | None = None
    ) -> tuple[SyncReport, ...]:
        """Sync every mailbox, or those with the given addresses, side by side.

        A long backfill is left to the timer after `patience_s`; None waits for its end.
        What a person or script asked for is always on the audit trail; the timer's syncs when they brought something.
        """
        configured = await self.store.mailboxes()
        own = own_addresses(configured)
        live = [record for record in configured if record.is_read]
        records = live if only is None else [record for record in configured if record.address in only]
        if unknown := set(only or ()) - {record.address for record in records}:
            raise NotFound(
                Sentence("There is no mailbox %(names)s. Add it with `mailbox add`.", names=", ".join(sorted(unknown)))
            )
        until = self.clock.now() + timedelta(seconds=patience_s) if patience_s is not None else None
        return tuple(await asyncio.gather(*(self.one(record, own, by, until) for record in records)))

    async def one(
        self,
        record: MailboxRecord,
        own: frozenset[str] = frozenset(),
        by: Actor = SYNC,
        until: datetime | None = None,
    ) -> SyncReport:
        """Sync one mailbox; a fault of it is in the report and on the mailbox, never raised."""
        for _ in range(1 if by is SYNC else BUSY_TRIES):
            report = await self._once(record, own, by, until)
            if not report.busy:
                return report
            await asyncio.sleep(BUSY_PAUSE_S)
        return report

    async def _once(self, record: MailboxRecord, own: frozenset[str], by: Actor, until: datetime | None) -> SyncReport:
        async with self.leases.hold(f"mailbox:{record.id}", LEASE_S) as lease:
            if lease is None:
                return SyncReport(record.address, busy=True)
            tally = Tally()
            with fence(lease):
                record = await self._fresh(record)
                if not record.is_read:
                    return SyncReport(record.address, error=OFF if record.paused_at is None else PAUSED)
                try:
                    await self._pull(record, own, tally, until)
                    await self._succeeded(record, tally, by)
                except DeskError as error:
                    await self._failed(record, error, by)
                    return tally.report(record.address, str(error))
                except Exception as error:  # a defect in one mailbox's adapter must not stop the others
                    self.log("sync_failed", mailbox_id=str(record.id), exc_info=error)
                    unexpected = MailboxError("The sync stopped on an unexpected error; the log names it.")
                    await self._failed(record, unexpected, by)
                    return tally.report(record.address, str(unexpected))
            return tally.report(record.address)

    async def _fresh(self, record: MailboxRecord) -> MailboxRecord:
        """The record as it is under the lease: another process may have moved the cursor."""
        return next((r for r in await self.store.mailboxes() if r.id == record.id), record)

    async def _pull(self, record: MailboxRecord, own: frozenset[str], tally: Tally, until: datetime | None) -> None:
        mailbox = await self.open_mailbox(record.id)
        ours = own | own_addresses((record,))
        arrival = Arrival(record, mailbox.authserv_id, ours, self.clock.now(), self.policy)

        async def unknown(ids: Sequence[str]) -> frozenset[str]:
            return await self.store.unknown_provider_ids(record.id, ids)

        portions = mailbox.changes(record.cursor, unknown)
        async for changes in portions:
            parsed = [(incoming, await self._parse(incoming)) for incoming in changes.incoming]
            self.crash("mail_parsed")
            if not (await self._fresh(record)).is_read:
                # Stopped meanwhile: the cursor stays before this portion, and the next sync begins with it.
                tally.is_unfinished = True
                break
            # A backfill may take an hour: each portion is filed at its own time.
            now = self.clock.now()
            tally.add(await self._store(replace(arrival, at=now), changes, parsed))
            self.crash("mail_stored")
            if until and changes.progress and now > until:
                tally.is_unfinished = True
                break
        if isinstance(portions, AsyncGenerator):
            await portions.aclose()

    async def _parse(self, incoming: Incoming) -> Parsed | Unreadable:
        try:
            return await self.parser.parse(incoming.raw)
        except Unreadable as error:
            return error

    async def _store(
        self, arrival: Arrival, changes: Changes, parsed: list[tuple[Incoming, Parsed | Unreadable]]
    ) -> Tally:
        """One transaction: these mails, their tickets, the requests for work, and the cursor."""
        tally = Tally()
        mailbox_id = arrival.mailbox.id
        async with self.store.begin() as tx:
            await tx.taking_mail_in()
            await tx.receive(mailbox_id, _received(changes, arrival.at))
            for incoming, mail in parsed:
                await self._place(tx, arrival, incoming, mail, tally)
            if arrival.mailbox.state is MailboxState.ERROR and parsed:
                # It gives mail again: the boards need not say otherwise until a long backfill has ended.
                await tx.mailbox_is(mailbox_id, MailboxState.OK, None, arrival.at)
            for skipped in changes.skipped:
                await tx.skip(mailbox_id, skipped)
                tally.counts["skipped"] += 1
                tally.reasons[skipped.reason] += 1
            if changes.gone:
                await tx.mark_gone(mailbox_id, changes.gone)
            await tx.move_cursor(mailbox_id, changes.cursor, changes.progress)
        return tally

    async def _place(
        self, tx: Transaction, arrival: Arrival, incoming: Incoming, mail: Parsed | Unreadable, tally: Tally
    ) -> None:
        if isinstance(mail, Unreadable):
            await self._quarantine(tx, arrival, incoming, str(mail))
            tally.counts["quarantined"] += 1
            return
        try:
            async with tx.savepoint():
                arrived = await arrival.take(tx, incoming, mail)
        except Unreadable as error:
            await self._quarantine(tx, arrival, incoming, str(error))
            tally.counts["quarantined"] += 1
            return
        except Exception as error:
            if _is_nobodys_mail(error):
                raise
            self.log("mail_not_stored", mailbox_id=str(arrival.mailbox.id), exc_info=error)
            await self._quarantine(tx, arrival, incoming, f"It could not be filed ({type(error).__name__}).")
            tally.counts["failed"] += 1
            return
        tally.counts[arrived.outcome] += 1
        if arrived.reason:
            tally.reasons[arrived.reason] += 1
        if arrived.ticket_id and arrived.outcome is not Outcome.AUTOMATIC:
            tally.ticket_ids[arrived.ticket_id] = None

    async def _quarantine(self, tx: Transaction, arrival: Arrival, incoming: Incoming, reason: str) -> None:
        await tx.quarantine(arrival.mailbox.id, incoming, reason)
        fields = {"mailbox": str(arrival.mailbox.id), "provider_id": incoming.provider_id, "reason": reason}
        await tx.record(AuditEvent(EventKind.MAIL_QUARANTINED, SYNC.name, arrival.at, None, fields))

    async def _succeeded(self, record: MailboxRecord, tally: Tally, by: Actor) -> None:
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.mailbox_is(record.id, MailboxState.OK, None, now)
            # Open pages hear of it by the record: they show "not synced yet", or what was wrong, until then.
            is_news = record.last_ok_at is None or record.state is not MailboxState.OK
            if tally.counts.total() or is_news or by is not SYNC:
                names = ("opened", "appended", "automatic", "skipped", "quarantined")
                counted = {name: tally.counts[name] for name in names}
                await tx.record(
                    AuditEvent(EventKind.SYNCED, by.name, now, None, {"mailbox": str(record.id), **counted})
                )

    async def _failed(self, record: MailboxRecord, error: DeskError, by: Actor) -> None:
        """The mailbox says what is wrong; a passing fault is no disconnection.

        The record has it once: when it begins, or when somebody asked for this sync.
        """
        state = MailboxState.RECONNECT_REQUIRED if isinstance(error, Disconnected) else MailboxState.ERROR
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.mailbox_is(record.id, state, str(error), now)
            if record.state is not state or by is not SYNC:
                is_gone = state is MailboxState.RECONNECT_REQUIRED
                kind = EventKind.MAILBOX_DISCONNECTED if is_gone else EventKind.SYNC_FAILED
                fields: Fields = {"mailbox": str(record.id), "error": type(error).__name__}
                await tx.record(AuditEvent(kind, by.name, now, None, fields))


def _received(changes: Changes, at: datetime) -> list[tuple[str, datetime]]:
    """Every mail of the portion, with its time, before anything is done with it."""
    left_out = [(skipped.provider_id, skipped.received_at or at) for skipped in changes.skipped]
    return [(incoming.provider_id, incoming.received_at) for incoming in changes.incoming] + left_out


def _is_nobodys_mail(error: Exception) -> bool:
    """A full disk or a lost lease is no mail's fault: the whole portion is tried again."""
    return isinstance(error, StorageFault | LeaseLost) or type(error).__name__ in ("OperationalError", "InterfaceError")
