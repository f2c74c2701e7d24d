"""Having a mailbox synced now: after somebody connected it, pressed the button, or its provider rang."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from entrypoints.loops import SyncLoop
from tickets.sync import Sync

BUSY_TRIES: Final = 120
BUSY_PAUSE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Bell:
    """Wakes the loop that follows the mailbox; one that no loop of this process follows is synced once, beside it."""

    sync: Sync
    loop: SyncLoop
    _once: set[asyncio.Task[object]] = field(default_factory=set)

    def __call__(self, address: str) -> None:
        """Returns at once."""
        if not self.loop.ring(address):
            task: asyncio.Task[object] = asyncio.create_task(self._sync(address))
            self._once.add(task)
            task.add_done_callback(self._over)

    async def _sync(self, address: str) -> None:
        """A sync that began before the bell rang may have looked already: this one comes after it."""
        for _ in range(BUSY_TRIES):
            reports = await self.sync.run({address})
            if not any(report.busy for report in reports):
                return
            await asyncio.sleep(BUSY_PAUSE_S)

    def _over(self, task: "asyncio.Task[object]") -> None:
        self._once.discard(task)
        if not task.cancelled():
            task.exception()  # looked at: a mailbox that went away meanwhile is nothing to complain about
