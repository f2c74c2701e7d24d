"""Tells the Studio server which threads there are: it lists only those that it was told of.

A waiting thread is run with no input, which asks its question again and changes nothing else; the server then lists it
as interrupted, for Studio and Agent Inbox. The ticket's lease keeps the desk's own drive away meanwhile.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import structlog

from entrypoints.wiring import Parts
from tickets.boards import BoardFilter, BoardLine

log = structlog.get_logger()

EVERY_S: Final = 2.0
PAGE: Final = 200
AT_ONCE: Final = 10
NEWEST: Final = 2_000  # a development view: the tickets that moved last
LEASE_S: Final = 30.0
GRAPH: Final = "ticket"


@dataclass(slots=True)
class Announcer:
    """Keeps the server's list of threads in step with the boards."""

    parts: Parts
    client: Any
    _told: dict[UUID, object] = field(default_factory=dict)

    async def round(self) -> None:
        """Announce what changed since the last round."""
        cursor, seen = None, 0
        while seen < NEWEST:
            page = await self.parts.boards.page(BoardFilter(), limit=PAGE, cursor=cursor)
            changed = [line for line in page.lines if self._told.get(line.id) != line.updated_at]
            for start in range(0, len(changed), AT_ONCE):
                await asyncio.gather(*map(self._announce, changed[start : start + AT_ONCE]))
            cursor, seen = page.next_cursor, seen + len(page.lines)
            if cursor is None or not changed:
                return

    async def _announce(self, line: BoardLine) -> None:
        thread_id = str(line.id)
        about = {"graph_id": GRAPH, "ticket": line.number, "ticket_status": line.status.value}
        await self.client.threads.create(thread_id=thread_id, graph_id=GRAPH, metadata=about, if_exists="do_nothing")
        await self.client.threads.update(thread_id, metadata=about)
        if line.has_draft and not line.is_leaving and not await self._ask_again(thread_id):
            return  # somebody works on it; the next round comes back to it
        self._told[line.id] = line.updated_at

    async def _ask_again(self, thread_id: str) -> bool:
        async with self.parts.leases.hold(f"ticket:{thread_id}", LEASE_S) as lease:
            if lease is None:
                return False
            await self.client.runs.wait(thread_id, GRAPH, input=None)
            return True


async def announce_forever(parts: Parts) -> None:
    """Until cancelled; a round that fails is tried again."""
    from langgraph_sdk import get_client

    announcer = Announcer(parts, get_client())
    while True:
        await asyncio.sleep(EVERY_S)
        try:
            await announcer.round()
        except Exception as error:  # the server may not be ready for calls yet
            log.info("threads_not_announced", exc_info=error)
