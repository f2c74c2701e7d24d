"""Gmail's quota: units for each user and minute, with the prices of projects made since May 2026."""

from dataclasses import dataclass, field

from entrypoints.gmail_double.wire import Refusal

UNITS = {
    "getProfile": 1,
    "labels.list": 1,
    "labels.get": 1,
    "settings.sendAs.list": 1,
    "settings.sendAs.get": 1,
    "history.list": 2,
    "messages.get": 20,
    "messages.attachments.get": 20,
    "messages.insert": 25,
    "messages.import": 25,
    "messages.delete": 10,
    "messages.batchModify": 50,
    "messages.batchDelete": 50,
    "messages.send": 100,
    "threads.list": 10,
    "threads.get": 40,
    "threads.modify": 10,
    "threads.trash": 10,
    "threads.untrash": 10,
    "threads.delete": 20,
    "drafts.create": 10,
    "drafts.update": 15,
    "drafts.delete": 10,
    "drafts.send": 100,
    "watch": 100,
    "stop": 50,
}
OTHER_UNITS = 5
REAL_UNITS_PER_MINUTE = 6_000


@dataclass
class Quota:
    """Units spent in the running minute. None as limit: no quota, which suits most tests.

    `prices` take precedence over UNITS, say `{"messages.get": 5}` for a project made before May 2026.
    """

    units_per_minute: int | None = None
    status: int = 429
    prices: dict[str, int] = field(default_factory=dict)
    _spent: dict[str, tuple[int, int]] = field(default_factory=dict)

    def price(self, route: str) -> int:
        """Units that one call of the route costs."""
        return self.prices.get(route, UNITS.get(route, OTHER_UNITS))

    def spent(self, account: str, now_ms: int) -> int:
        """Units that the account has spent in the minute that is running."""
        minute, spent = self._spent.get(account, (0, 0))
        return spent if minute == now_ms // 60_000 else 0

    def spend(self, account: str, route: str, now_ms: int) -> None:
        """Pay for one call; Refusal rateLimitExceeded (429, or 403 if so set) when it is too dear."""
        if self.units_per_minute is None:
            return
        minute = now_ms // 60_000
        counted_minute, spent = self._spent.get(account, (minute, 0))
        total = (spent if counted_minute == minute else 0) + self.price(route)
        if total > self.units_per_minute:
            message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'"
            raise Refusal(self.status, message, "rateLimitExceeded")
        self._spent[account] = (minute, total)
