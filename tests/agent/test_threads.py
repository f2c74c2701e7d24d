"""The agent's graph and its threads: the picture, what a state holds, and how a thread is found, lost and repaired."""

from typing import Any
from uuid import uuid4

import pytest
from langgraph.graph import END
from langgraph.types import Command

from adapters.memory import MemoryModel
from graph.ingest import NoSuchThread
from tests.agent.hands import (
    a_drafted_ticket,
    an_answered_ticket,
    an_approved_ticket,
    checkpoints,
    draft_of,
    events_of,
    graph_of,
    outgoing_of,
    question,
    said,
    thread_of,
    waiting,
    ways,
)
from tests.agent.world import ANNA, World
from tests.service import a_mail
from tickets.audit import EventKind
from tickets.outbox import OutboxState
from tickets.status import Status

MARKER = "zebraquartz"


def test_the_picture_of_the_agent_is_the_documented_one(world: World) -> None:
    drawn = graph_of(world).get_graph()

    assert set(drawn.nodes) == {
        "__start__", "ingest", "classify", "plan", "draft", "human_approval", "send", "__end__",
    }  # fmt: skip
    assert {(edge.source, edge.target) for edge in drawn.edges} == {
        ("__start__", "ingest"),
        ("ingest", "classify"),
        ("classify", "plan"),
        ("classify", "__end__"),
        ("plan", "draft"),
        ("plan", "__end__"),
        ("draft", "human_approval"),
        ("draft", "__end__"),
        ("human_approval", "human_approval"),
        ("human_approval", "classify"),
        ("human_approval", "send"),
        ("human_approval", "__end__"),
        ("send", "human_approval"),
        ("send", "__end__"),
    }


async def test_a_ticket_has_one_thread_which_bears_its_id(world: World) -> None:
    tickets = [await a_drafted_ticket(world, subject) for subject in ("One", "Two")]

    threads = {kept.config["configurable"]["thread_id"] async for kept in world.saver.alist(None)}

    assert threads == {str(ticket.id) for ticket in tickets}


async def test_a_ticket_is_not_run_on_another_thread(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    with pytest.raises(NoSuchThread, match=str(ticket.id)):
        await graph_of(world).ainvoke({"ticket_id": str(ticket.id)}, thread_of(uuid4()))

    assert world.model.calls == ["triage", "plan", "draft"]


@pytest.mark.parametrize("thread_id", ["not-a-uuid", "0a6f4f0e-5b1e-4c52-9f0a-3d1c2b4a5e6f"])
async def test_a_thread_that_is_no_tickets_ends_with_an_error(world: World, thread_id: str) -> None:
    with pytest.raises(NoSuchThread):
        await graph_of(world).ainvoke({}, {"configurable": {"thread_id": thread_id}})

    assert world.model.calls == []


async def test_a_thread_runs_to_the_approval_and_waits_there(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    assert await ways(world, ticket) == ["ingest", "classify", "plan", "draft", "human_approval"]
    assert (await world.threads.position(ticket.id)).is_parked
    assert await world.is_at_rest(ticket.id)


async def test_no_state_of_a_thread_holds_a_word_of_the_mail_or_the_draft(world: World) -> None:
    text = f"My {MARKER} inverter shows error 17."
    world.mailbox.receive(a_mail(f"Help {MARKER}", text, f"{MARKER} <{MARKER}@example.net>").as_bytes())
    await world.sync.run()
    await world.work()
    (ticket,) = await world.tickets()
    await world.desk.redraft(ticket.id, f"mention {MARKER}", by=ANNA)
    await world.work()
    await world.approve(ticket.id)
    world.clock.advance(10)
    await world.work()

    states = [state async for state in graph_of(world).aget_state_history(thread_of(ticket.id))]

    assert MARKER in str(world.mailbox.sent[0]), "the reply holds the word, so a state could"
    assert len(states) > 8
    assert [state for state in states if MARKER in f"{state.values}{state.metadata}"] == []


async def test_the_state_shows_what_was_decided(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    draft = await draft_of(world, ticket)

    values = (await graph_of(world).aget_state(thread_of(ticket.id))).values

    assert values["ticket_id"] == str(ticket.id)
    assert values["work_seq"] == 1
    assert values["triage"]["category"] == "technical"
    assert values["plan"]["steps"] == [{"action": "answer", "missing": 0}]
    assert (values["draft"]["revision"], values["draft"]["content_hash"]) == (1, draft.content_hash)


async def test_no_reply_needed_ends_the_run_before_the_plan(world: World) -> None:
    await world.customer_writes("Thank you")
    (ticket,) = await world.tickets()
    boring = await MemoryModel().triage(await world.store.conversation(ticket.id))
    world.model.will("triage", type(boring)(**{**_fields(boring), "needs_reply": False}))

    await world.work()

    assert await ways(world, ticket) == ["ingest", "classify"]
    assert world.model.calls == ["triage"]
    assert (await world.store.ticket(ticket.id)).status is Status.NEEDS_ACTION


# --- the customer writes again -------------------------------------------------------------------------------------


async def test_a_customers_reply_starts_the_thread_again_with_a_new_question(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    before = await waiting(world, ticket)

    await world.customer_answers(ticket)
    await world.work()

    run = ["ingest", "classify", "plan", "draft", "human_approval"]
    assert await ways(world, ticket) == run + run
    assert (await waiting(world, ticket)).id != before.id
    assert (await question(world, ticket))["revision"] == 2


async def test_an_approval_given_before_the_customer_wrote_again_sends_nothing(world: World) -> None:
    ticket = await an_approved_ticket(world)
    approval = (await outgoing_of(world, ticket)).decision_id
    await world.customer_answers(ticket)
    await world.work()
    world.clock.advance(10)

    await world.threads.resume(ticket.id, approval)
    await world.work()

    assert world.mailbox.sent == []
    assert "not open any more" in (await question(world, ticket))["description"]
    assert (await outgoing_of(world, ticket)).state is OutboxState.CANCELLED


async def test_an_answer_to_a_question_that_is_not_asked_any_more_sends_nothing(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    old = await waiting(world, ticket)
    await world.customer_answers(ticket)
    await world.work()
    await world.approve(ticket.id)
    world.clock.advance(10)
    approval = (await outgoing_of(world, ticket)).decision_id

    await graph_of(world).ainvoke(Command(resume={old.id: {"decision_id": str(approval)}}), thread_of(ticket.id))

    assert world.mailbox.sent == []
    assert (await question(world, ticket))["revision"] == 2


# --- lost and led astray -------------------------------------------------------------------------------------------


async def test_a_lost_checkpoint_is_parked_again_without_a_model_call(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    asked, calls = await question(world, ticket), list(world.model.calls)

    await world.lose_thread(ticket.id)
    woken = await world.sweep.run()
    await world.work()

    assert woken == 1
    assert await question(world, ticket) == asked
    assert await ways(world, ticket) == ["human_approval"], "nothing else is run again"
    assert world.model.calls == calls
    (repaired,) = await events_of(world, ticket, EventKind.WORKFLOW_REPAIRED)
    assert (repaired.actor, said(repaired, "step")) == ("agent", "park")


async def test_an_approval_outlives_its_checkpoint(world: World) -> None:
    ticket = await an_approved_ticket(world)

    await world.lose_thread(ticket.id)
    world.clock.advance(10)
    await world.work()

    assert len(world.mailbox.sent) == 1
    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS


async def test_a_thread_that_was_ended_from_outside_is_parked_again_and_audited(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    asked = await question(world, ticket)
    await graph_of(world).aupdate_state(thread_of(ticket.id), None, as_node=END)  # "Mark as resolved"
    assert not (await world.threads.position(ticket.id)).is_parked

    woken = await world.sweep.run()
    await world.work()

    assert woken == 1
    assert await question(world, ticket) == asked
    (repaired,) = await events_of(world, ticket, EventKind.WORKFLOW_REPAIRED)
    assert said(repaired, "step") == "park"
    assert world.model.calls == ["triage", "plan", "draft"]


async def test_the_sweep_leaves_threads_alone_that_are_where_they_belong(world: World) -> None:
    await a_drafted_ticket(world)
    await an_approved_ticket(world)
    await an_answered_ticket(world)

    assert await world.sweep.run() == 0


async def test_a_done_ticket_keeps_one_checkpoint_and_asks_nothing(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    assert await checkpoints(world, ticket) > 1

    await world.desk.close(ticket.id, by=ANNA)
    await world.work()

    position = await world.threads.position(ticket.id)
    assert await checkpoints(world, ticket) == 1
    assert not position.has_tasks


async def test_a_done_ticket_goes_on_when_the_customer_writes(world: World) -> None:
    ticket = await an_answered_ticket(world)
    await world.desk.close(ticket.id, by=ANNA)
    await world.work()

    await world.customer_answers(ticket)
    await world.work()

    assert (await world.store.ticket(ticket.id)).status is Status.NEEDS_ACTION
    assert (await question(world, ticket))["revision"] == 2


def _fields(triage: Any) -> dict[str, Any]:
    return {name: getattr(triage, name) for name in triage.__slots__}
