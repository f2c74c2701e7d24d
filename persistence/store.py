"""The store: the unit of work over all tables, and reads that lock nothing."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, true, union_all

from persistence import reading, work
from persistence.account_rows import operators
from persistence.arriving import ArrivalReads, ArrivalWrites
from persistence.automatic_mail import AutomaticMailReads, AutomaticWrites
from persistence.engine import Database
from persistence.examples import ExampleTransaction
from persistence.leases import require_held
from persistence.moves import MoveStore, MoveTransaction
from persistence.neighbours import OtherTicketReads
from persistence.notes import NoteStore, NoteTransaction
from persistence.packing import event_from, mailbox_from, plan_from, triage_from
from persistence.related import NeighbourReads
from persistence.revisions import RevisionReads
from persistence.rousing import RousingReads
from persistence.rows import audit_events, blobs, mailboxes, mails, plans, quarantine, skipped_mails, tickets, triages
from persistence.second_person import FirstApprovalStore, FirstApprovalTransaction
from persistence.tags import TagReads, TagWrites
from persistence.tidying import OutboxReads, TidyWrites
from persistence.transaction_drafts import DraftWrites
from persistence.transaction_tickets import TicketWrites
from persistence.unit import Unit, unit_of_work
from persistence.work_copies import WorkCopyReads, WorkCopyWrites
from tickets.audit import AuditEvent
from tickets.drive import WorkView
from tickets.errors import NotFound
from tickets.leases import current_lease
from tickets.mail import MailboxId, MailId, MailKind, SenderVerdict
from tickets.outbox import Outgoing
from tickets.ports import Clock
from tickets.storage import MailboxRecord
from tickets.ticket import Conversation, Decision, DecisionId, Draft, Plan, Ticket, TicketId, Triage

_LOOKED_UP_AT_ONCE = 500

# Where the mails are that the desk knows. One that is skipped for now may come back as mail.
_KNOWN: Final = ((mails, true()), (quarantine, true()), (skipped_mails, skipped_mails.c.is_final))


class SqlTransaction(
    TagWrites,
    AutomaticWrites,
    ArrivalWrites,
    TicketWrites,
    DraftWrites,
    TidyWrites,
    NoteTransaction,
    FirstApprovalTransaction,
    WorkCopyWrites,
    ExampleTransaction,
    MoveTransaction,
):
    """Everything that is written together."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        return self._unit.savepoint()

    async def record(self, event: AuditEvent) -> None:
        """The event is written when the transaction ends; its place in the chain is decided there."""
        self._unit.events.append(event)


class _WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SqlStore(
    TagReads,
    OutboxReads,
    ArrivalReads,
    AutomaticMailReads,
    NeighbourReads,
    NoteStore,
    FirstApprovalStore,
    RevisionReads,
    WorkCopyReads,
    OtherTicketReads,
    RousingReads,
    MoveStore,
):
    """TicketStore over SQLite or PostgreSQL.

    `on_work` is called after each commit that asked for work, `on_record` with each event that it recorded. `clock`
    decides what counts as due in reads that take no time of their own.
    """

    def __init__(
        self,
        database: Database,
        *,
        on_work: Callable[[], None] | None = None,
        on_record: Callable[[AuditEvent], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._on_work = on_work
        self._on_record = on_record
        self._clock = clock or _WallClock()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[SqlTransaction]:
        """Commits when the block ends. Raises LeaseLost, Conflict for a broken constraint, DatabaseFault."""
        async with unit_of_work(self._database) as unit:
            if (lease := current_lease()) is not None:
                await require_held(self._database, unit.connection, lease.name, lease.token, lock=True)
            yield SqlTransaction(unit)
        if unit.asked_for_work and self._on_work is not None:
            self._on_work()
        if self._on_record is not None:
            for event in unit.events:
                self._on_record(event)

    async def ticket(self, ticket_id: TicketId) -> Ticket:
        async with self._database.read() as connection:
            return await reading.ticket(connection, ticket_id)

    async def conversation(self, ticket_id: TicketId) -> Conversation:
        async with self._database.read() as connection:
            ticket = await reading.ticket(connection, ticket_id)
            return Conversation(ticket, await reading.messages(connection, ticket_id))

    async def verdicts(self, ticket_id: TicketId) -> Mapping[MailId, SenderVerdict]:
        query = select(mails.c.id, mails.c.verdict).where(mails.c.ticket_id == ticket_id)
        async with self._database.read() as connection:
            return {row.id: SenderVerdict(row.verdict) for row in await connection.execute(query)}

    async def triage(self, ticket_id: TicketId, work_seq: int) -> Triage | None:
        query = select(triages.c.content).where(triages.c.ticket_id == ticket_id, triages.c.work_seq == work_seq)
        async with self._database.read() as connection:
            content = (await connection.execute(query)).scalar()
        return triage_from(content) if content else None

    async def plan(self, ticket_id: TicketId, work_seq: int) -> Plan | None:
        query = select(plans.c.content).where(plans.c.ticket_id == ticket_id, plans.c.work_seq == work_seq)
        async with self._database.read() as connection:
            content = (await connection.execute(query)).scalar()
        return plan_from(content) if content else None

    async def current_draft(self, ticket_id: TicketId) -> Draft | None:
        async with self._database.read() as connection:
            return await reading.current_draft(connection, ticket_id)

    async def draft_made_for(self, ticket_id: TicketId, made_for: str) -> Draft | None:
        async with self._database.read() as connection:
            return await reading.draft_made_for(connection, ticket_id, made_for)

    async def decision(self, decision_id: DecisionId) -> Decision | None:
        async with self._database.read() as connection:
            return await reading.decision(connection, decision_id)

    async def pending_decision(self, ticket_id: TicketId) -> Decision | None:
        async with self._database.read() as connection:
            return await reading.pending_decision(connection, ticket_id)

    async def latest_outgoing(self, ticket_id: TicketId) -> Outgoing | None:
        async with self._database.read() as connection:
            return await reading.latest_outgoing(connection, ticket_id)

    async def events(self, ticket_id: TicketId) -> tuple[AuditEvent, ...]:
        query = select(audit_events).where(audit_events.c.chain == str(ticket_id)).order_by(audit_events.c.seq)
        async with self._database.read() as connection:
            return tuple(event_from(row) for row in await connection.execute(query))

    async def work_view(self, ticket_id: TicketId, now: datetime) -> WorkView:
        async with self._database.read() as connection:
            return await work.work_view(connection, ticket_id, now)

    async def due(self, now: datetime, limit: int) -> tuple[TicketId, ...]:
        async with self._database.read() as connection:
            return await work.due(connection, now, limit)

    async def unrested(self, limit: int, after: UUID | None) -> tuple[TicketId, ...]:
        async with self._database.read() as connection:
            return await work.unrested(connection, self._clock.now(), limit, after)

    async def next_work_at(self) -> datetime | None:
        async with self._database.read() as connection:
            return await work.next_work_at(connection)

    async def at_rest(self, ticket_ids: Sequence[TicketId]) -> bool:
        async with self._database.read() as connection:
            return await work.at_rest(connection, self._clock.now(), ticket_ids)

    async def mailboxes(self) -> tuple[MailboxRecord, ...]:
        async with self._database.read() as connection:
            return tuple(mailbox_from(row) for row in await connection.execute(select(mailboxes).order_by("address")))

    async def unknown_provider_ids(self, mailbox_id: MailboxId, ids: Sequence[str]) -> frozenset[str]:
        unknown = set(ids)
        async with self._database.read() as connection:
            for first in range(0, len(ids), _LOOKED_UP_AT_ONCE):
                asked = ids[first : first + _LOOKED_UP_AT_ONCE]
                known = union_all(
                    *(
                        select(table.c.provider_id).where(
                            table.c.mailbox_id == mailbox_id, table.c.provider_id.in_(asked), condition
                        )
                        for table, condition in _KNOWN
                    )
                )
                unknown.difference_update((await connection.execute(known)).scalars())
        return frozenset(unknown)

    async def provider_thread(self, ticket_id: TicketId) -> str | None:
        # A customer may have answered to another mailbox of the desk, whose threads the ticket's own does not know.
        own = select(tickets.c.mailbox_id).where(tickets.c.id == ticket_id).scalar_subquery()
        is_customers = (mails.c.ticket_id == ticket_id) & (mails.c.kind == MailKind.CUSTOMER.value)
        last = (
            select(mails.c.provider_thread_id)
            .where(is_customers, mails.c.mailbox_id == own)
            .order_by(mails.c.at.desc(), mails.c.id.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            thread: str | None = (await connection.execute(last)).scalar()
        return thread

    async def raw_mail(self, ticket_id: TicketId, mail_id: MailId) -> bytes:
        """Raises NotFound."""
        of_mail = (
            select(blobs.c.content)
            .join(mails, mails.c.raw_sha256 == blobs.c.sha256)
            .where(mails.c.id == mail_id, mails.c.ticket_id == ticket_id)
        )
        async with self._database.read() as connection:
            content: bytes | None = (await connection.execute(of_mail)).scalar()
        if content is None:
            raise NotFound("This ticket has no such mail. Go back to the ticket.")
        if not content:
            raise NotFound("The original of this mail was deleted, as the desk's settings say. Its text stays.")
        return content

    async def signature_of(self, email: str) -> str:
        """Empty for an address without an account too."""
        query = select(operators.c.signature).where(operators.c.email_key == email.strip().casefold())
        async with self._database.read() as connection:
            return (await connection.execute(query)).scalar() or ""

    async def blob(self, sha256: str) -> bytes:
        """Raises NotFound."""
        async with self._database.read() as connection:
            content: bytes | None = (
                await connection.execute(select(blobs.c.content).where(blobs.c.sha256 == sha256))
            ).scalar()
        if content is None:
            raise NotFound("That attachment is not stored here any more. Open the mail in its mailbox.")
        if not content:
            raise NotFound("That file is empty, or was deleted as the desk's settings say.")
        return content
