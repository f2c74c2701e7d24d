"""Node `plan`: the steps of the answer, and what is missing for them."""

from graph.node import Node
from graph.state import SUPERSEDED, TicketState, shown_plan, ticket_id_of
from tickets.agent import Agent


def plan_with(agent: Agent) -> Node:
    """Keeps the plan that is on record, if there is one."""

    async def plan(state: TicketState) -> TicketState:
        planned = await agent.plan(ticket_id_of(state), state["work_seq"])
        if planned is None:
            return {"outcome": SUPERSEDED}
        return {"plan": shown_plan(planned), "outcome": None}

    return plan
