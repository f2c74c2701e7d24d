"""One drive at a time brings a ticket to rest; what fails is tried again, and given up after five times."""

from typing import Any

from sqlalchemy import update

from adapters.memory import MemoryModel
from persistence.account_rows import leases
from persistence.leases import SqlLeases
from tests.agent.hands import (
    an_approved_ticket,
    draft_of,
    events_of,
    outgoing_of,
    question,
    rebuilt,
)
from tests.agent.world import ANNA, World
from tickets.audit import EventKind
from tickets.drive import MAX_ATTEMPTS
from tickets.status import Status
from tickets.ticket import ProposedReply

# --- one drive at a time, and what it does when it fails -------------------------------------------------------------


class RobbedModel(MemoryModel):
    """While it drafts, another process takes the ticket's lease over."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def draft(self, *args: Any, **kwargs: Any) -> ProposedReply:
        await _lease_is(self._world, owner="another process")
        return await super().draft(*args, **kwargs)


async def test_a_drive_whose_lease_was_taken_over_writes_nothing_more(world: World) -> None:
    await world.customer_writes()
    (ticket,) = await world.tickets()

    assert await rebuilt(world, model=RobbedModel(world)).drive.to_rest(ticket.id)

    untouched = await world.store.ticket(ticket.id)
    assert await world.store.current_draft(ticket.id) is None
    assert await events_of(world, ticket, EventKind.DRAFT_OFFERED) == []
    assert untouched.status is Status.NEW
    assert (await world.store.work_view(ticket.id, world.clock.now())).attempts == 0


async def test_who_took_the_lease_over_finishes_the_work(world: World) -> None:
    await world.customer_writes()
    (ticket,) = await world.tickets()
    await rebuilt(world, model=RobbedModel(world)).drive.to_rest(ticket.id)

    await _lease_is(world, owner="")
    await world.work()

    assert (await draft_of(world, ticket)).revision == 1
    assert world.model.calls == ["draft"], "what was on record is not asked again"


async def test_a_ticket_that_another_process_drives_is_left_to_it(world: World) -> None:
    await world.customer_writes()
    (ticket,) = await world.tickets()

    async with SqlLeases(world.database).hold(f"ticket:{ticket.id}", 30.0):
        drive = rebuilt(world, leases=SqlLeases(world.database)).drive
        assert await drive.to_rest(ticket.id) is False

    assert world.model.calls == []


async def test_a_failed_drive_is_tried_again_after_a_pause(world: World) -> None:
    world.model.will("draft", RuntimeError("the model broke"))
    await world.customer_writes()
    (ticket,) = await world.tickets()

    await world.work()
    failed = await world.store.work_view(ticket.id, world.clock.now())
    world.clock.advance(2)
    await world.work()

    assert failed.attempts == 1
    assert (await world.store.work_view(ticket.id, world.clock.now())).attempts == 0
    assert world.model.calls == ["triage", "plan", "draft", "draft"]
    assert await world.is_at_rest(ticket.id)


async def test_after_five_failed_drives_the_ticket_is_stopped(world: World) -> None:
    ticket = await _a_stopped_ticket(world)

    world.clock.advance(3600)
    await world.sweep.run()

    assert ticket.stopped
    assert await world.store.due(world.clock.now(), 10) == ()
    assert world.model.calls.count("draft") == MAX_ATTEMPTS


async def test_retry_lets_a_stopped_ticket_go_on(world: World) -> None:
    ticket = await _a_stopped_ticket(world)

    await world.desk.retry(ticket.id, by=ANNA)
    await world.work()

    assert not (await world.store.ticket(ticket.id)).stopped
    assert (await question(world, ticket))["revision"] == 1
    (retried,) = await events_of(world, ticket, EventKind.WORKFLOW_RETRIED)
    assert retried.actor == ANNA.name


async def test_a_stopped_ticket_goes_on_when_the_customer_writes(world: World) -> None:
    ticket = await _a_stopped_ticket(world)

    await world.customer_answers(ticket)
    await world.work()

    assert not (await world.store.ticket(ticket.id)).stopped
    assert (await draft_of(world, ticket)).work_seq == 2


async def test_that_the_agent_gave_up_is_on_the_tickets_record(world: World) -> None:
    ticket = await _a_stopped_ticket(world)

    kinds = [event.kind for event in await events_of(world, ticket)]

    assert kinds.count(EventKind.WORKFLOW_STOPPED) == 1


async def test_a_reply_that_cannot_leave_yet_is_no_failed_drive(world: World) -> None:
    ticket = await an_approved_ticket(world)
    world.clock.advance(10)
    world.mailbox.will("unavailable", on="prepare", times=MAX_ATTEMPTS + 2)

    for _ in range(MAX_ATTEMPTS + 1):
        await world.work()
        assert (await world.store.work_view(ticket.id, world.clock.now())).attempts == 0
        world.clock.advance(301)

    assert not (await world.store.ticket(ticket.id)).stopped
    assert (await outgoing_of(world, ticket)).attempts == MAX_ATTEMPTS + 1


async def test_a_restarted_process_finds_every_thread_where_it_was(world: World) -> None:
    ticket = await an_approved_ticket(world)

    again = rebuilt(world)
    world.clock.advance(10)
    await again.work()

    assert len(world.mailbox.sent) == 1
    assert world.model.calls == ["triage", "plan", "draft"]
    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS


async def _a_stopped_ticket(world: World) -> Any:
    world.model.will("draft", RuntimeError("the model broke"), times=MAX_ATTEMPTS)
    await world.customer_writes()
    for _ in range(MAX_ATTEMPTS):
        await world.work()
        world.clock.advance(301)
    (ticket,) = await world.tickets()
    return ticket


async def _lease_is(world: World, *, owner: str) -> None:
    async with world.database.write() as connection:
        await connection.execute(update(leases).values(owner=owner, token=leases.c.token + 1))
