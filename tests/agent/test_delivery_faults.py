"""A mailbox that refuses, is away or has lost its permission, and a reply of which nobody can tell whether it left."""

from dataclasses import replace
from typing import Any

import pytest

from adapters.memory import MemoryMailbox
from tests.agent.hands import (
    a_due_ticket,
    an_untraceable_ticket,
    deliveries_into,
    deliveries_of,
    draft_of,
    events_of,
    outgoing_of,
    question,
    said,
)
from tests.agent.world import ANNA, SETTLE_S, World
from tickets.audit import EventKind
from tickets.boards import MailboxState
from tickets.errors import Conflict, Disconnected, InFlight, Unavailable, Unsettled
from tickets.mail import MailboxId, MailKind
from tickets.outbox import OutboxState, Outgoing, Receipt, Refused, RemoteDraft
from tickets.ports import Mailbox
from tickets.status import Status
from tickets.ticket import DecisionState, DraftState, Ticket


class BusyMailbox(MemoryMailbox):
    """Asks to be left alone for two minutes."""

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        raise Unavailable("Too many requests.", retry_after_s=120.0)


# --- faults that are certain ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "stays"),
    [("lookup", OutboxState.DRAFTING), ("prepare", OutboxState.DRAFTING), ("submit", OutboxState.DRAFTED)],
)
async def test_a_mailbox_that_is_away_is_tried_again_with_growing_pauses(
    world: World, on: Any, stays: OutboxState
) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("unavailable", on=on, times=2)

    await world.work()
    first, told = await outgoing_of(world, ticket), await world.store.ticket(ticket.id)
    began = world.clock.now()
    world.clock.advance(2)
    await world.work()
    second = await outgoing_of(world, ticket)
    world.clock.advance(4)
    await world.work()

    assert (first.state, first.attempts, first.claim) == (stays, 1, None)
    assert (told.is_leaving, (told.notice or "").count("tried again by itself")) == (True, 1)
    assert first.next_at is not None
    assert second.next_at is not None
    assert [(first.next_at - began).seconds, (second.next_at - began).seconds] == [2, 6]
    assert len(world.mailbox.sent) == 1


async def test_the_pause_that_a_provider_asks_for_is_kept(world: World) -> None:
    ticket = await a_due_ticket(world)
    busy = BusyMailbox(world.mailbox.address, clock=world.clock)

    with pytest.raises(Unsettled) as raised:
        await deliveries_into(world, busy).deliver((await outgoing_of(world, ticket)).decision_id)

    assert raised.value.next_at is not None
    assert (raised.value.next_at - world.clock.now()).seconds == 120


@pytest.mark.parametrize("on", ["prepare", "submit"])
async def test_a_refused_reply_is_offered_again_with_the_reason(world: World, on: Any) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("rejected", on=on)

    await world.work()

    told, outgoing = await world.store.ticket(ticket.id), await outgoing_of(world, ticket)
    decision = await world.store.decision(outgoing.decision_id)
    assert world.mailbox.sent == []
    assert (told.status, told.is_leaving) == (Status.NEEDS_ACTION, False)
    assert "refused the request" in (told.notice or "")
    assert outgoing.state is OutboxState.FAILED
    assert decision is not None
    assert decision.state is DecisionState.REFUSED
    assert (await draft_of(world, ticket)).state is DraftState.OPEN
    assert "was not sent" in (await question(world, ticket))["description"]
    assert len(await events_of(world, ticket, EventKind.SEND_FAILED)) == 1
    assert await deliveries_of(world).deliver(outgoing.decision_id) == Refused()


async def test_a_refused_reply_may_be_approved_again(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("rejected", on="submit")
    await world.work()
    refused = await outgoing_of(world, ticket)

    await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()

    assert world.sent_ids() == [str((await outgoing_of(world, ticket)).id)]
    assert world.sent_ids() != [str(refused.id)]


@pytest.mark.parametrize("on", ["prepare", "submit"])
async def test_a_mailbox_whose_permission_is_gone_says_so_and_the_reply_waits(world: World, on: Any) -> None:
    await a_due_ticket(world)
    world.mailbox.will("disconnected", on=on)

    await world.work()
    (line,) = await world.boards.mailboxes()
    world.clock.advance(2)
    await world.work()

    assert (line.state, "Reconnect" in (line.detail or "")) == (MailboxState.RECONNECT_REQUIRED, True)
    assert len(world.mailbox.sent) == 1


async def test_a_mailbox_that_cannot_be_opened_puts_the_reply_off(world: World) -> None:
    ticket = await a_due_ticket(world)

    async def closed(_: MailboxId) -> Mailbox:
        raise Disconnected("No authorisation is on record.")

    cut_off = replace(deliveries_of(world), open_mailbox=closed)

    with pytest.raises(Unsettled):
        await cut_off.deliver((await outgoing_of(world, ticket)).decision_id)

    waiting = await outgoing_of(world, ticket)
    assert (waiting.state, waiting.claim, waiting.attempts) == (OutboxState.DRAFTING, None, 1)


class PickyMailbox(MemoryMailbox):
    """Its server takes the reply, but not for everybody."""

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        receipt = await super().submit(draft, outgoing)
        return replace(receipt, refused=("gone@example.net",))


async def test_a_reply_that_not_everybody_got_says_who_did_not(world: World) -> None:
    ticket = await a_due_ticket(world)
    picky = PickyMailbox(world.mailbox.address, clock=world.clock)

    await deliveries_into(world, picky).deliver((await outgoing_of(world, ticket)).decision_id)
    await world.work()

    told = await world.store.ticket(ticket.id)
    (sent,) = await events_of(world, ticket, EventKind.SENT)
    assert len(picky.sent) == 1
    assert (told.status, told.is_leaving) == (Status.NEEDS_ACTION, False)
    assert "not to gone@example.net" in (told.notice or "")
    assert said(sent, "refused") == 1
    assert "gone@example.net" not in repr(await events_of(world, ticket)), "the record and the log name no address"


async def writes_as(world: World, ticket: Ticket, sender: str) -> None:
    before = await outgoing_of(world, ticket)
    async with world.store.begin() as tx:
        assert await tx.move_outgoing(before, replace(before, sender=sender))


async def test_a_reply_from_an_address_that_is_not_confirmed_stays_here_with_what_to_do(world: World) -> None:
    ticket = await a_due_ticket(world)
    await writes_as(world, ticket, "sales@helios.example")

    await world.work()

    told, outgoing = await world.store.ticket(ticket.id), await outgoing_of(world, ticket)
    assert (world.mailbox.sent, world.mailbox.drafts) == ([], {})
    assert outgoing.state is OutboxState.FAILED
    assert "may not write as" in (told.notice or "")
    assert (await draft_of(world, ticket)).state is DraftState.OPEN


@pytest.mark.parametrize("sender", ["Sales@helios.example", "SUPPORT@helios.example", ""])
async def test_a_reply_leaves_from_the_mailboxs_own_address_or_a_confirmed_alias(world: World, sender: str) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.aliases.add("sales@helios.example")
    await writes_as(world, ticket, sender)

    await world.work()

    assert len(world.mailbox.sent) == 1


# --- nobody can tell -----------------------------------------------------------------------------------------------


async def test_a_reply_that_is_nowhere_is_looked_for_and_then_an_operator_is_asked(world: World) -> None:
    ticket = await an_untraceable_ticket(world)

    outgoing = await outgoing_of(world, ticket)
    assert (outgoing.state, outgoing.next_at, outgoing.claim) == (OutboxState.NEEDS_HUMAN, None, None)
    assert (ticket.is_leaving, "Nobody can tell" in (ticket.notice or "")) == (False, True)
    assert world.mailbox.sent == []


async def test_how_long_it_is_looked_for_is_a_setting(world: World) -> None:
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")
    await world.work()
    world.mailbox.drafts.clear()
    world.clock.advance(SETTLE_S)
    impatient = replace(deliveries_of(world), give_up_s=SETTLE_S)

    with pytest.raises(Unsettled) as raised:
        await impatient.deliver((await outgoing_of(world, ticket)).decision_id)

    assert raised.value.next_at is None
    assert (await outgoing_of(world, ticket)).state is OutboxState.NEEDS_HUMAN


async def test_a_reply_that_waits_for_an_operators_word_is_left_alone(world: World) -> None:
    ticket = await an_untraceable_ticket(world)

    world.clock.advance(86_400)
    woken = await world.sweep.run()
    await world.work()

    assert woken == 0
    assert (await outgoing_of(world, ticket)).state is OutboxState.NEEDS_HUMAN
    with pytest.raises(InFlight):
        await world.desk.undo(ticket.id, by=ANNA)


async def test_the_operators_word_that_it_was_sent_ends_the_delivery(world: World) -> None:
    ticket = await an_untraceable_ticket(world)

    told = await world.desk.settle(ticket.id, was_sent=True, by=ANNA)
    await world.work()

    assert (told.status, told.notice) == (Status.WAITING_OTHERS, None)
    assert (await outgoing_of(world, ticket)).state is OutboxState.SENT
    assert (await world.store.conversation(ticket.id)).messages[-1].kind is MailKind.REPLY
    (word,) = await events_of(world, ticket, EventKind.SEND_SETTLED_BY_HAND)
    assert (word.actor, said(word, "was_sent")) == (ANNA.name, True)
    assert world.mailbox.sent == []
    assert await world.is_at_rest(ticket.id)


async def test_the_operators_word_that_it_was_not_sent_offers_the_draft_again(world: World) -> None:
    ticket = await an_untraceable_ticket(world)

    told = await world.desk.settle(ticket.id, was_sent=False, by=ANNA)
    await world.work()
    offered = await draft_of(world, ticket)
    await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()

    assert told.status is Status.NEEDS_ACTION
    assert offered.state is DraftState.OPEN
    assert len(world.mailbox.sent) == 1


async def test_there_is_nothing_to_settle_before_an_operator_was_asked(world: World) -> None:
    ticket = await a_due_ticket(world)

    with pytest.raises(Conflict, match="No delivery of this ticket waits"):
        await world.desk.settle(ticket.id, was_sent=True, by=ANNA)

    await world.work()
    with pytest.raises(Conflict):
        await world.desk.settle(ticket.id, was_sent=False, by=ANNA)


@pytest.mark.parametrize(
    ("was_sent", "becomes"), [(True, DraftState.SENT), (False, DraftState.SUPERSEDED)], ids=["sent", "not sent"]
)
async def test_the_operators_word_comes_after_the_customer_wrote_again(
    world: World, was_sent: bool, becomes: DraftState
) -> None:
    ticket = await an_untraceable_ticket(world)
    await world.customer_answers(ticket)

    told = await world.desk.settle(ticket.id, was_sent=was_sent, by=ANNA)
    old = await draft_of(world, ticket)
    await world.work()

    assert told.status is Status.NEEDS_ACTION, "the customer waits, whatever became of our reply"
    assert (old.revision, old.state) == (1, becomes)
    assert (await draft_of(world, ticket)).work_seq == 2
