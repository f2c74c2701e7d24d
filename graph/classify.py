"""Node `classify`: what the mail is about, and whether it wants an answer."""

from graph.node import Node
from graph.state import NO_REPLY_NEEDED, SUPERSEDED, TicketState, shown_triage, ticket_id_of
from tickets.agent import Agent


def classify_with(agent: Agent) -> Node:
    """Ends the run when no reply is needed, or when the customer wrote meanwhile."""

    async def classify(state: TicketState) -> TicketState:
        triage = await agent.triage(ticket_id_of(state), state["work_seq"])
        if triage is None:
            return {"outcome": SUPERSEDED}
        is_wanted = triage.needs_reply or state.get("decision_id") is not None  # an operator asked for a draft
        return {"triage": shown_triage(triage), "outcome": None if is_wanted else NO_REPLY_NEEDED}

    return classify
