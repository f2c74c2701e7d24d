"""The work on tickets: asked for, done, failed, put off; and the view of it that the drive follows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.ports.store_builders import NOW, SECOND, Desk, a_decision
from tickets.drive import InFlight, retry_delay
from tickets.outbox import OutboxState, Outgoing
from tickets.status import Status
from tickets.ticket import DecisionState, DraftState, Ticket

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def ask_for_work(desk: Desk, ticket: Ticket, at=NOW) -> None:
    async with desk.store.begin() as tx:
        await tx.work(ticket.id, at)


async def rest(desk: Desk, ticket: Ticket, version: int, next_at=None) -> bool:
    async with desk.store.begin() as tx:
        return await tx.rest(ticket.id, version, next_at)


async def fail(desk: Desk, ticket: Ticket, times: int = 1) -> None:
    for _ in range(times):
        async with desk.store.begin() as tx:
            await tx.work_failed(ticket.id, "Timeout", NOW, retry_delay, 5)


async def move(desk: Desk, outgoing: Outgoing, **changes) -> Outgoing:
    after = replace(outgoing, **changes)
    async with desk.store.begin() as tx:
        assert await tx.move_outgoing(outgoing, after)
    return after


async def test_asking_for_work_wakes_the_drive_after_the_commit(desk):
    ticket = await desk.opened()
    async with desk.store.begin() as tx:
        await tx.work(ticket.id, NOW)
        assert desk.woken == 0

    assert desk.woken == 1
    assert await desk.store.due(NOW, 10) == (ticket.id,)


async def test_a_transaction_that_fails_wakes_nobody(desk):
    ticket = await desk.opened()
    with pytest.raises(RuntimeError):
        await _ask_and_fail(desk, ticket)

    assert desk.woken == 0
    assert await desk.store.due(LATER, 10) == ()


async def _ask_and_fail(desk: Desk, ticket: Ticket) -> None:
    async with desk.store.begin() as tx:
        await tx.work(ticket.id, NOW)
        raise RuntimeError("something else went wrong")


async def test_the_longest_due_work_comes_first(desk):
    first, second, future = [await desk.opened() for _ in range(3)]
    await ask_for_work(desk, second, NOW)
    await ask_for_work(desk, first, NOW - SECOND)
    await ask_for_work(desk, future, LATER)

    assert await desk.store.due(NOW, 10) == (first.id, second.id)
    assert await desk.store.due(NOW, 1) == (first.id,)
    assert await desk.store.next_work_at() == NOW - SECOND


async def test_a_later_request_never_puts_off_an_earlier_one(desk):
    ticket = await desk.opened()
    await ask_for_work(desk, ticket, NOW)
    await ask_for_work(desk, ticket, LATER)

    assert await desk.store.next_work_at() == NOW


async def test_rest_is_refused_when_work_was_asked_for_meanwhile(desk):
    ticket = await desk.opened()
    await ask_for_work(desk, ticket)
    view = await desk.store.work_view(ticket.id, NOW)
    await ask_for_work(desk, ticket)

    assert not await rest(desk, ticket, view.version)
    assert await desk.store.due(NOW, 10) == (ticket.id,)


async def test_rest_clears_the_request_until_the_next_known_event(desk):
    ticket = await desk.opened()
    await ask_for_work(desk, ticket)
    view = await desk.store.work_view(ticket.id, NOW)

    assert await rest(desk, ticket, view.version, LATER)

    assert await desk.store.due(NOW, 10) == ()
    assert await desk.store.due(LATER, 10) == (ticket.id,)


async def test_a_failed_drive_is_tried_again_later_and_later(desk):
    ticket = await desk.opened()
    await ask_for_work(desk, ticket)

    await fail(desk, ticket, times=2)

    assert (await desk.store.work_view(ticket.id, NOW)).attempts == 2
    assert await desk.store.next_work_at() == NOW + 4 * SECOND


async def test_the_fifth_failure_stops_the_ticket_until_retry(desk):
    ticket = await desk.opened()
    await fail(desk, ticket, times=5)
    await ask_for_work(desk, ticket)

    assert (await desk.store.ticket(ticket.id)).stopped
    assert await desk.store.due(LATER, 10) == ()
    assert await desk.store.next_work_at() is None

    async with desk.store.begin() as tx:
        await tx.retry_work(ticket.id, NOW)

    assert not (await desk.store.ticket(ticket.id)).stopped
    assert (await desk.store.work_view(ticket.id, NOW)).attempts == 0
    assert await desk.store.due(NOW, 10) == (ticket.id,)


async def test_saving_a_ticket_that_was_read_before_does_not_stop_it_again(desk):
    ticket = await desk.opened()
    await fail(desk, ticket, times=5)
    async with desk.store.begin() as tx:
        stopped = await tx.ticket(ticket.id)
        await tx.retry_work(ticket.id, NOW)
        await tx.save(stopped)

    assert not (await desk.store.ticket(ticket.id)).stopped


async def test_work_in_the_future_is_rest_and_a_failed_drive_is_not(desk):
    settling, failing = await desk.opened(), await desk.opened()
    await ask_for_work(desk, settling, LATER)
    await ask_for_work(desk, failing)
    await fail(desk, failing)

    assert await desk.store.at_rest([settling.id])
    assert not await desk.store.at_rest([failing.id])
    assert not await desk.store.at_rest([settling.id, failing.id])
    desk.clock.at = LATER
    assert not await desk.store.at_rest([settling.id])


async def test_the_sweep_is_given_waiting_drafts_in_pages(desk):
    waiting = [await desk.opened() for _ in range(5)]
    for ticket in waiting:
        await desk.drafted(ticket)
    at_work, superseded, stopped = [await desk.opened() for _ in range(3)]
    for ticket in (at_work, superseded, stopped):
        await desk.drafted(ticket)
    await ask_for_work(desk, at_work)
    await fail(desk, stopped, times=5)
    async with desk.store.begin() as tx:
        await tx.set_draft_state(superseded.id, 1, DraftState.SUPERSEDED)

    first = await desk.store.unrested(3, None)
    rest_of_them = await desk.store.unrested(3, first[-1])

    assert [*first, *rest_of_them] == sorted(ticket.id for ticket in waiting)


async def test_the_view_of_a_fresh_ticket(desk):
    ticket = await desk.opened()
    await ask_for_work(desk, ticket)

    view = await desk.store.work_view(ticket.id, NOW)

    assert (view.work_seq, view.settled_seq, view.attempts) == (1, 0, 0)
    assert (view.decision_due, view.delivery, view.in_flight_decision) == (None, InFlight.NO, None)
    assert (view.has_open_draft, view.is_closed, view.next_at) == (False, False, None)


async def test_feedback_is_due_at_once(desk):
    ticket = await desk.opened()
    decision = a_decision(ticket)
    async with desk.store.begin() as tx:
        await tx.add_decision(decision)

    assert (await desk.store.work_view(ticket.id, NOW)).decision_due == decision.id

    async with desk.store.begin() as tx:
        await tx.finish_decision(decision.id, DecisionState.DONE, None)

    assert (await desk.store.work_view(ticket.id, NOW)).decision_due is None


async def test_an_approval_is_due_when_its_undo_window_is_over(desk):
    ticket = await desk.opened()
    outgoing = await desk.approved(ticket)

    before = await desk.store.work_view(ticket.id, NOW)
    after = await desk.store.work_view(ticket.id, outgoing.due_at)

    assert (before.decision_due, before.next_at, before.delivery) == (None, outgoing.due_at, InFlight.NO)
    assert (after.decision_due, after.next_at, after.delivery) == (outgoing.decision_id, None, InFlight.NO)


async def test_an_approval_that_was_cancelled_is_never_due(desk):
    ticket = await desk.opened()
    outgoing = await move(desk, await desk.approved(ticket), state=OutboxState.CANCELLED, next_at=None)

    view = await desk.store.work_view(ticket.id, outgoing.due_at)

    assert (view.decision_due, view.next_at, view.delivery) == (None, None, InFlight.NO)


@pytest.mark.parametrize("state", [OutboxState.DRAFTING, OutboxState.DRAFTED, OutboxState.SENDING, OutboxState.UNKNOWN])
async def test_a_delivery_is_due_or_settling_by_its_own_time(desk, state):
    ticket = await desk.opened()
    outgoing = await move(desk, await desk.approved(ticket), state=state, next_at=LATER, claim="me", claim_until=LATER)

    settling = await desk.store.work_view(ticket.id, NOW)
    due = await desk.store.work_view(ticket.id, LATER)

    assert (settling.delivery, settling.in_flight_decision, settling.next_at) == (InFlight.SETTLING, None, LATER)
    assert (due.delivery, due.in_flight_decision, due.next_at) == (InFlight.DUE, outgoing.decision_id, None)
    assert (due.claim, due.claim_until, due.decision_due) == ("me", LATER, None)


@pytest.mark.parametrize("state", [OutboxState.NEEDS_HUMAN, OutboxState.UNKNOWN])
async def test_a_delivery_that_only_an_operator_can_move_settles(desk, state):
    ticket = await desk.opened()
    await move(desk, await desk.approved(ticket), state=state, next_at=None)

    view = await desk.store.work_view(ticket.id, LATER)

    assert (view.delivery, view.in_flight_decision, view.next_at) == (InFlight.SETTLING, None, None)


@pytest.mark.parametrize("state", [OutboxState.SENT, OutboxState.FAILED])
async def test_a_delivery_that_has_ended_is_not_in_flight(desk, state):
    ticket = await desk.opened()
    await move(desk, await desk.approved(ticket), state=state)

    assert (await desk.store.work_view(ticket.id, LATER)).delivery is InFlight.NO


@pytest.mark.parametrize(
    ("state", "is_open"),
    [(DraftState.OPEN, True), (DraftState.APPROVED, True), (DraftState.SENT, False), (DraftState.REJECTED, False)],
)
async def test_a_draft_is_open_while_it_is_offered_or_approved(desk, state, is_open):
    ticket = await desk.opened()
    await desk.drafted(ticket)
    async with desk.store.begin() as tx:
        await tx.set_draft_state(ticket.id, 1, state)

    assert (await desk.store.work_view(ticket.id, NOW)).has_open_draft is is_open


async def test_a_done_ticket_is_closed(desk):
    ticket = await desk.opened()
    async with desk.store.begin() as tx:
        await tx.save(replace(ticket, status=Status.DONE))

    assert (await desk.store.work_view(ticket.id, NOW)).is_closed
