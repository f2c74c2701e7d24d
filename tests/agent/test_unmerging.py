"""Undoing a merge: what came with the merged ticket goes back, what came later stays."""

from dataclasses import replace

import pytest

from tests.agent.arriving import CUSTOMER, again, arrives, closed, conversation, opened, own_id, with_policy
from tests.agent.hands import (
    UNDO_S,
    an_answered_ticket,
    an_untraceable_ticket,
    draft_of,
    events_of,
    question,
    said,
    waiting,
)
from tests.agent.world import ANNA, World
from tickets.audit import EventKind
from tickets.errors import Conflict, InFlight, NotAllowed
from tickets.merging import Merging
from tickets.noting import Noting
from tickets.people import Actor
from tickets.putting_off import PuttingOff
from tickets.splitting import Splitting
from tickets.status import Status
from tickets.tags import Tagging
from tickets.ticket import DraftState, Ticket
from tickets.unmerging import Unmerging


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def merge(world: World, source: Ticket, into: Ticket, *, confirmed: bool = False) -> None:
    await Merging(world.store, world.clock).merge(source.id, into.id, by=ANNA, confirmed=confirmed)


async def undo(world: World, source: Ticket) -> Ticket:
    return await Unmerging(world.store, world.clock).undo(source.id, by=ANNA)


async def two(world: World) -> tuple[Ticket, Ticket]:
    """Two drafted tickets of one customer."""
    first = await opened(world, subject="Inverter error")
    second = await opened(world, subject="The same again", text="I forgot: it is the one in the cellar.")
    await world.work()
    return await again(world, first), await again(world, second)


async def subjects(world: World, ticket: Ticket) -> list[str]:
    return [message.mail.subject for message in (await conversation(world, ticket)).messages]


async def test_the_merged_ticket_is_as_it_was_with_its_draft_at_the_approval(world: World) -> None:
    first, second = await two(world)
    drafted = await draft_of(world, second)
    await merge(world, second, first)
    await world.work()

    await undo(world, second)
    await world.work()

    back = await again(world, second)
    assert (back.status, back.merged_into, back.notice) == (second.status, None, second.notice)
    assert (back.waiting_since, back.work_seq) == (second.waiting_since, second.work_seq)
    assert await draft_of(world, second) == drafted
    assert (await question(world, second))["content_hash"] == drafted.content_hash
    assert await subjects(world, second) == ["The same again"]


async def test_what_came_back_can_be_approved_and_is_sent(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)
    await world.work()
    await undo(world, second)
    await world.work()

    await world.approve(second.id)
    world.clock.advance(UNDO_S)
    await world.work()

    assert len(world.mailbox.sent) == 1
    assert (await again(world, second)).status is Status.WAITING_OTHERS


async def test_the_other_ticket_gets_its_own_draft_back_and_forgets_the_one_that_knew_both(world: World) -> None:
    first, second = await two(world)
    own = await draft_of(world, first)
    await merge(world, second, first)
    await world.work()
    of_both = await draft_of(world, first)

    await undo(world, second)
    await world.work()

    restored = await draft_of(world, first)
    assert (restored.body, restored.state, restored.revision) == (own.body, DraftState.OPEN, of_both.revision + 1)
    assert await subjects(world, first) == ["Inverter error"]
    assert (await question(world, first))["revision"] == restored.revision
    assert await waiting(world, first) != await waiting(world, second)


async def test_a_closed_ticket_that_a_merge_woke_is_closed_again(world: World) -> None:
    first, second = await two(world)
    await closed(world, first)
    await merge(world, second, first)
    await world.work()

    await undo(world, second)
    await world.work()

    assert (await again(world, first)).status is Status.DONE
    assert await world.is_at_rest(first.id)


async def test_an_agent_that_is_still_at_work_offers_nothing_of_the_other_conversation(world: World) -> None:
    first = await opened(world)
    second = await opened(world, subject="The same again")
    await merge(world, second, first)

    await undo(world, second)
    await world.work()

    for ticket in (first, second):
        assert (await again(world, ticket)).status is Status.NEEDS_ACTION
        assert (await draft_of(world, ticket)).state is DraftState.OPEN
        assert await world.is_at_rest(ticket.id)


async def test_a_wish_for_another_draft_is_granted_after_all(world: World) -> None:
    first, second = await two(world)
    await world.desk.redraft(second.id, "Shorter", by=ANNA)
    await merge(world, second, first)

    await undo(world, second)
    await world.work()

    assert (await draft_of(world, second)).revision == 2
    assert (await draft_of(world, second)).state is DraftState.OPEN


async def test_an_approval_that_the_merge_withdrew_is_asked_for_again(world: World) -> None:
    first, second = await two(world)
    await world.approve(second.id)
    await merge(world, second, first)

    await undo(world, second)
    world.clock.advance(60)
    await world.work()

    assert world.mailbox.sent == []
    assert (await draft_of(world, second)).state is DraftState.OPEN
    assert not (await again(world, second)).is_leaving


async def test_assignee_snooze_tags_and_notes_come_back(world: World) -> None:
    first, second = await two(world)
    until = world.clock.now().replace(year=2027, month=1)
    await Tagging(world.store, world.clock).change(first.id, add=["cellar"], by=ANNA)
    await Tagging(world.store, world.clock).change(second.id, add=["cellar", "twice"], by=ANNA)
    await PuttingOff(world.store, world.clock).snooze(second.id, until, by=ANNA)
    note = await Noting(world.store, world.clock).add(second.id, "He called.", by=ANNA)
    before = await again(world, second)

    await merge(world, second, first)
    merged_tags, merged_notes = (await again(world, first)).tags, await world.store.notes(first.id)
    await undo(world, second)

    assert merged_tags == ("cellar", "twice")
    assert [(each.id, each.came_from, each.came_from_number) for each in merged_notes] == [(note.id, second.id, 2)]
    assert (await again(world, first)).tags == ("cellar",)
    assert await world.store.notes(first.id) == ()
    assert await world.store.notes(second.id) == (note,)
    back = await again(world, second)
    assert replace(back, updated_at=before.updated_at) == before


async def test_what_came_later_stays(world: World) -> None:
    first, second = await two(world)
    known = (await conversation(world, second)).messages[0].mail.message_id
    await merge(world, second, first)
    await world.work()
    await arrives(world, sender=CUSTOMER, subject="Re: The same again", In_Reply_To=known)
    note = await Noting(world.store, world.clock).add(first.id, "Since the merge.", by=ANNA)
    await Tagging(world.store, world.clock).change(first.id, add=["later"], by=ANNA)
    await world.work()

    await undo(world, second)
    await world.work()

    assert await subjects(world, first) == ["Inverter error", "Re: The same again"]
    assert await subjects(world, second) == ["The same again"]
    assert await world.store.notes(first.id) == (note,)
    assert (await again(world, first)).tags == ("later",)
    assert (await draft_of(world, first)).state is DraftState.OPEN
    assert (await again(world, first)).status is Status.NEEDS_ACTION


async def test_a_reply_that_was_sent_meanwhile_stays_and_is_told_where_it_may_be_repeated(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)
    await world.work()
    await world.approve(first.id)
    world.clock.advance(UNDO_S)
    await world.work()

    await undo(world, second)
    await world.work()

    assert (await again(world, first)).status is Status.WAITING_OTHERS
    assert len((await conversation(world, first)).messages) == 2
    assert "a reply was sent there" in ((await again(world, second)).notice or "")


async def test_a_reply_on_its_way_holds_the_undo_up(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)
    await world.work()
    await world.approve(first.id)

    with pytest.raises(Conflict, match="Undo the approval first"):
        await undo(world, second)
    await world.desk.undo(first.id, by=ANNA)
    await undo(world, second)

    assert (await again(world, second)).merged_into is None


async def test_a_reply_that_nobody_can_trace_holds_the_undo_up(world: World) -> None:
    other = await opened(world)
    leaving = await an_untraceable_ticket(world)
    await merge(world, other, leaving, confirmed=True)

    with pytest.raises(InFlight):
        await undo(world, other)


async def test_a_ticket_that_had_nothing_to_answer_leaves_the_others_draft_alone(world: World) -> None:
    answered = await an_answered_ticket(world)
    other = await opened(world, sender=answered.requester.address)
    await world.work()
    own = await draft_of(world, other)
    await merge(world, answered, other)

    await undo(world, answered)
    await world.work()

    assert await draft_of(world, other) == own
    assert (await again(world, answered)).status is Status.WAITING_OTHERS
    assert len((await conversation(world, answered)).messages) == 2


async def test_whoever_came_along_takes_part_no_longer(world: World) -> None:
    mine, theirs = await opened(world), await opened(world, sender="Carl <carl@example.org>")
    await merge(world, theirs, mine, confirmed=True)

    await undo(world, theirs)
    report = await arrives(world, sender="Carl <carl@example.org>", subject=f"[#{mine.number}] and mine?")

    assert report.opened == 1


async def test_answers_come_to_the_ticket_that_is_back(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)
    await undo(world, second)

    report = await arrives(world, sender=CUSTOMER, subject="Re: it", In_Reply_To=own_id(second))

    assert report.ticket_ids == (second.id,)


async def test_a_merge_is_undone_once_and_may_be_done_again(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)
    await undo(world, second)

    with pytest.raises(Conflict, match="not merged"):
        await undo(world, second)
    await merge(world, second, first)
    await undo(world, second)

    assert await subjects(world, second) == ["The same again"]


async def test_merges_in_a_row_are_undone_from_the_last_one(world: World) -> None:
    first, second = await two(world)
    third = await opened(world, subject="Once more")
    await Noting(world.store, world.clock).add(first.id, "Of the first.", by=ANNA)
    await merge(world, first, second)
    await merge(world, second, third)

    with pytest.raises(Conflict, match="Undo that merge first"):
        await undo(world, first)
    await undo(world, second)
    (note,) = await world.store.notes(second.id)
    await undo(world, first)

    assert note.came_from == first.id
    assert [await subjects(world, each) for each in (first, second, third)] == [
        ["Inverter error"],
        ["The same again"],
        ["Once more"],
    ]
    assert [each.came_from for each in await world.store.notes(first.id)] == [None]


async def test_mails_that_were_split_off_since_come_back_first(world: World) -> None:
    first, second = await two(world)
    moved = (await conversation(world, second)).messages[0].id
    await merge(world, second, first)
    await Splitting(world.store, world.clock).split(first.id, [moved], by=ANNA)

    with pytest.raises(Conflict, match="Undo that split first"):
        await undo(world, second)


async def test_the_record_tells_of_the_undo_on_both(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)

    await undo(world, second)

    for ticket in (first, second):
        (event,) = await events_of(world, ticket, EventKind.MERGE_UNDONE)
        assert (said(event, "source"), said(event, "into"), event.actor) == (second.number, first.number, ANNA.name)


async def test_only_who_may_draft_may_undo_a_merge(world: World) -> None:
    first, second = await two(world)
    await merge(world, second, first)

    with pytest.raises(NotAllowed):
        await Unmerging(world.store, world.clock).undo(second.id, by=Actor("operator:viewer"))
