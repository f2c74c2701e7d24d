"""LangGraph Studio on the same tickets as the boards: what `langgraph.json` names.

The server brings its own web layer and asks for a graph at every run; the ports behind it are built once, at the first
use, and closed with the server. Nothing is driven from here: `communication-agent serve` does that, beside it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from starlette.applications import Starlette

from entrypoints.log import configure
from entrypoints.secret_key import secret_of
from entrypoints.settings import Settings, environment
from entrypoints.studio_threads import announce_forever
from entrypoints.wiring import Parts, opened
from graph.build import Graph, build
from persistence.checkpoints import open_saver


class _Studio:
    """Holds what is built once for the life of the server."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._parts: Parts | None = None
        self._graph: Graph | None = None

    async def parts(self) -> Parts:
        async with self._lock:
            if self._parts is None:
                environ = await asyncio.to_thread(environment)
                settings = await asyncio.to_thread(Settings.read, environ)
                configure(settings.log_format, settings.log_level)
                self._parts = await self._stack.enter_async_context(opened(settings, environ))
            return self._parts

    async def graph(self) -> Graph:
        if self._graph is None:
            self._graph = build((await self.parts()).ports)
        return self._graph

    async def close(self) -> None:
        await self._stack.aclose()


_studio = _Studio()


async def graph(config: RunnableConfig) -> Graph:
    """The agent, without a saver of its own: the server uses `checkpointer`."""
    return await _studio.graph()


@asynccontextmanager
async def checkpointer() -> AsyncIterator[Any]:
    """The boards' own checkpoints."""
    settings = await asyncio.to_thread(lambda: Settings.read(environment()))
    secret = await asyncio.to_thread(secret_of, settings)
    async with open_saver(settings.checkpoints, secret) as saver:
        yield saver


@asynccontextmanager
async def _lifespan(_app: Starlette) -> AsyncIterator[None]:
    parts = await _studio.parts()
    announcing = asyncio.create_task(announce_forever(parts))
    try:
        yield
    finally:
        announcing.cancel()
        await asyncio.gather(announcing, return_exceptions=True)
        await _studio.close()


app = Starlette(lifespan=_lifespan)
