"""Storms: too many mails within an hour are kept and told, and ask for no draft."""

from datetime import timedelta

import pytest

from tests.agent.arriving import CUSTOMER, again, arrives, kinds, last, opened, own_id, with_policy
from tests.agent.hands import a_due_ticket, an_answered_ticket, events_of
from tests.agent.world import ANNA, World
from tests.service import a_mail
from tickets.audit import EventKind
from tickets.mail import MailKind
from tickets.reopening import ONLY_THANKS
from tickets.status import Status
from tickets.storms import NOTICE
from tickets.ticket import Ticket


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def test_a_storm_on_a_ticket_is_kept_and_told_once_and_asks_for_no_draft(world: World) -> None:
    with_policy(world, max_per_ticket_and_hour=3)
    ticket = await opened(world)

    for number in range(5):
        await arrives(world, sender=CUSTOMER, text=f"Again {number}", In_Reply_To=own_id(ticket))

    told = await again(world, ticket)
    assert (told.work_seq, told.notice) == (3, NOTICE)
    assert await kinds(world, ticket) == [MailKind.CUSTOMER] * 3 + [MailKind.AUTOMATIC] * 3
    assert len(await events_of(world, ticket, EventKind.STORM_CALMED)) == 1


async def test_that_mails_were_set_aside_is_told_beside_the_draft_until_an_operator_acts(world: World) -> None:
    ticket = await a_stormy_ticket(world)

    await world.work()
    beside_the_draft = await again(world, ticket)
    await world.desk.close(ticket.id, by=ANNA)

    assert beside_the_draft.settled_seq == 2
    assert NOTICE in (beside_the_draft.notice or "")
    assert (await again(world, ticket)).notice is None


async def test_a_draft_that_an_operator_asks_for_ends_the_notice(world: World) -> None:
    ticket = await a_stormy_ticket(world)
    await world.work()

    await world.desk.redraft(ticket.id, "answer them all", by=ANNA)
    await world.work()

    assert NOTICE not in ((await again(world, ticket)).notice or "")


async def test_a_storm_while_a_reply_leaves_is_still_told_when_it_has_left(world: World) -> None:
    ticket = await a_due_ticket(world)
    with_policy(world, max_per_ticket_and_hour=0)
    await arrives(world, sender=ticket.requester.address, text="Again", In_Reply_To=own_id(ticket))

    await world.work()

    assert (await again(world, ticket)).status is Status.WAITING_OTHERS
    assert (await again(world, ticket)).notice == NOTICE


async def test_a_storm_is_told_beside_what_was_told_before(world: World) -> None:
    ticket = await an_answered_ticket(world)
    await arrives(world, sender=ticket.requester.address, text="Thank you!", In_Reply_To=own_id(ticket))
    with_policy(world, max_per_ticket_and_hour=0)

    await arrives(world, sender=ticket.requester.address, text="Again", In_Reply_To=own_id(ticket))

    assert (await again(world, ticket)).notice == f"{ONLY_THANKS} {NOTICE}"


async def a_stormy_ticket(world: World) -> Ticket:
    """Two mails to answer, and two that were set aside."""
    with_policy(world, max_per_ticket_and_hour=2)
    ticket = await opened(world)
    for number in range(3):
        await arrives(world, sender=CUSTOMER, text=f"Again {number}", In_Reply_To=own_id(ticket))
    return ticket


async def test_after_the_storm_the_customer_is_heard_again(world: World) -> None:
    with_policy(world, max_per_ticket_and_hour=2)
    ticket = await opened(world)
    for number in range(4):
        await arrives(world, sender=CUSTOMER, text=f"Again {number}", In_Reply_To=own_id(ticket))

    world.clock.advance(3700)
    await arrives(world, sender=CUSTOMER, text="Are you there?", In_Reply_To=own_id(ticket))

    assert (await last(world, ticket)).kind is MailKind.CUSTOMER
    assert (await again(world, ticket)).work_seq == 3


async def test_a_sender_who_opens_ticket_after_ticket_is_put_aside_with_the_reason(world: World) -> None:
    with_policy(world, max_per_sender_and_hour=2)
    for number in range(3):
        await arrives(world, sender=CUSTOMER, subject=f"Alarm {number}")

    report = await arrives(world, sender="Carl <carl@example.org>", subject="My own matter")

    (aside,) = await world.boards.quarantined(10)
    assert (len(await world.tickets()), report.opened) == (3, 1)
    assert "Too many mails" in aside.reason


async def test_an_old_mail_of_a_first_sync_is_history_and_no_storm(world: World) -> None:
    with_policy(world, max_per_sender_and_hour=2)
    before = world.clock.now() - timedelta(days=2)
    for number in range(5):
        mail = a_mail(f"Matter {number}", sender=CUSTOMER)
        world.mailbox.receive(mail.as_bytes(), received_at=world.clock.now() if number < 2 else before)

    await world.sync.run()

    assert len(await world.tickets()) == 5
