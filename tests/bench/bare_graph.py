"""The floor of the engine: a bare LangGraph graph of six nodes that do nothing, on the default SQLite saver."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any, TypedDict
from uuid import uuid4

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

NODES = ("ingest", "classify", "plan", "draft")


class State(TypedDict, total=False):
    step: str


async def nothing(state: State) -> State:
    return {"step": "done"}


async def approval(state: State) -> State:
    interrupt("approve?")
    return {"step": "approved"}


async def tickets_per_second(folder: Path, count: int) -> float:
    """Through to the interrupt and on to the end, one thread after the other."""
    graph: Any = StateGraph(State)
    for name in NODES:
        graph.add_node(name, nothing)
    graph.add_node("human_approval", approval)
    graph.add_node("send", nothing)
    path = [START, *NODES, "human_approval", "send", END]
    for before, after in pairwise(path):
        graph.add_edge(before, after)
    async with AsyncSqliteSaver.from_conn_string(str(folder / "bare.sqlite")) as saver:
        compiled = graph.compile(checkpointer=saver)
        started = time.perf_counter()
        for _ in range(count):
            config = {"configurable": {"thread_id": str(uuid4())}}
            await compiled.ainvoke({"step": "new"}, config, durability="sync")
            await compiled.ainvoke(Command(resume="yes"), config, durability="sync")
        return count / (time.perf_counter() - started)
