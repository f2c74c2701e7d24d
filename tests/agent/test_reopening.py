"""An answer to a ticket that was closed: soon enough it reopens it, later it opens one that follows it."""

from datetime import timedelta

import pytest

from tests.agent.arriving import CUSTOMER, again, arrives, closed, opened, own_id, with_policy
from tests.agent.world import World


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
