"""How pages hear who is at which ticket: a snapshot that is read once for all of them, beside the boards' version."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from typing import Final
from uuid import UUID
from zlib import crc32

from api.filters import initials
from api.services import Services
from tickets.people import Operator
from tickets.ports import Clock
from tickets.presence import Presence, Present

NOBODY: Final = "{}"  # as a page is told that nobody is anywhere


async def others_at(services: Services, operator: Operator) -> Mapping[UUID, list[Present]]:
    """By ticket, everybody but the operator."""
    found: defaultdict[UUID, list[Present]] = defaultdict(list)
    for one in await services.presence.now(services.clock.now()):
        if one.operator_id != operator.id:
            found[one.ticket_id].append(one)
    return found


class PresenceNews:
    """For the pulse: a number that changes with who is where, and that in words for the pages."""

    def __init__(self, presence: Presence, clock: Clock) -> None:
        self._presence = presence
        self._clock = clock
        self.said = NOBODY

    async def version(self) -> int:
        """Read anew; expiry changes it without a write."""
        at: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        for one in await self._presence.now(self._clock.now()):
            told = {"email": one.email, "name": one.name, "initials": initials(one.name), "editing": one.is_editing}
            at[str(one.ticket_id)].append(told)
        self.said = json.dumps(at)
        return crc32(self.said.encode())


async def either(
    first: AsyncGenerator[int | None, None], second: AsyncGenerator[int | None, None]
) -> AsyncGenerator[tuple[bool, int | None], None]:
    """What comes from the first (True) and the second (False), as it comes; ends with either of them."""
    sources = {True: first, False: second}
    waiting = {asyncio.ensure_future(anext(source)): which for which, source in sources.items()}
    try:
        while True:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                which = waiting.pop(task)
                try:
                    heard = task.result()
                except StopAsyncIteration:
                    return
                waiting[asyncio.ensure_future(anext(sources[which]))] = which
                yield which, heard
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await first.aclose()
        await second.aclose()
