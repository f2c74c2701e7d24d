"""Node `draft`: write a reply and offer it to the operators."""

from uuid import UUID

from graph.node import Node
from graph.state import OFFERED, SUPERSEDED, TicketState, shown_draft, ticket_id_of
from tickets.agent import Agent
from tickets.ticket import DecisionId


def draft_with(agent: Agent) -> Node:
    """The decision in the state, if any, is the operator's wish for another draft."""

    async def draft(state: TicketState) -> TicketState:
        wish = state.get("decision_id")
        offered = await agent.draft(ticket_id_of(state), state["work_seq"], DecisionId(UUID(wish)) if wish else None)
        if offered is None:
            return {"outcome": SUPERSEDED, "decision_id": None}
        return {"draft": shown_draft(offered), "outcome": OFFERED, "decision_id": None, "problem": None, "note": None}

    return draft
