"""An approved reply leaves once: every way through the outbox, however often a run is killed or an answer lost."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from adapters.memory import MemoryMailbox
from persistence.leases import SqlLeases
from tests.agent.hands import (
    a_due_ticket,
    an_approved_ticket,
    deliveries_into,
    deliveries_of,
    draft_of,
    events_of,
    outgoing_of,
    question,
    rebuilt,
    said,
)
from tests.agent.world import ANNA, SETTLE_S, Killed, World
from tickets.audit import EventKind
from tickets.delivery import CLAIM_S
from tickets.errors import InFlight, NotFound, Unsettled
from tickets.mail import MailKind
from tickets.outbox import Delivered, OutboxState, Outgoing, RemoteDraft
from tickets.status import Status
from tickets.ticket import DecisionId, DecisionState, DraftState, Ticket

CRASH_POINTS = [
    "claimed_drafting",
    "draft_created",
    "stored_drafted",
    "stored_sending",
    "before_submit",
    "submitted",
    "stored_sent",
]


async def steps_of(world: World, ticket: Ticket) -> list[str]:
    """The states that the reply came to, in order."""
    return [said(event, "state") for event in await events_of(world, ticket, EventKind.SEND_STEP)]


def is_alive(world: World) -> bool:
    """Whether no run has come to the point where it is to be killed."""
    return world.crash_at is not None


# --- the straight way ------------------------------------------------------------------------------------------------


async def test_a_due_reply_leaves_and_everything_agrees(world: World) -> None:
    ticket = await a_due_ticket(world)

    await world.work()

    ticket, outgoing = await world.store.ticket(ticket.id), await outgoing_of(world, ticket)
    decision = await world.store.decision(outgoing.decision_id)
    messages = (await world.store.conversation(ticket.id)).messages
    assert world.sent_ids() == [str(outgoing.id)]
    assert world.mailbox.sent == [outgoing.mime], "what leaves is, to the byte, what was approved"
    assert (ticket.status, ticket.is_leaving, ticket.notice) == (Status.WAITING_OTHERS, False, None)
    assert (outgoing.state, outgoing.claim, outgoing.sent_at) == (OutboxState.SENT, None, world.clock.now())
    assert (await draft_of(world, ticket)).state is DraftState.SENT
    assert decision is not None
    assert decision.state is DecisionState.DONE
    assert [message.kind for message in messages] == [MailKind.CUSTOMER, MailKind.REPLY]
    assert not (await world.threads.position(ticket.id)).has_tasks


async def test_every_step_is_on_record_before_the_next_one(world: World) -> None:
    ticket = await a_due_ticket(world)

    await world.work()

    assert await steps_of(world, ticket) == ["DRAFTING", "DRAFTED", "SENDING"]
    (sent,) = await events_of(world, ticket, EventKind.SENT)
    assert (said(sent, "revision"), said(sent, "approved_by")) == (1, ANNA.name)


async def test_nothing_reaches_the_mailbox_before_the_reply_is_due(world: World) -> None:
    ticket = await an_approved_ticket(world)
    world.clock.advance(9)

    await world.work()

    assert (world.mailbox.drafts, world.mailbox.sent) == ({}, [])
    with pytest.raises(Unsettled):
        await deliveries_of(world).deliver((await outgoing_of(world, ticket)).decision_id)


async def test_our_own_reply_is_no_news_to_the_next_sync(world: World) -> None:
    ticket = await a_due_ticket(world)
    await world.work()

    await world.sync.run()
    await world.work()

    assert len(await world.tickets()) == 1
    assert len((await world.store.conversation(ticket.id)).messages) == 2


async def test_a_decision_that_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await deliveries_of(world).deliver(DecisionId(uuid4()))


async def test_delivering_what_left_again_sends_nothing(world: World) -> None:
    ticket = await a_due_ticket(world)
    await world.work()

    again = await deliveries_of(world).deliver((await outgoing_of(world, ticket)).decision_id)

    assert again == Delivered()
    assert len(world.mailbox.sent) == 1


async def test_a_desk_from_an_older_backup_finds_that_the_reply_left_long_ago(world: World) -> None:
    ticket = await a_due_ticket(world)
    outgoing = await outgoing_of(world, ticket)
    await world.mailbox.submit(await world.mailbox.prepare(outgoing), outgoing)

    await world.work()

    assert len(world.mailbox.sent) == 1
    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS


# --- killed, doubled, late -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", CRASH_POINTS)
async def test_a_run_that_is_killed_is_carried_on_and_the_reply_leaves_once(world: World, point: str) -> None:
    ticket = await a_due_ticket(world)
    world.crash_at = point

    await world.work()
    for _ in range(3):
        world.clock.advance(SETTLE_S)
        await world.work()

    assert not is_alive(world), "the run came to that point"
    assert world.sent_ids() == [str((await outgoing_of(world, ticket)).id)]
    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS
    assert world.mailbox.drafts == {}


async def test_a_run_that_was_killed_in_sending_is_looked_up_before_anything_is_sent(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.crash_at = "submitted"
    await world.work()

    world.clock.advance(2)
    await world.work()

    assert await steps_of(world, ticket) == ["DRAFTING", "DRAFTED", "SENDING", "UNKNOWN"]
    assert len(world.mailbox.sent) == 1
    assert (await outgoing_of(world, ticket)).state is OutboxState.SENT


async def test_the_claim_of_a_live_run_is_left_alone_until_its_time_is_over(world: World) -> None:
    ticket = await a_due_ticket(world)
    honest = rebuilt(world, leases=SqlLeases(world.database))
    world.crash_at = "draft_created"
    await honest.work()  # this process lives, so its claim counts
    claimed = await outgoing_of(world, ticket)

    world.clock.advance(CLAIM_S - 10)
    await honest.work()
    left_alone = await outgoing_of(world, ticket)
    failures = (await world.store.work_view(ticket.id, world.clock.now())).attempts
    world.clock.advance(10)
    await honest.work()

    assert claimed.state is OutboxState.DRAFTING
    assert left_alone == claimed
    assert failures == 0, "waiting for another run is no failure"
    assert len(world.mailbox.sent) == 1


async def test_a_run_that_comes_while_another_one_lives_is_turned_away(world: World) -> None:
    ticket = await a_due_ticket(world)
    honest = deliveries_of(world, leases=SqlLeases(world.database))
    world.crash_at = "draft_created"
    decision_id = (await outgoing_of(world, ticket)).decision_id
    with pytest.raises(Killed):
        await honest.deliver(decision_id)

    with pytest.raises(Unsettled, match="Another run is sending"):
        await honest.deliver(decision_id)

    assert world.mailbox.sent == []


async def test_a_second_run_is_told_that_the_first_one_is_sending(world: World) -> None:
    ticket = await a_due_ticket(world)
    decision_id = (await outgoing_of(world, ticket)).decision_id
    deliveries = deliveries_of(world, leases=SqlLeases(world.database))

    ends = await asyncio.gather(*(deliveries.deliver(decision_id) for _ in range(4)), return_exceptions=True)

    assert sum(isinstance(end, Delivered) for end in ends) >= 1
    assert [end for end in ends if not isinstance(end, Delivered | Unsettled)] == []
    assert len(world.mailbox.sent) == 1


class StolenMailbox(MemoryMailbox):
    """While it lays the draft down, another run settles the delivery."""

    thief: Any = None

    async def prepare(self, outgoing: Outgoing) -> RemoteDraft:
        draft = await super().prepare(outgoing)
        await self.thief()
        return draft


async def test_a_run_whose_claim_was_taken_sends_nothing(world: World) -> None:
    ticket = await a_due_ticket(world)
    decision_id = (await outgoing_of(world, ticket)).decision_id
    mailbox = StolenMailbox(world.mailbox.address, clock=world.clock)
    other = deliveries_of(world)  # to it, every claim is a dead run's
    mailbox.thief = lambda: other.deliver(decision_id)

    with pytest.raises(Unsettled, match="took this delivery over"):
        await deliveries_into(world, mailbox).deliver(decision_id)

    assert (len(world.mailbox.sent), mailbox.sent) == (1, [])
    assert len(await events_of(world, ticket, EventKind.SENT)) == 1


# --- answers that are lost -----------------------------------------------------------------------------------------


async def test_an_answer_lost_after_the_mail_left_is_found_among_the_sent_mails(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_after_accept", on="submit")

    await world.work()

    assert len(world.mailbox.sent) == 1
    assert (await outgoing_of(world, ticket)).state is OutboxState.SENT
    assert len(await events_of(world, ticket, EventKind.SEND_UNKNOWN)) == 1


async def test_an_answer_lost_before_the_mail_left_is_judged_after_the_settle_window(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")

    await world.work()
    unsure, told = await outgoing_of(world, ticket), await world.store.ticket(ticket.id)
    world.clock.advance(SETTLE_S - 1)
    await world.work()
    sent_within_the_window = len(world.mailbox.sent)
    world.clock.advance(1)
    await world.work()

    assert (unsure.state, unsure.claim) == (OutboxState.UNKNOWN, None)
    assert (told.is_leaving, "not certain yet" in (told.notice or "")) == (True, True)
    assert sent_within_the_window == 0
    assert world.sent_ids() == [str(unsure.id)]
    assert (await world.store.ticket(ticket.id)).notice is None


async def test_an_uncertain_reply_is_neither_closed_nor_edited_nor_taken_back(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")
    await world.work()

    for attempt in (
        world.desk.undo(ticket.id, by=ANNA),
        world.desk.close(ticket.id, by=ANNA),
        world.desk.edit(ticket.id, 1, "Re: x", "Other words.", by=ANNA),
        world.desk.redraft(ticket.id, "shorter", by=ANNA),
    ):
        with pytest.raises(InFlight):
            await attempt

    assert (await outgoing_of(world, ticket)).state is OutboxState.UNKNOWN


async def test_a_lookup_that_fails_leaves_the_reply_uncertain(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.crash_at = "submitted"
    await world.work()
    world.mailbox.will("unavailable", on="lookup")

    world.clock.advance(2)
    await world.work()
    unsure = await outgoing_of(world, ticket)
    world.clock.advance(2)
    await world.work()

    assert unsure.state is OutboxState.UNKNOWN
    assert len(world.mailbox.sent) == 1
    assert (await outgoing_of(world, ticket)).state is OutboxState.SENT


async def test_a_draft_whose_answer_was_lost_is_adopted(world: World) -> None:
    await a_due_ticket(world)
    world.mailbox.will("lost_after_accept", on="prepare")

    await world.work()
    laid_down = len(world.mailbox.drafts)
    world.clock.advance(2)
    await world.work()

    assert (laid_down, world.mailbox.drafts) == (1, {})
    assert len(world.mailbox.sent) == 1


# --- the customer writes while it leaves -----------------------------------------------------------------------------


async def test_a_mail_that_comes_while_the_reply_leaves_is_answered_afterwards(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")
    await world.work()

    await world.customer_answers(ticket)
    await world.work()
    drafts_while_leaving = (await draft_of(world, ticket)).revision
    world.clock.advance(SETTLE_S)
    await world.work()

    told, draft = await world.store.ticket(ticket.id), await draft_of(world, ticket)
    assert drafts_while_leaving == 1, "nothing starts over a mail that may be leaving"
    assert len(world.mailbox.sent) == 1
    assert told.status is Status.NEEDS_ACTION
    assert (draft.revision, draft.work_seq, draft.state) == (2, 2, DraftState.OPEN)
    assert (await question(world, ticket))["revision"] == 2


async def test_a_reply_that_failed_after_the_customer_wrote_again_is_not_offered_any_more(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")
    await world.work()
    await world.customer_answers(ticket)
    world.mailbox.will("rejected", on="submit")

    world.clock.advance(SETTLE_S)
    await world.work()

    draft = await draft_of(world, ticket)
    assert world.mailbox.sent == []
    assert (draft.revision, draft.work_seq, draft.state) == (2, 2, DraftState.OPEN)
    assert await world.is_at_rest(ticket.id)
