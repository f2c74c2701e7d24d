"""Gmail's quota as a budget of one account: who has to wait, and for how long, so that Google never has to refuse.

Google counts units for each user and minute. The bucket is filled evenly and holds little, so that no minute, wherever
it begins, sees more than the limit. A backfill leaves a reserve in it: a reply never waits behind ten thousand mails.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tickets.errors import Unavailable

# The prices of projects made since May 2026. Older ones pay 5 for a message and have 15,000 units a minute.
COSTS: Final[Mapping[str, int]] = {
    "getProfile": 1,
    "history.list": 2,
    "messages.list": 5,
    "messages.get": 20,
    "messages.send": 100,
    "threads.get": 40,
    "drafts.create": 10,
    "drafts.delete": 10,
    "drafts.list": 5,
    "drafts.get": 5,
    "drafts.update": 15,
    "drafts.send": 100,
    "settings.sendAs.list": 1,
    "watch": 100,
}
OTHER: Final = 5
UNITS_PER_MINUTE: Final = 6_000
HURRY_S: Final = 10.0
LONGEST_PENALTY_S: Final = 300.0
LEAST: Final = 0.01  # units


@dataclass(frozen=True, slots=True)
class Quota:
    """What Google grants one account. `now` (seconds) and `sleep` are the time in which it is measured."""

    units_per_minute: int = UNITS_PER_MINUTE
    costs: Mapping[str, int] = field(default_factory=lambda: COSTS)
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    @property
    def burst(self) -> int:
        """Units that may be spent at one moment."""
        return max(1, self.units_per_minute // 8)

    @property
    def reserve(self) -> int:
        """The part of the burst that bulk reading leaves to replies."""
        return self.burst // 3

    @property
    def per_s(self) -> float:
        """Units that come back in a second: with one burst on top a minute stays within the limit."""
        return (self.units_per_minute - self.burst) / 60

    def cost(self, method: str) -> int:
        """The price of a call, by its name in Gmail's reference without the leading `users.`."""
        return self.costs.get(method, OTHER)

    def most(self, method: str) -> int:
        """How many such calls bulk reading may make at one moment; at least one."""
        return max(1, (self.burst - self.reserve) // max(1, self.cost(method)))


@dataclass(slots=True)
class Bucket:
    """What is left to spend now. Not for several event loops."""

    quota: Quota
    _level: float = field(init=False)
    _seen_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._level = self.quota.burst
        self._seen_at = self.quota.now()

    async def spend(self, units: int, *, is_bulk: bool) -> None:
        """Wait until the units are there, then take them. Bulk reading lets those pass who are in a hurry.

        Who is in a hurry waits a few seconds at most: Unavailable then, and nothing was done.
        """
        while (wait_s := self._wait_s(units, is_bulk)) > 0:
            if not is_bulk and wait_s > HURRY_S:
                raise Unavailable("Gmail's quota for this mailbox is used up. It goes on by itself.", wait_s)
            await self.quota.sleep(wait_s)
        self._level -= units

    def refund(self, units: int) -> None:
        """Give back what was spent on a call that Gmail never got."""
        self._refill()
        self._level = min(self.quota.burst, self._level + units)

    def refused(self, retry_after_s: float | None = None) -> None:
        """Google counted otherwise (another program uses the account, say): keep still as long as it wishes."""
        self._refill()
        penalty_s = min(retry_after_s or 0.0, LONGEST_PENALTY_S)
        self._level = min(self._level, -penalty_s * self.quota.per_s)

    def _wait_s(self, units: int, is_bulk: bool) -> float:
        self._refill()
        reserve = self.quota.reserve if is_bulk else 0
        # What is dearer than the bucket is large is let through when it is full, and leaves a debt.
        wanted = min(units + reserve, self.quota.burst)
        missing = wanted - self._level
        # Rounding must not make anybody sleep for a moment that a clock cannot tell.
        return missing / self.quota.per_s if missing > LEAST else 0.0

    def _refill(self) -> None:
        now = self.quota.now()
        self._level = min(self.quota.burst, self._level + (now - self._seen_at) * self.quota.per_s)
        self._seen_at = now
