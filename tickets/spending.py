"""What language models cost: every call is recorded, without a word of it, and a daily budget stops the spending.

Beyond the budget models are asked no more until the next day (UTC), and the local rules do their work: the spend stops,
the desk does not. Calls that are under way when it runs out are still paid for.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Protocol
from uuid import UUID

from tickets.desk_settings import DeskSettings, ModelBudget, Price
from tickets.errors import StorageFault
from tickets.ports import Clock
from tickets.ticket import TicketId

NANO: Final = 10**9
_MILLION: Final = 10**6
SPENT: Final = "Today's budget for language models is spent"

Log = Callable[..., object]


@dataclass(frozen=True, slots=True)
class ModelCall:
    """One call. `cost_nano` is in billionths of `currency`; `outcome` is ok, unusable or failed."""

    at: datetime
    ticket_id: TicketId | None
    step: str
    model: str
    tokens_in: int
    tokens_out: int
    latency_ms: int
    cost_nano: int
    currency: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Usage:
    """The calls of one day (UTC), step and model, added up."""

    day: date
    step: str
    model: str
    currency: str
    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    latency_ms: int  # of all of them together
    cost_nano: int

    @property
    def cost(self) -> Decimal:
        return Decimal(self.cost_nano) / NANO


class ModelCalls(Protocol):
    """Where calls are recorded."""

    async def record(self, call: ModelCall) -> None: ...

    async def spent_since(self, since: datetime, currency: str) -> int:
        """In billionths."""
        ...

    async def usage(self, since: datetime) -> tuple[Usage, ...]:
        """By day, step and model, the newest day first."""
        ...


TryModel = Callable[[], Awaitable[float]]
"""Ask the model one tiny question; the seconds it took. Raises ModelUnavailable."""


def cost_nano(price: Price, tokens_in: int, tokens_out: int) -> int:
    """In billionths of the price's currency, rounded to the nearest."""
    exact = (price.per_million_in * tokens_in + price.per_million_out * tokens_out) * NANO / _MILLION
    return int(exact.to_integral_value())


def day_of(now: datetime) -> datetime:
    """When the day (UTC) began."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a model is asked through."""

    calls: ModelCalls
    settings: DeskSettings
    clock: Clock
    log: Log

    async def reason_not_to_spend(self) -> str | None:
        """In words for an operator, when the day's budget is spent. A desk that cannot count does not spend."""
        budget = await self.settings.read(ModelBudget)
        if budget.daily is None:
            return None
        spent = await self.calls.spent_since(day_of(self.clock.now()), budget.currency)
        return SPENT if Decimal(spent) / NANO >= budget.daily else None

    async def told(
        self, ticket_id: UUID | None, step: str, model: str, tokens: Sequence[int], latency_s: float, outcome: str
    ) -> None:
        """Record a call. An answer that came is not thrown away because it could not be counted."""
        try:
            budget = await self.settings.read(ModelBudget)
            tokens_in, tokens_out = tokens
            cost = cost_nano(budget.prices.get(model, Price()), tokens_in, tokens_out)
            await self.calls.record(
                ModelCall(
                    at=self.clock.now(),
                    ticket_id=TicketId(ticket_id) if ticket_id else None,
                    step=step,
                    model=model,
                    tokens_in=tokens_in,
                    tokens_out=tokens_out,
                    latency_ms=round(latency_s * 1000),
                    cost_nano=cost,
                    currency=budget.currency,
                    outcome=outcome,
                )
            )
        except StorageFault as fault:
            self.log("model_call_not_recorded", error=type(fault).__name__)
