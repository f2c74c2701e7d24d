"""A mailbox that is connected again sends at once what waited for it."""

from uuid import uuid4

from tests.agent.hands import a_due_ticket, outgoing_of
from tests.agent.world import World
from tickets.mail import MailboxId
from tickets.outbox import OutboxState
from tickets.waking import Waking


async def woken(world: World) -> int:
    (record,) = await world.store.mailboxes()
    return await Waking(world.store, world.clock).wake_waiting(record.id)


async def test_replies_that_waited_for_the_mailbox_leave_at_once(world: World) -> None:
    await a_due_ticket(world)
    world.mailbox.will("disconnected", on="submit", times=3)
    for pause in (0, 2, 4):
        world.clock.advance(pause)
        await world.work()
    sent_while_disconnected = len(world.mailbox.sent)

    count = await woken(world)
    await world.work()

    assert (sent_while_disconnected, count, len(world.mailbox.sent)) == (0, 1, 1)


async def test_a_settle_window_is_kept(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")
    await world.work()
    before = await outgoing_of(world, ticket)

    count = await woken(world)
    await world.work()

    assert (count, world.mailbox.sent) == (0, [])
    assert await outgoing_of(world, ticket) == before


async def test_an_uncertain_reply_that_could_not_be_looked_up_is_looked_up_at_once(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.crash_at = "submitted"
    await world.work()
    world.mailbox.will("disconnected", on="lookup")
    world.clock.advance(2)
    await world.work()

    count = await woken(world)
    await world.work()

    assert (count, len(world.mailbox.sent)) == (1, 1)
    assert (await outgoing_of(world, ticket)).state is OutboxState.SENT


async def test_the_other_mailboxes_are_left_alone(world: World) -> None:
    await a_due_ticket(world)
    world.mailbox.will("unavailable", on="submit")
    await world.work()

    count = await Waking(world.store, world.clock).wake_waiting(MailboxId(uuid4()))
    await world.work()

    assert (count, world.mailbox.sent) == (0, [])


async def test_nothing_waits_and_nothing_is_woken(world: World) -> None:
    await a_due_ticket(world)
    await world.work()

    assert await woken(world) == 0
