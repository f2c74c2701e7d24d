"""Sessions, links and failures that count no more are deleted, so that nothing of them is kept for nobody."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tickets.ports import Clock
from tickets.staff import Expired


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Runs at start and every hour; harmless in several processes at once."""

    expired: Expired
    clock: Clock
    idle: timedelta
    longest: timedelta
    log: Callable[..., object]

    async def run(self) -> int:
        """How much was deleted."""
        now = self.clock.now()
        cleared = await self.expired.clear(now - self.idle, now - self.longest, now)
        if cleared:
            self.log("logins_forgotten", rows=cleared)
        return cleared
