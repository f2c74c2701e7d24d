"""The picture of the agent.

ingest -> classify -> plan -> draft -> human_approval -> send
             |         |        |       |   ^   |         |
            end       end      end     end  +---+      end | human_approval
"""

from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.approvals import Approvals
from graph.classify import classify_with
from graph.draft import draft_with
from graph.human_approval import human_approval_with
from graph.ingest import ingest_with
from graph.node import watched
from graph.plan import plan_with
from graph.send import send_with
from graph.state import NO_REPLY_NEEDED, SUPERSEDED, TicketState
from tickets.agent import Agent
from tickets.delivery import Crash, Deliveries
from tickets.storage import TicketStore

Graph = CompiledStateGraph[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Ports:
    """What the nodes are handed."""

    store: TicketStore
    agent: Agent
    approvals: Approvals
    deliveries: Deliveries
    crash: Crash


def build(ports: Ports, saver: BaseCheckpointSaver[Any] | None = None) -> Graph:
    """Compile the agent. Without a saver it is for a server that brings its own."""
    graph = StateGraph(TicketState)
    graph.add_node("ingest", watched("ingest", ports.crash, ingest_with(ports.store)))
    graph.add_node("classify", watched("classify", ports.crash, classify_with(ports.agent)))
    graph.add_node("plan", watched("plan", ports.crash, plan_with(ports.agent)))
    graph.add_node("draft", watched("draft", ports.crash, draft_with(ports.agent)))
    graph.add_node("human_approval", watched("human_approval", ports.crash, human_approval_with(ports.approvals)))
    graph.add_node("send", watched("send", ports.crash, send_with(ports.deliveries)))
    graph.add_edge(START, "ingest")
    graph.add_edge("ingest", "classify")
    graph.add_conditional_edges("classify", _unless_over("plan"), ["plan", END])
    graph.add_conditional_edges("plan", _unless_over("draft"), ["draft", END])
    graph.add_conditional_edges("draft", _unless_over("human_approval"), ["human_approval", END])
    return graph.compile(checkpointer=saver, name="ticket")


def _unless_over(following: str) -> Any:
    def route(state: TicketState) -> str:
        return END if state.get("outcome") in (SUPERSEDED, NO_REPLY_NEEDED) else following

    return route
