"""Tickets and their work, as part of a transaction."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from sqlalchemy import Table, insert, select, update

from persistence import reading
from persistence.account_rows import operators
from persistence.columns import later_of, sooner_of
from persistence.packing import Columns, pack_ticket
from persistence.rows import counters, plans, tickets, triages
from persistence.unit import Standing, Unit
from tickets.errors import NotFound
from tickets.preconditions import required_of
from tickets.status import Status
from tickets.ticket import Plan, Ticket, TicketId, Triage
from tickets.wording import Sentence

_NO_WORK = {
    "mails": 0,
    "sender_failed": False,
    "draft_revision": 0,
    "has_draft": False,
    "open_flags": 0,
    "work_version": 0,
    "attempts": 0,
}


class TicketWrites:
    """The part of a transaction that moves tickets and plans the work on them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    async def open_ticket(self, ticket: Ticket) -> Ticket:
        next_number = update(counters).where(counters.c.name == "ticket_number").values(value=counters.c.value + 1)
        number = (await self._connection.execute(next_number.returning(counters.c.value))).scalar_one()
        opened = replace(ticket, number=number)
        fixed = {
            "id": opened.id,
            "number": number,
            "mailbox_id": opened.mailbox_id,
            "mailbox": opened.mailbox,
            "created_at": opened.created_at,
            "snippet": opened.snippet,
            "stopped": opened.stopped,
            "tags": list(opened.tags),
            "spoken_at": opened.spoken_at,
        }
        await self._connection.execute(insert(tickets), pack_ticket(opened) | fixed | _NO_WORK)
        self._unit.recount(opened.id, None, standing_of(opened))
        self._unit.opened.append(opened.id)
        return opened

    async def ticket(self, ticket_id: TicketId) -> Ticket:
        found = await reading.ticket(self._connection, ticket_id, lock=True)
        if (condition := required_of(ticket_id)) is not None:
            condition.require(await reading.events(self._connection, ticket_id))
        self._unit.standings[ticket_id] = standing_of(found)
        return found

    async def save(self, ticket: Ticket) -> None:
        """Write the ticket's fields, apart from `stopped` and `snippet`; `updated_at` never goes back."""
        before = self._unit.standings.get(ticket.id) or standing_of(await self.ticket(ticket.id))
        later = later_of(tickets.c.updated_at, ticket.updated_at)
        changes = pack_ticket(ticket)
        del changes["updated_at"]
        saved = update(tickets).where(tickets.c.id == ticket.id).values(updated_at=later)
        await self._connection.execute(saved, changes)
        self._unit.recount(ticket.id, before, standing_of(ticket))

    async def work(self, ticket_id: TicketId, at: datetime) -> None:
        await self._update(
            ticket_id, {"work_at": sooner_of(tickets.c.work_at, at), "work_version": tickets.c.work_version + 1}
        )
        self._unit.asked_for_work = True

    async def rest(self, ticket_id: TicketId, version: int, next_at: datetime | None) -> bool:
        seen = (tickets.c.id == ticket_id) & (tickets.c.work_version == version)
        rested = update(tickets).where(seen).values(work_at=next_at, attempts=0, last_error=None)
        return (await self._connection.execute(rested)).rowcount == 1

    async def work_failed(
        self, ticket_id: TicketId, error: str, at: datetime, delay: Callable[[int], timedelta], max_attempts: int
    ) -> bool:
        query = select(tickets.c.attempts).where(tickets.c.id == ticket_id).with_for_update()
        attempts = (await self._connection.execute(query)).scalar_one() + 1
        planned: Columns = {"attempts": attempts, "last_error": error}
        is_last: bool = attempts >= max_attempts
        planned |= {"stopped": True, "work_at": None} if is_last else {"work_at": at + delay(attempts)}
        await self._update(ticket_id, planned)
        return is_last

    async def is_operator(self, email: str) -> bool:
        query = select(operators.c.id).where(
            operators.c.email_key == email.strip().casefold(), operators.c.disabled_at.is_(None)
        )
        return (await self._connection.execute(query)).first() is not None

    async def retry_work(self, ticket_id: TicketId, at: datetime) -> None:
        await self._update(ticket_id, {"stopped": False, "attempts": 0, "last_error": None})
        await self.work(ticket_id, at)

    async def keep_triage(self, ticket_id: TicketId, work_seq: int, triage: Triage) -> None:
        await self._keep(triages, {"ticket_id": ticket_id, "work_seq": work_seq, "content": asdict(triage)})

    async def keep_plan(self, ticket_id: TicketId, work_seq: int, plan: Plan) -> None:
        await self._keep(plans, {"ticket_id": ticket_id, "work_seq": work_seq, "content": asdict(plan)})

    async def _keep(self, table: Table, row: Columns) -> None:
        put = self._unit.upsert(table)
        key = [column.name for column in table.primary_key]
        await self._connection.execute(
            put.on_conflict_do_update(index_elements=key, set_={"content": put.excluded.content}), row
        )

    async def _update(self, ticket_id: TicketId, changes: Columns) -> None:
        result = await self._connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(changes))
        if result.rowcount != 1:
            raise NotFound(Sentence("There is no ticket %(id)s. Look for it on the boards.", id=ticket_id))


def standing_of(ticket: Ticket) -> Standing:
    return Standing(Status(ticket.status), ticket.is_leaving, ticket.snoozed_until is not None, ticket.assignee)
