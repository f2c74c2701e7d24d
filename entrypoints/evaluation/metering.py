"""What the model's calls cost, case by case, and when a run has spent enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final
from uuid import UUID

from adapters.chat_call import Meter
from tickets.desk_settings import ModelBudget, Price
from tickets.spending import NANO, cost_nano

_NOTHING: Final = Price()


@dataclass(slots=True)
class Usage:
    """The calls of one case, added up."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_nano: int = 0


@dataclass(slots=True)
class CaseMeter:
    """The port Meter: counts for each case, and hands every call on to the desk's own meter, if there is a desk."""

    budget: ModelBudget = field(default_factory=ModelBudget)
    desk: Meter | None = None
    cap: Decimal | None = None
    spent_nano: int = 0
    by_case: dict[UUID, Usage] = field(default_factory=dict)

    async def reason_not_to_spend(self) -> str | None:
        return await self.desk.reason_not_to_spend() if self.desk else None

    async def told(
        self, ticket_id: UUID | None, step: str, model: str, tokens: Sequence[int], latency_s: float, outcome: str
    ) -> None:
        tokens_in, tokens_out = tokens
        cost = cost_nano(self.prices.get(model, _NOTHING), tokens_in, tokens_out)
        self.spent_nano += cost
        if ticket_id is not None:
            usage = self.by_case.setdefault(ticket_id, Usage())
            usage.calls += 1
            usage.tokens_in += tokens_in
            usage.tokens_out += tokens_out
            usage.cost_nano += cost
        if self.desk:  # the ids of cases are no tickets of the desk
            await self.desk.told(None, step, model, tokens, latency_s, outcome)

    @property
    def prices(self) -> Mapping[str, Price]:
        return self.budget.prices

    async def reason_to_stop(self) -> str | None:
        """In words, when no further case should be begun."""
        if self.cap is not None and Decimal(self.spent_nano) / NANO >= self.cap:
            return f"The cap of {self.cap} {self.budget.currency} is reached"
        return await self.reason_not_to_spend()
