"""What the workflow did, read back from a thread's checkpoints."""

from graph.past import CheckpointPast
from tests.agent.hands import a_drafted_ticket, graph_of
from tests.agent.world import ANNA, World
from tickets.time_travel import Step, StepState


async def past(world: World, ticket_id: object, limit: int = 100) -> tuple[Step, ...]:
    return await CheckpointPast(graph_of(world)).steps(ticket_id, limit)  # type: ignore[arg-type]


async def test_each_node_that_ran_is_told_with_what_it_decided(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    steps = {step.node: step for step in await past(world, ticket.id)}

    assert list(steps) == ["human_approval", "draft", "plan", "classify", "ingest"]
    assert steps["human_approval"].state is StepState.WAITING
    assert steps["classify"].decided["category"]
    assert steps["draft"].decided["revision"] == 1
    assert steps["plan"].plan


async def test_an_approval_that_was_answered_is_told_as_such(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    await world.desk.redraft(ticket.id, "Shorter", by=ANNA)
    await world.work()

    steps = await past(world, ticket.id)

    assert [step.state for step in steps if step.node == "human_approval"] == [StepState.WAITING, StepState.ANSWERED]


async def test_only_so_many_checkpoints_are_read(world: World) -> None:
    ticket = await a_drafted_ticket(world)

    assert len(await past(world, ticket.id, limit=2)) == 2
