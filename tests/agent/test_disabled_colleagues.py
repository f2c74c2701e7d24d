"""A colleague whose account is disabled gets no ticket and is called by no note."""

import pytest
from sqlalchemy import update

from persistence.account_rows import operators
from tests.agent.arriving import an_operator
from tests.agent.hands import a_drafted_ticket
from tests.agent.world import ANNA, World
from tickets.errors import BadInput
from tickets.noting import Noting


async def test_a_disabled_operator_cannot_be_assigned_or_called(world: World) -> None:
    ticket, email = await a_drafted_ticket(world), await an_operator(world)
    async with world.database.write() as connection:
        gone = update(operators).where(operators.c.email == email).values(disabled_at=world.clock.now())
        await connection.execute(gone.returning(operators.c.id))

    with pytest.raises(BadInput, match="Nobody at this desk"):
        await world.desk.assign(ticket.id, email, by=ANNA)
    note = await Noting(world.store, world.clock).add(ticket.id, "@bea?", by=ANNA)

    assert (await world.store.ticket(ticket.id)).assignee is None
    async with world.store.begin() as tx:
        assert await tx.called_by(note.id) == frozenset()
