"""Node `send`: drive the outbox row of one approval to its end. Safe to run again at any point."""

from typing import Literal
from uuid import UUID

from langgraph.types import Command

from graph.node import Router
from graph.state import SENT, TicketState
from tickets.delivery import Deliveries
from tickets.outbox import Delivered
from tickets.ticket import DecisionId


def send_with(deliveries: Deliveries) -> Router:
    """Raises Unsettled while the delivery is not decided: the task stays pending and is carried on later."""

    async def send(state: TicketState) -> Command[Literal["human_approval", "__end__"]]:
        decision_id = state.get("decision_id")
        assert decision_id is not None, "only an approval leads here"
        match await deliveries.deliver(DecisionId(UUID(decision_id))):
            case Delivered():
                return Command(goto="__end__", update={"outcome": SENT})
            case _:  # the reason is on the outbox row and on the ticket
                return Command(
                    goto="human_approval", update={"decision_id": None, "problem": "The reply was not sent."}
                )

    return send
