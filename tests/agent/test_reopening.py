"""An answer to a ticket that was closed: soon enough it reopens it, later it opens one that follows it."""

from datetime import timedelta

import pytest

from tests.agent.arriving import CUSTOMER, again, arrives, closed, last, opened, own_id, with_policy
from tests.agent.world import World
from tickets.reopening import ONLY_THANKS


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def test_an_answer_soon_after_closing_reopens_the_ticket(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=29)

    report = await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket))

    assert report.ticket_ids == (ticket.id,)
    assert (await again(world, ticket)).status == "NEEDS_ACTION"


async def test_an_answer_long_after_closing_opens_a_ticket_that_follows_it(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=31)

    report = await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket))

    new = (await world.tickets())[-1]
    assert (report.opened, new.follows) == (1, ticket.id)
    assert (await again(world, ticket)).status == "DONE"


async def test_answering_the_old_mail_twice_opens_no_second_ticket(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=31)
    await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket))

    report = await arrives(world, sender=CUSTOMER, text="And another thing.", In_Reply_To=own_id(ticket))

    assert (report.opened, report.appended) == (0, 1)
    assert len(await world.tickets()) == 2


@pytest.mark.parametrize(("days", "opens"), [(None, 0), (0, 1)])
async def test_when_to_reopen_is_the_desks_own_choice(world: World, days: int | None, opens: int) -> None:
    with_policy(world, reopen_within=None if days is None else timedelta(days=days))
    ticket = await closed(world, await opened(world), days_ago=400)

    report = await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket))

    assert report.opened == opens


async def test_thanks_long_after_closing_are_kept_and_move_nothing(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=60)
    before = await again(world, ticket)

    report = await arrives(world, sender=CUSTOMER, text="Thank you!", In_Reply_To=own_id(ticket))

    assert (report.opened, report.automatic) == (0, 1)
    assert await again(world, ticket) == before
    assert (await last(world, ticket)).mail.text.strip() == "Thank you!"


async def test_after_late_thanks_an_answer_opens_a_ticket_that_follows_all_the_same(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=60)
    await arrives(world, sender=CUSTOMER, text="Thank you!", In_Reply_To=own_id(ticket))

    report = await arrives(world, sender=CUSTOMER, text="It fails again.", In_Reply_To=own_id(ticket))

    assert (report.opened, (await world.tickets())[-1].follows) == (1, ticket.id)


async def test_late_thanks_for_the_ticket_that_followed_are_told_there(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=60)
    await arrives(world, sender=CUSTOMER, text="It fails again.", In_Reply_To=own_id(ticket))
    followed = await closed(world, (await world.tickets())[-1])

    await arrives(world, sender=CUSTOMER, text="Thank you!", In_Reply_To=own_id(ticket))

    assert (await again(world, followed)).notice == ONLY_THANKS
    assert (await again(world, ticket)).status == "DONE"


async def test_a_question_after_thanks_is_no_longer_only_thanks(world: World) -> None:
    ticket = await closed(world, await opened(world))
    await arrives(world, sender=CUSTOMER, text="Thank you!", In_Reply_To=own_id(ticket))

    await arrives(world, sender=CUSTOMER, text="One more question.", In_Reply_To=own_id(ticket))

    assert (await again(world, ticket)).notice is None
