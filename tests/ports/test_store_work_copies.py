"""What operators are typing, as it is kept."""

from datetime import timedelta

import pytest

from tests.ports.store_builders import NOW, Desk
from tickets.errors import BadInput, Conflict, NotFound
from tickets.keeping import KEPT_FOR, Typed, WorkCopies
from tickets.people import Actor, Scope
from tickets.status import Status
from tickets.ticket import DraftState

ADA = Actor("operator:ada@helios.example", frozenset({Scope.DRAFT}))
BO = Actor("operator:bo@helios.example", frozenset({Scope.DRAFT}))


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


def copies(desk) -> WorkCopies:
    return WorkCopies(desk.store, desk.clock)


def typed(body="Half a sent", revision=1, **changes) -> Typed:
    return Typed(revision, "Re: Inverter", body, **changes)


async def test_a_text_is_kept_for_its_owner_alone(desk):
    ticket = await desk.opened()
    await desk.drafted(ticket)

    await copies(desk).keep(ticket.id, typed(around={"cc": "kim@x"}), by=ADA)

    kept = await desk.store.work_copy(ticket.id, ADA.name)
    assert kept
    assert (kept.revision, kept.body, kept.around, kept.updated_at) == (1, "Half a sent", {"cc": "kim@x"}, NOW)
    assert await desk.store.work_copy(ticket.id, BO.name) is None


async def test_keeping_again_replaces_the_text_and_raises_its_version(desk):
    ticket = await desk.opened()
    first = await copies(desk).keep(ticket.id, typed(), by=ADA)

    second = await copies(desk).keep(ticket.id, typed("A sentence.", version=first.version), by=ADA)

    assert await desk.store.work_copy(ticket.id, ADA.name) == second
    assert second.version == first.version + 1


async def test_an_older_window_does_not_overwrite_a_newer_text(desk):
    ticket = await desk.opened()
    first = await copies(desk).keep(ticket.id, typed(), by=ADA)
    await copies(desk).keep(ticket.id, typed("Written elsewhere", version=first.version), by=ADA)

    with pytest.raises(Conflict, match="another window"):
        await copies(desk).keep(ticket.id, typed("Older", version=first.version), by=ADA)


async def test_the_text_that_has_just_been_saved_is_not_kept_again(desk):
    ticket = await desk.opened()
    draft = await desk.drafted(ticket, 2)

    kept = await copies(desk).keep(ticket.id, Typed(1, draft.subject, draft.body + "\r\n"), by=ADA)

    assert kept is None
    assert await desk.store.work_copy(ticket.id, ADA.name) is None


async def test_it_can_be_taken_over_to_the_newer_draft(desk):
    ticket = await desk.opened()
    await desk.drafted(ticket, 1, state=DraftState.SUPERSEDED)
    await copies(desk).keep(ticket.id, typed(), by=ADA)
    await desk.drafted(ticket, 2, made_for="mail:2")

    moved = await copies(desk).take_over(ticket.id, by=ADA)

    assert (moved.revision, moved.body) == (2, "Half a sent")
    with pytest.raises(NotFound):
        await copies(desk).take_over(ticket.id, by=BO)


async def test_dropping_forgets_ones_own(desk):
    ticket = await desk.opened()
    for who in (ADA, BO):
        await copies(desk).keep(ticket.id, typed(), by=who)

    await copies(desk).drop(ticket.id, by=ADA)

    assert await desk.store.work_copy(ticket.id, ADA.name) is None
    assert await desk.store.work_copy(ticket.id, BO.name)


async def test_a_closed_ticket_keeps_nothing(desk):
    ticket = await desk.opened(status=Status.DONE)

    with pytest.raises(Conflict, match="closed"):
        await copies(desk).keep(ticket.id, typed(), by=ADA)


async def test_what_is_too_long_is_refused(desk):
    ticket = await desk.opened()

    with pytest.raises(BadInput, match="50000"):
        await copies(desk).keep(ticket.id, typed("x" * 50_001), by=ADA)
    with pytest.raises(BadInput, match="recipients"):
        await copies(desk).keep(ticket.id, typed(around={"cc": "x" * 4_001}), by=ADA)


async def test_what_nobody_touched_for_long_is_cleared_up_by_its_owners_next_keeping(desk):
    old, ticket = await desk.opened(), await desk.opened()
    await copies(desk).keep(old.id, typed(), by=ADA)
    desk.clock.at = NOW + KEPT_FOR + timedelta(seconds=1)

    await copies(desk).keep(ticket.id, typed(), by=ADA)

    assert await desk.store.work_copy(old.id, ADA.name) is None
