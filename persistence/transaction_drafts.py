"""Drafts, decisions and the outbox, as part of a transaction."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from persistence import reading
from persistence.packing import draft_from, pack_draft, pack_outgoing
from persistence.rows import decisions, drafts, outbox, tickets
from persistence.unit import Unit
from tickets.errors import Conflict
from tickets.outbox import Outgoing
from tickets.ticket import Decision, DecisionId, DecisionState, Draft, DraftState, TicketId

_WAITING = frozenset({DraftState.OPEN, DraftState.APPROVED})


class DraftWrites:
    """The part of a transaction that carries a reply from draft to sent."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._connection = unit.connection

    async def current_draft(self, ticket_id: TicketId) -> Draft | None:
        return await reading.current_draft(self._connection, ticket_id)

    async def draft_made_for(self, ticket_id: TicketId, made_for: str) -> Draft | None:
        return await reading.draft_made_for(self._connection, ticket_id, made_for)

    async def draft_numbered(self, ticket_id: TicketId, revision: int) -> Draft | None:
        this = select(drafts).where(drafts.c.ticket_id == ticket_id, drafts.c.revision == revision)
        row = (await self._connection.execute(this)).first()
        return draft_from(row) if row else None

    async def add_draft(self, draft: Draft) -> None:
        """Raises Conflict when the revision is taken, or a draft was already made for the same reason."""
        async with self._or_conflict("This ticket already has that draft. Reload, then review it."):
            await self._connection.execute(insert(drafts), pack_draft(draft))
        await self._show_draft(draft.ticket_id, draft.revision, draft.state, len(draft.flags))

    async def set_draft_state(self, ticket_id: TicketId, revision: int, state: DraftState) -> None:
        this = (drafts.c.ticket_id == ticket_id) & (drafts.c.revision == revision)
        changed = update(drafts).where(this).values(state=state.value).returning(drafts.c.flags)
        flags = (await self._connection.execute(changed)).scalar_one()
        await self._show_draft(ticket_id, revision, state, len(flags))

    async def add_decision(self, decision: Decision) -> None:
        fields = {name: getattr(decision, name) for name in Decision.__dataclass_fields__}
        await self._connection.execute(insert(decisions), fields)

    async def decision(self, decision_id: DecisionId) -> Decision | None:
        return await reading.decision(self._connection, decision_id)

    async def pending_decision(self, ticket_id: TicketId) -> Decision | None:
        return await reading.pending_decision(self._connection, ticket_id)

    async def finish_decision(self, decision_id: DecisionId, state: DecisionState, reason: str | None) -> None:
        this = decisions.c.id == decision_id
        await self._connection.execute(update(decisions).where(this).values(state=state.value, reason=reason))

    async def add_outgoing(self, outgoing: Outgoing) -> None:
        earlier = select(func.count()).where(outbox.c.ticket_id == outgoing.ticket_id).scalar_subquery()
        async with self._or_conflict(f"Draft {outgoing.revision} is already on its way. Look at the ticket."):
            await self._connection.execute(insert(outbox).values(approved_seq=earlier + 1), pack_outgoing(outgoing))

    async def outgoing(self, decision_id: DecisionId) -> Outgoing | None:
        return await reading.outgoing(self._connection, decision_id)

    async def latest_outgoing(self, ticket_id: TicketId) -> Outgoing | None:
        return await reading.latest_outgoing(self._connection, ticket_id)

    async def move_outgoing(self, before: Outgoing, after: Outgoing) -> bool:
        changed = {name: value for name, value in pack_outgoing(after).items() if value != getattr(before, name)}
        unmoved = (
            (outbox.c.id == before.id)
            & (outbox.c.state == before.state.value)
            & outbox.c.claim.is_not_distinct_from(before.claim)
        )
        moved = update(outbox).where(unmoved).values(changed or {"state": after.state.value})
        return (await self._connection.execute(moved)).rowcount == 1

    @asynccontextmanager
    async def _or_conflict(self, message: str) -> AsyncIterator[None]:
        """On PostgreSQL a broken constraint spoils the transaction unless it happens inside a savepoint."""
        try:
            async with self._connection.begin_nested():
                yield
        except IntegrityError as error:
            raise Conflict(message) from error

    async def _show_draft(self, ticket_id: TicketId, revision: int, state: DraftState, flags: int) -> None:
        """Keep the board's view of the draft in step; an older revision changes nothing there."""
        newest = (tickets.c.id == ticket_id) & (tickets.c.draft_revision <= revision)
        shown = {
            "draft_revision": revision,
            "has_draft": state in _WAITING,
            "open_flags": flags if state is DraftState.OPEN else 0,
        }
        await self._connection.execute(update(tickets).where(newest).values(shown))
