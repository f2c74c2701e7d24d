"""The shape of a node: state in, partial update (or a command with one) out."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from graph.state import TicketState
from tickets.delivery import Crash


class Node(Protocol):
    """A node that only needs the state."""

    async def __call__(self, state: TicketState) -> TicketState: ...


class Router(Protocol):
    """A node that also chooses where to go."""

    async def __call__(self, state: TicketState) -> Command[Any]: ...


class EntryNode(Protocol):
    """The first node, which also looks at the thread's id."""

    async def __call__(self, state: TicketState, config: RunnableConfig) -> TicketState: ...


NodeT = TypeVar("NodeT", bound=Callable[..., Awaitable[Any]])


def watched(name: str, crash: Crash, node: NodeT) -> NodeT:
    """The node, with a named point before and after it where tests may end the process."""

    @wraps(node)
    async def run(*args: Any, **kwargs: Any) -> Any:
        crash(f"enter_{name}")
        update = await node(*args, **kwargs)
        crash(f"leave_{name}")
        return update

    return cast(NodeT, run)
