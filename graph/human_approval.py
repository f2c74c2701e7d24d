"""Node `human_approval`: the one interrupt. The thread waits here until an operator has decided."""

from typing import Literal

from langgraph.types import Command, interrupt

from graph.approvals import Approvals
from graph.node import Router
from graph.state import CLOSED, TicketState

Where = Literal["human_approval", "classify", "send", "__end__"]


def human_approval_with(approvals: Approvals) -> Router:
    """One interrupt a task, and no exception on a bad answer: the answer is stored before the node sees it."""

    async def human_approval(state: TicketState) -> Command[Where]:
        answer = interrupt(await approvals.request(state))
        following = await approvals.read(answer, state)
        decided = {"decision_id": following.decision_id, "problem": None, "note": None}
        match following.to:
            case "send":
                return Command(goto="send", update=decided)
            case "redraft":
                # From `classify` on, which keeps what is on record: where an operator wrote first, nothing is yet.
                return Command(goto="classify", update=decided)
            case "close":
                return Command(goto="__end__", update={"outcome": CLOSED})
            case _:
                return Command(goto="human_approval", update={"problem": following.problem, "note": following.note})

    return human_approval
