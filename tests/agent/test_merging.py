"""Two tickets that are one matter: what moves, what ends, and who has to agree."""

from uuid import UUID

import pytest

from tests.agent.arriving import CUSTOMER, again, arrives, closed, conversation, opened, own_id, with_policy
from tests.agent.hands import (
    a_due_ticket,
    an_answered_ticket,
    an_untraceable_ticket,
    draft_of,
    events_of,
    outgoing_of,
    said,
)
from tests.agent.test_machines import bounces
from tests.agent.world import ANNA, World
from tickets.audit import EventKind
from tickets.boards import BoardFilter, BoardLine
from tickets.errors import BadInput, Conflict, InFlight, NotAllowed, NotFound
from tickets.merging import Merging, OtherRequester
from tickets.outbox import OutboxState
from tickets.people import Actor
from tickets.status import Status
from tickets.ticket import DraftState, Ticket, TicketId


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def merge(world: World, source: Ticket, into: Ticket, *, confirmed: bool = False) -> Ticket:
    return await Merging(world.store, world.clock).merge(source.id, into.id, by=ANNA, confirmed=confirmed)


async def two(world: World) -> tuple[Ticket, Ticket]:
    """Two drafted tickets of one customer."""
    first = await opened(world, subject="Inverter error")
    second = await opened(world, subject="The same again", text="I forgot: it is the one in the cellar.")
    await world.work()
    return first, second


async def test_all_mails_are_on_the_other_ticket_and_the_emptied_one_points_there(world: World) -> None:
    first, second = await two(world)

    await merge(world, second, first)

    emptied = await again(world, second)
    subjects = [message.mail.subject for message in (await conversation(world, first)).messages]
    assert subjects == ["Inverter error", "The same again"]
    assert (emptied.status, emptied.merged_into) == (Status.DONE, first.id)
    assert (await conversation(world, second)).messages == ()
    assert [(line.number, line.mails) for line in await lines(world)] == [(1, 2), (2, 0)]


async def test_the_drafts_of_both_give_way_to_one_that_knows_all_mails(world: World) -> None:
    first, second = await two(world)

    await merge(world, second, first)
    await world.work()

    assert (await draft_of(world, second)).state is DraftState.SUPERSEDED
    assert (await draft_of(world, first)).revision == 2
    assert (await draft_of(world, first)).state is DraftState.OPEN
    assert await world.is_at_rest(second.id)


async def test_an_approval_that_nobody_claimed_is_withdrawn(world: World) -> None:
    first, second = await two(world)
    await world.approve(second.id)

    await merge(world, second, first)
    world.clock.advance(60)
    await world.work()

    assert (await outgoing_of(world, second)).state is OutboxState.CANCELLED
    assert world.mailbox.sent == []


async def test_a_reply_that_may_be_leaving_holds_the_merge_up(world: World) -> None:
    leaving = await an_untraceable_ticket(world)
    other = await opened(world)

    with pytest.raises(InFlight):
        await merge(world, leaving, other, confirmed=True)

    assert (await again(world, leaving)).merged_into is None


async def test_an_answered_ticket_brings_its_mails_and_asks_for_nothing(world: World) -> None:
    answered = await an_answered_ticket(world)
    other = await closed(world, await opened(world, sender=answered.requester.address))

    await merge(world, answered, other)

    assert (await again(world, other)).status is Status.DONE
    assert len((await conversation(world, other)).messages) == 3


async def test_who_waits_longest_decides_how_long_the_ticket_has_waited(world: World) -> None:
    first = await opened(world)
    world.clock.advance(3600)
    second = await opened(world, subject="The same again")

    await merge(world, first, second)

    assert (await again(world, second)).waiting_since == first.waiting_since


async def test_different_people_are_merged_only_after_a_second_thought(world: World) -> None:
    mine, theirs = await opened(world), await opened(world, sender="Carl <carl@example.org>")

    with pytest.raises(OtherRequester, match="Carl"):
        await merge(world, theirs, mine)
    await merge(world, theirs, mine, confirmed=True)

    assert len((await conversation(world, mine)).messages) == 2


async def test_a_ticket_is_not_merged_into_itself_nor_in_a_circle_nor_twice(world: World) -> None:
    first, second = await two(world)
    third = await opened(world, subject="Once more")

    with pytest.raises(BadInput, match="itself"):
        await merge(world, first, first)
    await merge(world, second, first)
    with pytest.raises(Conflict, match="merged"):
        await merge(world, first, second)
    with pytest.raises(Conflict, match="merged"):
        await merge(world, second, third)
    with pytest.raises(NotFound):
        await Merging(world.store, world.clock).merge(TicketId(UUID(int=1)), first.id, by=ANNA)


async def test_only_who_may_draft_may_merge(world: World) -> None:
    first, second = await two(world)

    with pytest.raises(NotAllowed):
        await Merging(world.store, world.clock).merge(second.id, first.id, by=Actor("operator:viewer"))


async def test_both_tickets_record_the_merge(world: World) -> None:
    first, second = await two(world)

    await merge(world, second, first)

    for ticket in (first, second):
        (event,) = await events_of(world, ticket, EventKind.MERGED)
        assert (said(event, "source"), said(event, "into")) == (second.number, first.number)


async def test_a_merged_ticket_is_not_reopened(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)

    with pytest.raises(Conflict, match="merged"):
        await world.desk.reopen(second.id, by=ANNA)


# --- mail that still answers the emptied ticket ---------------------------------------------------------------------


async def test_answers_to_a_merged_ticket_follow_it_however_they_name_it(world: World) -> None:
    first, second = await two(world)
    third = await opened(world, subject="Once more")
    known = (await conversation(world, first)).messages[0].mail.message_id
    await merge(world, first, second)
    await merge(world, second, third)

    for mail in (
        {"In_Reply_To": own_id(first)},
        {"In_Reply_To": known},
        {"subject": f"[#{first.number}] still there"},
    ):
        report = await arrives(world, sender=CUSTOMER, text=str(mail), **mail)
        assert report.ticket_ids == (third.id,), mail

    assert (await again(world, first)).status is Status.DONE


async def test_a_stranger_does_not_come_in_by_way_of_a_merged_ticket(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)

    report = await arrives(world, sender="eve@elsewhere.example", subject=f"[#{second.number}]")

    assert report.opened == 1


async def test_a_bounce_of_a_reply_on_a_merged_ticket_is_shown_where_its_mails_are(world: World) -> None:
    answered = await a_due_ticket(world)
    await world.work()
    other = await closed(world, await opened(world, sender=answered.requester.address))
    await merge(world, answered, other)

    await bounces(world, (await outgoing_of(world, answered)).message_id, answered.requester.key)

    assert "could not be delivered" in ((await again(world, other)).notice or "")
    assert (await again(world, answered)).status is Status.DONE


async def lines(world: World) -> list[BoardLine]:
    page = await world.boards.page(BoardFilter(), limit=10, cursor=None)
    return sorted(page.lines, key=lambda line: line.number)
