"""The earlier revisions of a reply, as the store reads them."""

from uuid import uuid4

import pytest

from tests.ports.store_builders import Desk, a_decision
from tickets.errors import NotFound
from tickets.revisions import End, ends
from tickets.ticket import DecisionId, DecisionKind, DraftState


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def test_revisions_come_newest_first_without_their_texts(desk):
    ticket = await desk.opened()
    await desk.drafted(ticket, 1, made_for="mail:1", written_by="model", state=DraftState.SUPERSEDED)
    await desk.drafted(ticket, 2, made_for="edit:1", body="Ümlaut", written_by="operator:ada@helios.example")

    newest, oldest = await desk.store.revisions(ticket.id)

    assert (newest.revision, newest.length, newest.is_by_agent) == (2, 6, False)
    assert (oldest.revision, oldest.written_by, oldest.is_by_agent) == (1, "model", True)


async def test_only_so_many_are_listed(desk):
    ticket = await desk.opened()
    for revision in (1, 2, 3):
        await desk.drafted(ticket, revision, made_for=f"edit:{revision}")

    found = await desk.store.revisions(ticket.id, limit=2)

    assert [each.revision for each in found] == [3, 2]


async def test_a_redraft_tells_who_asked_for_it_and_what_for(desk):
    ticket = await desk.opened()
    wish = a_decision(ticket, id=DecisionId(uuid4()), kind=DecisionKind.REDRAFT, feedback="Shorter", actor="operator:a")
    async with desk.store.begin() as tx:
        await tx.add_decision(wish)
    await desk.drafted(ticket, 1, made_for=f"decision:{wish.id}")

    (found,) = await desk.store.revisions(ticket.id)

    assert (found.asked_by, found.feedback) == ("operator:a", "Shorter")


async def test_one_revision_can_be_read_in_full(desk):
    ticket = await desk.opened()
    draft = await desk.drafted(ticket, 1)

    assert await desk.store.revision(ticket.id, 1) == draft
    with pytest.raises(NotFound, match="no draft 7"):
        await desk.store.revision(ticket.id, 7)


async def test_the_agents_draft_is_the_newest_that_no_operator_wrote(desk):
    ticket = await desk.opened()
    await desk.drafted(ticket, 1, made_for="mail:1")
    second = await desk.drafted(ticket, 2, made_for="mail:2")
    await desk.drafted(ticket, 3, made_for="edit:2")

    assert await desk.store.agents_draft(ticket.id, 3) == second
    assert await desk.store.agents_draft((await desk.opened()).id, 3) is None


async def test_each_revision_says_what_became_of_it(desk):
    ticket = await desk.opened()
    superseded = DraftState.SUPERSEDED
    await desk.drafted(ticket, 1, made_for="mail:1", state=superseded)
    await desk.drafted(ticket, 2, made_for="edit:1", state=superseded)
    await desk.drafted(ticket, 3, made_for="mail:2", state=superseded)
    await desk.drafted(ticket, 4, made_for=f"decision:{uuid4()}", state=DraftState.OPEN)

    found = ends(await desk.store.revisions(ticket.id), ())

    assert [found[n].end for n in (1, 2, 3, 4)] == [End.EDITED, End.CUSTOMER_WROTE, End.REDRAFTED, End.OPEN]
    assert (found[1].by, found[4].by) == (2, None)
