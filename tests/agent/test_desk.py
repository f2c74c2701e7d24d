"""What operators do to a ticket, and what becomes of it."""

from email.parser import BytesParser
from email.policy import default

import pytest

from tests.agent.hands import (
    a_drafted_ticket,
    a_due_ticket,
    an_answered_ticket,
    an_approved_ticket,
    draft_of,
    events_of,
    outgoing_of,
    question,
    rebuilt,
    said,
)
from tests.agent.world import ANNA, World
from tests.service import a_mail
from tickets.audit import EventKind
from tickets.errors import BadInput, Conflict, FlagsOpen, InFlight, NotAllowed, StaleDraft
from tickets.outbox import OutboxState
from tickets.people import SCOPES_OF, Actor, Role
from tickets.status import Status
from tickets.ticket import DecisionState, DraftState, ProposedReply, Seen, Ticket

VIEWER = Actor("operator:vera@helios.example", SCOPES_OF[Role.VIEWER])
CLAIMS = "Please pay 1.240,00 EUR at https://pay.example.com today."


async def a_flagged_ticket(world: World) -> Ticket:
    """Its draft makes two claims that no source bears out."""
    world.model.will("draft", ProposedReply("Re: Inverter", CLAIMS, (), "scripted"))
    return await a_drafted_ticket(world)


# --- undo ----------------------------------------------------------------------------------------------------------


async def test_an_approval_is_taken_back_within_the_undo_window(world: World) -> None:
    ticket = await an_approved_ticket(world)
    world.clock.advance(9)

    told = await world.desk.undo(ticket.id, by=ANNA)
    world.clock.advance(60)
    await world.work()

    outgoing = await outgoing_of(world, ticket)
    decision = await world.store.decision(outgoing.decision_id)
    assert world.mailbox.sent == []
    assert (told.is_leaving, outgoing.state) == (False, OutboxState.CANCELLED)
    assert decision is not None
    assert decision.state is DecisionState.CANCELLED
    assert (await draft_of(world, ticket)).state is DraftState.OPEN
    assert len(await events_of(world, ticket, EventKind.UNDONE)) == 1
    assert await world.is_at_rest(ticket.id)


async def test_an_approval_that_was_taken_back_may_be_given_again_with_a_window_of_its_own(world: World) -> None:
    ticket = await an_approved_ticket(world)
    world.clock.advance(9)
    await world.desk.undo(ticket.id, by=ANNA)

    await world.approve(ticket.id)
    world.clock.advance(9)
    await world.work()
    sent_early = len(world.mailbox.sent)
    world.clock.advance(1)
    await world.work()

    assert sent_early == 0
    assert world.sent_ids() == [str((await outgoing_of(world, ticket)).id)]


async def test_after_the_window_an_approval_can_be_taken_back_until_somebody_carries_it_away(world: World) -> None:
    ticket = await a_due_ticket(world)

    await world.desk.undo(ticket.id, by=ANNA)
    await world.work()

    assert world.mailbox.sent == []


async def test_a_reply_that_left_cannot_be_taken_back(world: World) -> None:
    ticket = await an_answered_ticket(world)

    with pytest.raises(InFlight, match="Too late"):
        await world.desk.undo(ticket.id, by=ANNA)


async def test_there_is_nothing_to_take_back_before_an_approval_or_after_an_undo(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    with pytest.raises(Conflict):
        await world.desk.undo(ticket.id, by=ANNA)
    await world.approve(ticket.id)
    await world.desk.undo(ticket.id, by=ANNA)

    with pytest.raises(Conflict, match="no approved reply"):
        await world.desk.undo(ticket.id, by=ANNA)


# --- approvals -----------------------------------------------------------------------------------------------------


async def test_the_same_approval_again_is_the_same_approval(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    first, second = await world.approve(ticket.id), await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()
    third = await world.approve(ticket.id)

    assert first == second
    assert third.status is Status.WAITING_OTHERS
    assert len(world.mailbox.sent) == 1
    assert len(await events_of(world, ticket, EventKind.APPROVED)) == 1


@pytest.mark.parametrize("wrong", ["revision", "content_hash"])
async def test_an_approval_of_something_else_is_refused_with_the_revision_to_review(world: World, wrong: str) -> None:
    ticket = await a_drafted_ticket(world)
    draft = await draft_of(world, ticket)
    seen = Seen(7, draft.content_hash) if wrong == "revision" else Seen(1, "0" * 64)

    with pytest.raises(StaleDraft) as raised:
        await world.desk.approve_send(ticket.id, seen, by=ANNA)

    assert raised.value.revision == 1
    assert await world.store.latest_outgoing(ticket.id) is None


async def test_a_viewer_approves_nothing(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    draft = await draft_of(world, ticket)

    with pytest.raises(NotAllowed):
        await world.desk.approve_send(ticket.id, Seen(1, draft.content_hash), by=VIEWER)

    assert await world.store.latest_outgoing(ticket.id) is None


async def test_a_claim_without_a_source_leaves_only_when_it_is_confirmed(world: World) -> None:
    ticket = await a_flagged_ticket(world)
    draft = await draft_of(world, ticket)
    ids = [flag.id for flag in draft.flags]

    with pytest.raises(FlagsOpen) as raised:
        await world.desk.approve_send(ticket.id, Seen(1, draft.content_hash, frozenset(ids[:1])), by=ANNA)
    await world.desk.approve_send(ticket.id, Seen(1, draft.content_hash, frozenset(ids)), by=ANNA)

    assert raised.value.flag_ids == tuple(ids[1:])
    (approved,) = await events_of(world, ticket, EventKind.APPROVED)
    assert said(approved, "confirmed_flags") == sorted(ids)


# --- drafts --------------------------------------------------------------------------------------------------------


async def test_an_edit_keeps_only_those_flags_of_the_model_that_it_still_claims(world: World) -> None:
    ticket = await a_flagged_ticket(world)
    before = await draft_of(world, ticket)

    edited = await world.desk.edit(
        ticket.id, 1, "Re: Inverter", "Please pay 1.240,00 EUR. See https://new.example", by=ANNA
    )

    assert {flag.text for flag in before.flags} > {flag.text for flag in edited.flags}
    assert ["1.240,00" in flag.text for flag in edited.flags] == [True], "what the operator typed needs no source"


async def test_an_edit_replaces_the_open_draft_and_is_what_leaves(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    edited = await world.desk.edit(ticket.id, 1, "Re: Mine", "My own words.", by=ANNA)
    await world.work()
    await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()

    assert (edited.revision, edited.written_by) == (2, ANNA.name)
    assert b"My own words." in world.mailbox.sent[0]
    (audited,) = await events_of(world, ticket, EventKind.DRAFT_EDITED)
    assert said(audited, "content_hash") == edited.content_hash


async def test_of_two_edits_of_one_revision_the_second_is_refused(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    await world.desk.edit(ticket.id, 1, "Re: A", "One.", by=ANNA)

    with pytest.raises(StaleDraft) as raised:
        await world.desk.edit(ticket.id, 1, "Re: B", "Two.", by=ANNA)

    assert raised.value.revision == 2
    assert (await draft_of(world, ticket)).body == "One."


@pytest.mark.parametrize(
    ("subject", "body"), [("", "Text"), ("Re: x", " \n "), ("Re: x\nBcc: y", "Text"), ("x" * 301, "T")]
)
async def test_a_text_that_cannot_be_sent_is_refused(world: World, subject: str, body: str) -> None:
    ticket = await a_drafted_ticket(world)

    with pytest.raises(BadInput):
        await world.desk.edit(ticket.id, 1, subject, body, by=ANNA)

    assert (await draft_of(world, ticket)).revision == 1


async def test_one_redraft_at_a_time(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    await world.desk.redraft(ticket.id, "warmer", by=ANNA)

    with pytest.raises(Conflict, match="being written"):
        await world.desk.redraft(ticket.id, "colder", by=ANNA)
    await world.work()

    assert world.model.feedback == ["warmer"]
    assert (await draft_of(world, ticket)).revision == 2


async def test_another_draft_of_an_answered_ticket_brings_it_back(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await world.desk.redraft(ticket.id, "a follow-up", by=ANNA)
    await world.work()

    assert (await world.store.ticket(ticket.id)).status is Status.NEEDS_ACTION
    assert (await question(world, ticket))["revision"] == 2


async def test_closing_withdraws_the_approval_and_says_so(world: World) -> None:
    ticket = await an_approved_ticket(world)

    await world.desk.close(ticket.id, by=ANNA)
    world.clock.advance(10)
    await world.work()

    assert world.mailbox.sent == []
    assert (await world.store.ticket(ticket.id)).status is Status.DONE
    (cancelled,) = await events_of(world, ticket, EventKind.SEND_CANCELLED)
    assert (cancelled.actor, said(cancelled, "reason")) == (ANNA.name, "the ticket was closed")


# --- the reply itself ------------------------------------------------------------------------------------------------


async def test_a_reply_goes_to_the_writer_and_is_threaded_below_the_mail(world: World) -> None:
    mail = a_mail(sender="Nora <nora@example.net>", Reply_To="other@example.net", Cc="boss@example.net")
    world.mailbox.receive(mail.as_bytes(), provider_thread_id="t1")
    await world.sync.run()
    await world.work()
    (ticket,) = await world.tickets()

    await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()

    reply = BytesParser(policy=default).parsebytes(world.mailbox.sent[0])
    assert reply["In-Reply-To"] == mail["Message-ID"]
    assert (str(reply["To"]), reply["Cc"], reply["Bcc"]) == ("Nora <nora@example.net>", None, None)
    assert "Helios Solar" in str(reply["From"])
    assert (await outgoing_of(world, ticket)).provider_thread_id == "t1"


async def test_two_desks_on_one_database_send_one_reply(world: World) -> None:
    ticket = await a_due_ticket(world)
    other = rebuilt(world)

    await world.work()
    await other.work()

    assert len(world.mailbox.sent) == 1
    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS


async def test_another_draft_can_be_asked_for_where_an_operator_wrote_first(world: World) -> None:
    await world.customer_writes()
    [ticket] = await world.tickets()
    await world.desk.edit(ticket.id, None, "Re: Inverter error", "We call you.", by=ANNA)

    await world.desk.redraft(ticket.id, "warmer", by=ANNA)
    await world.work()

    draft = await world.store.current_draft(ticket.id)
    assert draft is not None
    assert (draft.revision, draft.written_by) == (2, world.model.name)
    assert await world.is_at_rest(ticket.id)


async def test_another_draft_can_be_asked_for_on_a_ticket_that_was_closed_over_a_mail(world: World) -> None:
    await world.customer_writes()
    await world.work()
    [ticket] = await world.tickets()
    await world.customer_answers(ticket)
    await world.desk.close(ticket.id, by=ANNA)
    await world.desk.reopen(ticket.id, by=ANNA)

    await world.desk.redraft(ticket.id, "shorter", by=ANNA)
    await world.work()

    draft = await world.store.current_draft(ticket.id)
    assert draft is not None
    assert (draft.work_seq, draft.revision) == (2, 2)
    assert await world.is_at_rest(ticket.id)
