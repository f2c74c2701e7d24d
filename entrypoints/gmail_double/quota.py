"""Gmail's quota: units for each user and minute, with the prices of projects made since May 2026."""

from dataclasses import dataclass, field

from entrypoints.gmail_double.wire import Refusal

UNITS = {
    "messages.get": 20,
    "messages.attachments.get": 20,
    "threads.get": 40,
    "history.list": 2,
    "messages.list": 5,
    "messages.send": 100,
    "drafts.send": 100,
    "drafts.create": 10,
    "drafts.update": 15,
}
OTHER_UNITS = 5
REAL_UNITS_PER_MINUTE = 6_000


@dataclass
class Quota:
    """Units spent in the running minute. None as limit: no quota, which suits most tests."""

    units_per_minute: int | None = None
    status: int = 429
    _spent: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, account: str, route: str, now_ms: int) -> None:
        """Pay for one call; Refusal rateLimitExceeded (429, or 403 if so set) when it is too dear."""
        if self.units_per_minute is None:
            return
        minute = now_ms // 60_000
        counted_minute, spent = self._spent.get(account, (minute, 0))
        total = (spent if counted_minute == minute else 0) + UNITS.get(route, OTHER_UNITS)
        if total > self.units_per_minute:
            message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'"
            raise Refusal(self.status, message, "rateLimitExceeded")
        self._spent[account] = (minute, total)
