"""The approval interrupt on the real graph: what it asks, and what every answer to it does."""

import json
from uuid import uuid4

import pytest
from langgraph.types import Command

from adapters.memory import MemoryModel
from tests.agent.hands import (
    a_drafted_ticket,
    an_approved_ticket,
    answer,
    draft_of,
    events_of,
    graph_of,
    outgoing_of,
    question,
    rebuilt,
    said,
    thread_of,
    waiting,
    ways,
)
from tests.agent.world import ANNA, World
from tickets.audit import EventKind
from tickets.outbox import OutboxState
from tickets.people import SCOPES_OF, STUDIO, Role
from tickets.status import Status
from tickets.ticket import DecisionState, DraftState, ProposedReply, Ticket

MARKER = "zebraquartz"
ACCEPTS = {
    "Agent Inbox": [{"type": "accept", "args": None}],
    "one answer without its list": {"type": "accept", "args": None},
    "HITL middleware": {"decisions": [{"type": "approve"}]},
    "JSON text": json.dumps([{"type": "accept", "args": None}]),
}
RESPONSES = {
    "Agent Inbox": [{"type": "response", "args": "shorter"}],
    "one answer without its list": {"type": "response", "args": "shorter"},
}
IGNORES = {
    "Agent Inbox": [{"type": "ignore", "args": None}],
    "HITL middleware": {"decisions": [{"type": "reject", "message": "no answer needed"}]},
}


def an_edit(subject: str | None, body: str, **more: str) -> list[dict[str, object]]:
    """As Agent Inbox sends it."""
    args = {"subject": subject, "body": body, **more}
    return [{"type": "edit", "args": {"action": "send_reply", "args": args}}]


@pytest.fixture
def trusting(world: World) -> World:
    """The desk with CA_ALLOW_STUDIO_APPROVAL on."""
    return rebuilt(world, studio_may_approve=True)


# --- the question --------------------------------------------------------------------------------------------------


async def test_the_question_has_the_form_that_agent_inbox_reads(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    draft = await draft_of(world, ticket)

    asked = dict(await question(world, ticket))
    description = asked.pop("description")

    assert asked == {
        "action_request": {"action": "send_reply", "args": {"subject": draft.subject, "body": draft.body}},
        "config": {"allow_ignore": True, "allow_respond": True, "allow_edit": False, "allow_accept": False},
        "ticket_id": str(ticket.id),
        "revision": 1,
        "content_hash": draft.content_hash,
    }
    assert f"http://desk/boards/tickets/{ticket.id}" in description
    assert "technical, normal, en" in description


async def test_accepting_and_editing_are_offered_when_they_are_allowed(trusting: World) -> None:
    ticket = await a_drafted_ticket(trusting)

    assert set((await question(trusting, ticket))["config"].values()) == {True}


async def test_the_question_holds_nothing_that_the_customer_wrote(world: World) -> None:
    world.model.will("draft", ProposedReply("Re: your message", "Hello.", (), "scripted"))
    ticket = await a_drafted_ticket(world, MARKER)

    assert MARKER not in str(await question(world, ticket))


# --- answers of Studio and Agent Inbox --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [*ACCEPTS.values(), an_edit("Re: x", "Other words.")], ids=[*ACCEPTS, "an edit"])
async def test_an_approval_from_studio_is_refused_and_audited_unless_it_is_allowed(world: World, form: object) -> None:
    ticket = await a_drafted_ticket(world)

    await answer(world, ticket, form)

    assert "CA_ALLOW_STUDIO_APPROVAL" in (await question(world, ticket))["description"]
    (refused,) = await events_of(world, ticket, EventKind.STUDIO_REFUSED)
    assert refused.actor == "studio"
    assert await world.store.latest_outgoing(ticket.id) is None
    assert (await draft_of(world, ticket)).revision == 1


@pytest.mark.parametrize("form", ACCEPTS.values(), ids=ACCEPTS)
async def test_an_allowed_accept_is_an_approval_by_studio_that_leaves_when_it_is_due(
    trusting: World, form: object
) -> None:
    ticket = await a_drafted_ticket(trusting)

    await answer(trusting, ticket, form)
    await trusting.work()
    sent_before = list(trusting.mailbox.sent)
    parked_until_due = (await trusting.threads.position(ticket.id)).is_parked
    trusting.clock.advance(10)
    await trusting.work()

    (approved,) = await events_of(trusting, ticket, EventKind.APPROVED)
    assert (approved.actor, said(approved, "revision")) == ("studio", 1)
    assert (sent_before, parked_until_due) == ([], True)
    assert len(trusting.mailbox.sent) == 1


async def test_an_accept_that_shows_the_current_text_is_taken(trusting: World) -> None:
    ticket = await a_drafted_ticket(trusting)
    args = (await question(trusting, ticket))["action_request"]

    await answer(trusting, ticket, [{"type": "accept", "args": args}])

    assert (await outgoing_of(trusting, ticket)).state is OutboxState.APPROVED


async def test_an_accept_that_shows_an_older_text_is_refused(trusting: World) -> None:
    ticket = await a_drafted_ticket(trusting)
    args = (await question(trusting, ticket))["action_request"]
    await trusting.desk.edit(ticket.id, 1, "Re: x", "Quite another text.", by=ANNA)

    await answer(trusting, ticket, [{"type": "accept", "args": args}])

    assert "Review draft 2" in (await question(trusting, ticket))["description"]
    assert await trusting.store.latest_outgoing(ticket.id) is None


async def test_an_edit_is_a_revision_by_studio_and_leaves_as_it_was_edited(trusting: World) -> None:
    ticket = await a_drafted_ticket(trusting)

    await answer(trusting, ticket, an_edit("Re: Edited", "Edited words.", to="thief@evil.example"))
    trusting.clock.advance(10)
    await trusting.work()

    draft = await draft_of(trusting, ticket)
    (sent,) = trusting.mailbox.sent
    assert (draft.revision, draft.written_by, draft.body) == (2, "studio", "Edited words.")
    assert [address.address for address in draft.to] == [ticket.requester.address]
    assert b"Edited words." in sent
    assert b"thief" not in sent


async def test_an_accept_does_not_confirm_what_has_no_source(trusting: World) -> None:
    trusting.model.will("draft", ProposedReply("Re: x", "Pay to https://pay.evil.example now.", (), "scripted"))
    ticket = await a_drafted_ticket(trusting)

    await answer(trusting, ticket, ACCEPTS["Agent Inbox"])

    assert "no source" in (await question(trusting, ticket))["description"]
    assert await trusting.store.latest_outgoing(ticket.id) is None


async def test_a_second_accept_changes_nothing(trusting: World) -> None:
    ticket = await a_drafted_ticket(trusting)

    await answer(trusting, ticket, ACCEPTS["Agent Inbox"])
    await answer(trusting, ticket, ACCEPTS["Agent Inbox"])
    trusting.clock.advance(10)
    await trusting.work()

    assert len(await events_of(trusting, ticket, EventKind.APPROVED)) == 1
    assert len(trusting.mailbox.sent) == 1


async def test_an_accept_of_a_ticket_without_a_draft_says_what_to_do(trusting: World) -> None:
    ticket = await a_drafted_ticket(trusting)
    await trusting.desk.reject(ticket.id, "no", by=ANNA)
    await trusting.threads.park(ticket.id)

    await answer(trusting, ticket, ACCEPTS["Agent Inbox"])

    assert "Write or ask for a new one" in (await question(trusting, ticket))["description"]
    assert await trusting.store.latest_outgoing(ticket.id) is None


@pytest.mark.parametrize("form", RESPONSES.values(), ids=RESPONSES)
async def test_a_response_brings_another_draft_with_that_in_mind(world: World, form: object) -> None:
    ticket = await a_drafted_ticket(world)

    await answer(world, ticket, form)
    await world.work()

    asked = await question(world, ticket)
    assert world.model.feedback == ["shorter"]
    assert (asked["revision"], "shorter" in asked["action_request"]["args"]["body"]) == (2, True)
    (wish,) = await events_of(world, ticket, EventKind.REDRAFT_ASKED)
    assert wish.actor == "studio"
    assert await world.is_at_rest(ticket.id)


async def test_another_draft_keeps_the_plan(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    await world.desk.redraft(ticket.id, "shorter", by=ANNA)
    await world.work()

    assert world.model.calls == ["triage", "plan", "draft", "draft"]
    assert (await ways(world, ticket))[-4:] == ["classify", "plan", "draft", "human_approval"]


@pytest.mark.parametrize("form", IGNORES.values(), ids=IGNORES)
async def test_ignoring_closes_the_ticket_without_a_reply(world: World, form: object) -> None:
    ticket = await a_drafted_ticket(world)

    await answer(world, ticket, form)
    await world.work()

    (rejected,) = await events_of(world, ticket, EventKind.REJECTED)
    assert (await world.store.ticket(ticket.id)).status is Status.DONE
    assert (await draft_of(world, ticket)).state is DraftState.REJECTED
    assert rejected.actor == "studio"
    assert not (await world.threads.position(ticket.id)).has_tasks


@pytest.mark.parametrize(
    "garbage",
    ["", "yes", 7, [], {"type": "launch"}, [{"type": "edit", "args": "text"}], {"decision_id": "no uuid"}],
    ids=repr,
)
async def test_an_answer_that_means_nothing_is_asked_again_with_the_reason(trusting: World, garbage: object) -> None:
    ticket = await a_drafted_ticket(trusting)
    before = await waiting(trusting, ticket)

    await answer(trusting, ticket, garbage)

    assert "not understood" in (await question(trusting, ticket))["description"]
    assert (await waiting(trusting, ticket)).id != before.id
    assert await trusting.store.latest_outgoing(ticket.id) is None
    assert await trusting.is_at_rest(ticket.id)


async def test_after_a_bad_answer_a_good_one_is_taken_and_the_complaint_is_gone(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    await answer(world, ticket, "yes")

    await answer(world, ticket, RESPONSES["Agent Inbox"])
    await world.work()

    assert "Not done" not in (await question(world, ticket))["description"]


# --- the drive's answer: a decision ----------------------------------------------------------------------------------


async def test_a_decision_that_nobody_made_sends_nothing(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    await answer(world, ticket, {"decision_id": str(uuid4())})

    assert "not open any more" in (await question(world, ticket))["description"]
    assert world.mailbox.sent == []


async def test_an_approval_that_is_not_due_sends_nothing_yet(world: World) -> None:
    ticket = await an_approved_ticket(world)

    await answer(world, ticket, {"decision_id": str((await outgoing_of(world, ticket)).decision_id)})

    assert "not due yet" in (await question(world, ticket))["description"]
    assert world.mailbox.sent == []
    assert (await outgoing_of(world, ticket)).state is OutboxState.APPROVED


async def test_an_approval_of_another_ticket_sends_nothing(world: World) -> None:
    approved, other = await an_approved_ticket(world), await a_drafted_ticket(world, "Another matter")
    world.clock.advance(10)

    await answer(world, other, {"decision_id": str((await outgoing_of(world, approved)).decision_id)})

    assert "not open any more" in (await question(world, other))["description"]
    assert world.mailbox.sent == []


async def test_an_approval_that_was_taken_back_sends_nothing(world: World) -> None:
    ticket = await an_approved_ticket(world)
    decision_id = (await outgoing_of(world, ticket)).decision_id
    await world.desk.undo(ticket.id, by=ANNA)
    world.clock.advance(10)

    await answer(world, ticket, {"decision_id": str(decision_id)})

    assert world.mailbox.sent == []
    decision = await world.store.decision(decision_id)
    assert decision is not None
    assert decision.state is DecisionState.CANCELLED


async def test_an_answer_to_an_older_question_by_its_id_sends_nothing(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    old = await waiting(world, ticket)
    await answer(world, ticket, "asked again")
    await world.approve(ticket.id)
    world.clock.advance(10)
    due = {"decision_id": str((await outgoing_of(world, ticket)).decision_id)}

    await graph_of(world).ainvoke(Command(resume={old.id: due}), thread_of(ticket.id))

    assert world.mailbox.sent == []


# --- at the same time ------------------------------------------------------------------------------------------------


async def test_studio_cannot_change_a_reply_that_is_approved(trusting: World) -> None:
    ticket = await an_approved_ticket(trusting)

    await answer(trusting, ticket, an_edit("Re: x", "Slipped in."))
    trusting.clock.advance(10)
    await trusting.work()

    (sent,) = trusting.mailbox.sent
    assert b"Slipped in." not in sent
    assert (await draft_of(trusting, ticket)).revision == 1


def test_studio_has_no_more_rights_than_an_operator() -> None:
    assert STUDIO.scopes <= SCOPES_OF[Role.OPERATOR]


async def test_a_draft_that_was_written_for_an_older_mail_is_not_offered(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    writing = rebuilt(world, model=_InterruptedModel(world, ticket))
    await world.desk.redraft(ticket.id, "shorter", by=ANNA)

    await writing.work()

    drafts = await events_of(world, ticket, EventKind.DRAFT_OFFERED)
    assert [said(offered, "revision") for offered in drafts] == [1, 2]
    assert (await draft_of(world, ticket)).work_seq == 2


class _InterruptedModel(MemoryModel):
    """While it drafts, the customer writes again, once."""

    def __init__(self, world: World, ticket: Ticket) -> None:
        super().__init__()
        self._world, self._ticket = world, ticket
        self._written = False

    async def draft(self, *args: object, **kwargs: object) -> ProposedReply:
        if not self._written:
            self._written = True
            await self._world.customer_answers(self._ticket)
        return await super().draft(*args, **kwargs)  # type: ignore[arg-type]
