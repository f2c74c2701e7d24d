"""The end of a transaction: what was counted, recorded and asked for is written and announced together."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from sqlalchemy import Table, func, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from persistence.columns import storable
from persistence.engine import Database
from persistence.idempotency import mark_written
from persistence.packing import Columns
from persistence.rows import audit_events, tallies
from persistence.rows_boards import burdens
from persistence.webhook_outbox import announce
from tickets.audit import GENESIS, AuditEvent, chained
from tickets.errors import Conflict
from tickets.status import Status
from tickets.ticket import TicketId

DESK_CHAIN: Final = "desk"
NOBODY: Final = ""

_TALLY_OF: Final = {
    Status.NEW: "new",
    Status.NEEDS_ACTION: "needs_action",
    Status.WAITING_OTHERS: "waiting",
    Status.DONE: "done",
}
_WORK: Final = frozenset({Status.NEW, Status.NEEDS_ACTION})


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which counts a ticket is in."""

    status: Status
    is_leaving: bool
    is_snoozed: bool = False
    assignee: str | None = None

    def tallies(self) -> tuple[str, ...]:
        """A reply on its way out needs nobody's action, so its ticket is counted as leaving instead."""
        board = "snoozed" if self.is_snoozed else _TALLY_OF[self.status]
        if not self.is_leaving:
            return (board,)
        return ("leaving",) if board == "needs_action" else (board, "leaving")

    def burden(self) -> tuple[str, ...]:
        """Whose work the ticket is now: an address, "" for nobody's yet, or nothing when there is nothing to do."""
        is_work = self.status in _WORK and not (self.is_leaving or self.is_snoozed)
        return (self.assignee or NOBODY,) if is_work else ()


@dataclass(slots=True)
class Unit:
    """One transaction in the making. Counts and events are kept back and written at its end, in one order for all."""

    connection: AsyncConnection
    is_sqlite: bool
    asked_for_work: bool = False
    counted: Counter[str] = field(default_factory=Counter)
    burdened: Counter[str] = field(default_factory=Counter)
    events: list[AuditEvent] = field(default_factory=list)
    opened: list[TicketId] = field(default_factory=list)
    standings: dict[TicketId, Standing] = field(default_factory=dict)

    def upsert(self, table: Table) -> Any:
        """An INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update` on either database."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def recount(self, ticket_id: TicketId, before: Standing | None, after: Standing) -> None:
        """Move a ticket from the counts it was in to those it is in now."""
        if before is not None:
            self.counted.subtract(before.tallies())
            self.burdened.subtract(before.burden())
        self.counted.update(after.tallies())
        self.burdened.update(after.burden())
        self.standings[ticket_id] = after

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """An error inside undoes what was written, counted and recorded inside; a broken constraint is a Conflict."""
        counts = Counter(self.counted), Counter(self.burdened)
        kept = (self.asked_for_work, *counts, list(self.events), dict(self.standings))
        try:
            with broken_constraint_is_a_conflict():
                async with self.connection.begin_nested():
                    yield
        except BaseException:
            self.asked_for_work, self.counted, self.burdened, self.events, self.standings = kept
            raise

    async def finish(self) -> None:
        """Write the counts and the events. The row of `tallies` is locked first: nobody else is in here then."""
        moved = {name: tallies.c[name] + delta for name, delta in self.counted.items() if delta}
        burdened = {name: delta for name, delta in self.burdened.items() if delta}
        if not moved and not burdened and not self.events:
            return
        counts = update(tallies).values(**moved, events=tallies.c.events + len(self.events))
        last_id = (await self.connection.execute(counts.returning(tallies.c.events))).scalar_one()
        for assignee, delta in burdened.items():
            await self._burden(assignee, delta)
        if self.events:
            await self._append(last_id - len(self.events) + 1)

    async def _burden(self, assignee: str, delta: int) -> None:
        put = self.upsert(burdens).on_conflict_do_update(
            index_elements=["assignee"], set_={"tickets": burdens.c.tickets + delta}
        )
        await self.connection.execute(put, {"assignee": assignee, "tickets": delta})

    async def _append(self, first_id: int) -> None:
        clean = [_storable(event) for event in self.events]
        heads = await self._heads({_chain(event) for event in clean})
        rows: list[Columns] = []
        for event_id, event in enumerate(clean, first_id):
            chain = _chain(event)
            seq, previous = heads.get(chain, (0, GENESIS))
            heads[chain] = (seq + 1, chained(event, previous))
            rows.append(_event_columns(event, event_id, chain, *heads[chain]))
        await self.connection.execute(insert(audit_events), rows)

    async def _heads(self, chains: set[str]) -> dict[str, tuple[int, str]]:
        events = audit_events.c
        newest = (
            select(events.chain, func.max(events.seq)).where(events.chain.in_(sorted(chains))).group_by(events.chain)
        )
        query = select(events.chain, events.seq, events.hash).where(tuple_(events.chain, events.seq).in_(newest))
        return {row.chain: (row.seq, row.hash) for row in await self.connection.execute(query)}


@asynccontextmanager
async def unit_of_work(database: Database) -> AsyncIterator[Unit]:
    """One transaction with its counts and its record. Raises Conflict for a broken constraint, DatabaseFault."""
    with broken_constraint_is_a_conflict():
        async with database.write() as connection:
            unit = Unit(connection, database.is_sqlite)
            yield unit
            await mark_written(connection)
            await announce(connection, unit.events, unit.opened)
            await unit.finish()


@contextmanager
def broken_constraint_is_a_conflict() -> Iterator[None]:
    """A unique key that is taken means that somebody else was first."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("Somebody else changed the same thing first. Reload, then try again.") from error


def _chain(event: AuditEvent) -> str:
    return str(event.ticket_id) if event.ticket_id else DESK_CHAIN


def _event_columns(event: AuditEvent, event_id: int, chain: str, seq: int, digest: str) -> Columns:
    return {
        "id": event_id,
        "chain": chain,
        "seq": seq,
        "kind": event.kind,
        "actor": event.actor,
        "at": event.at,
        "ticket_id": event.ticket_id,
        "fields": dict(event.fields) if event.fields is not None else None,
        "hash": digest,
    }


def _storable(event: AuditEvent) -> AuditEvent:
    """The event as it will be read back, so that its hash holds."""
    fields = event.fields and {key: _storable_field(value) for key, value in event.fields.items()}
    return replace(event, actor=storable(event.actor), fields=fields)


def _storable_field(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    return [storable(item) for item in value] if isinstance(value, list) else value
