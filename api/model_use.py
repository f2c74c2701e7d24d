"""Language models: what they cost, what they may cost, and whether they answer. The page, and the same for scripts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final

from litestar import Request, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.response import Redirect, Template
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER
from msgspec import Meta, Struct

from api.auth import may
from api.language import _, told
from api.mailbox_schemas import problems
from api.needs import ActorNeed, ServicesNeed, SessionNeed
from api.schemas import NO_NUL
from api.section_forms import BUDGET
from api.section_pages import SectionPage
from api.section_rest import Money, Version, kept, replaced
from api.services import Services
from tickets.desk_settings import ModelBudget, Price, Stored
from tickets.errors import ModelUnavailable, NotFound
from tickets.people import Scope
from tickets.spending import NANO, SPENT, Spending, Usage, day_of

DAYS_SHOWN: Final = 7
STEPS: Final = ("triage", "plan", "draft")
WebRequest = Request[Any, Any, Any]


def spending_of(services: Services) -> Spending:
    """Raises NotFound on a site that was built without it."""
    if services.spending is None:
        raise NotFound("Calls to models are not counted here.")
    return services.spending


async def _more(services: Services) -> Mapping[str, Any]:
    spending, now = spending_of(services), services.clock.now()
    budget = await services.desk_settings.read(ModelBudget)
    today = day_of(now)
    spent = Decimal(await spending.calls.spent_since(today, budget.currency)) / NANO
    usage = await spending.calls.usage(today - timedelta(days=DAYS_SHOWN - 1))
    return {
        "model": services.settings.model_name,
        "has_model": services.try_model is not None,
        "steps": STEPS,
        "budget": budget,
        "spent": spent,
        "share": min(100, round(100 * spent / budget.daily)) if budget.daily else None,
        "is_spent": await spending.reason_not_to_spend() is not None,
        "usage": usage,
        "today": [each for each in usage if each.day == now.date()],
        "unpriced": sorted({each.model for each in usage} - set(budget.prices)),
        "tried": None,
    }


MODEL_PAGE: Final = SectionPage("/boards/settings/model", "settings_model.html", (BUDGET,), _more)


@get(MODEL_PAGE.path, guards=[may(Scope.ADMIN)])
async def model_page(services: ServicesNeed, session: SessionNeed, saved: FromQuery[bool] = False) -> Template:
    """The model of each step, today's spend, the last week, the budget."""
    return await MODEL_PAGE.show(services, session, is_saved=saved)


@post(MODEL_PAGE.path, guards=[may(Scope.ADMIN)], status_code=HTTP_303_SEE_OTHER)
async def save_model(
    request: WebRequest, services: ServicesNeed, session: SessionNeed, actor: ActorNeed
) -> Template | Redirect:
    """Another budget, other prices."""
    return await MODEL_PAGE.save(request, services, session, actor)


@post(MODEL_PAGE.path + "/try", guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK)
async def try_model(services: ServicesNeed, session: SessionNeed) -> Template:
    """Ask it one tiny question, and say how long the answer took, or why there was none."""
    page = await MODEL_PAGE.show(services, session)
    page.context["tried"] = await _tried(services)
    return page


async def _tried(services: Services) -> tuple[bool, str]:
    if services.try_model is None:
        return False, _("There is no model to try: answers are written by the local rules.")
    try:
        took_s = await services.try_model()
    except ModelUnavailable as error:
        return False, told(error)
    return True, _("It answered within %(seconds)s s.", seconds=f"{took_s:.1f}")


# --- scripts ----------------------------------------------------------------------------------------------------------


class PriceValue(Struct, forbid_unknown_fields=True):
    """What a million tokens cost, as decimal text."""

    per_million_in: Money
    per_million_out: Money


class BudgetPut(Struct, forbid_unknown_fields=True, kw_only=True):
    """`daily` is decimal text, null for no limit; prices by the model's name; the version that they replace."""

    daily: Money | None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    prices: dict[Annotated[str, Meta(min_length=1, max_length=120, pattern=NO_NUL)], PriceValue]
    version: Version

    def value(self) -> ModelBudget:
        prices = {
            model: Price(Decimal(price.per_million_in), Decimal(price.per_million_out))
            for model, price in self.prices.items()
        }
        return ModelBudget(None if self.daily is None else Decimal(self.daily), self.currency, prices)


class BudgetOut(Struct, kw_only=True):
    """What may be spent each day (UTC), and what models cost."""

    daily: str | None
    currency: str
    prices: dict[str, PriceValue]
    version: Version
    changed_by: str | None
    changed_at: datetime | None

    @classmethod
    def of(cls, stored: Stored[ModelBudget]) -> "BudgetOut":
        budget = stored.value
        prices = {
            model: PriceValue(f"{price.per_million_in:f}", f"{price.per_million_out:f}")
            for model, price in budget.prices.items()
        }
        daily = None if budget.daily is None else f"{budget.daily:f}"
        return cls(daily=daily, currency=budget.currency, prices=prices, **kept(stored))


class UsageOut(Struct):
    """The calls of one day (UTC), step and model. `cost` is decimal text; `latency_ms` that of all calls together."""

    day: date
    step: str
    model: str
    currency: str
    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    latency_ms: int
    cost: str

    @classmethod
    def of(cls, usage: Usage) -> "UsageOut":
        return cls(
            usage.day,
            usage.step,
            usage.model,
            usage.currency,
            usage.calls,
            usage.failed,
            usage.tokens_in,
            usage.tokens_out,
            usage.latency_ms,
            f"{usage.cost:f}",
        )


class UsageList(Struct):
    """The newest day first. `is_spent`: today's budget is used up, and the local rules work alone."""

    items: list[UsageOut]
    is_spent: bool


class ModelTrial(Struct):
    """Whether the model answered one tiny question; `detail` says how quickly, or why not."""

    answered: bool
    detail: str


@post("/settings/model/try", guards=[may(Scope.ADMIN)], status_code=HTTP_200_OK, responses=problems())
async def try_model_once(services: ServicesNeed) -> ModelTrial:
    """Ask the model one tiny question, which may cost as much."""
    return ModelTrial(*await _tried(services))


@get("/settings/model-usage", guards=[may(Scope.ADMIN)], responses=problems())
async def model_usage(
    services: ServicesNeed, days: Annotated[int, QueryParameter(ge=1, le=400)] = DAYS_SHOWN
) -> UsageList:
    """What models were asked, and what it cost, by day, step and model."""
    spending = spending_of(services)
    usage = await spending.calls.usage(day_of(services.clock.now()) - timedelta(days=days - 1))
    return UsageList([UsageOut.of(each) for each in usage], await spending.reason_not_to_spend() == SPENT)


@get("/settings/model-budget", guards=[may(Scope.ADMIN)], responses=problems())
async def get_budget(services: ServicesNeed) -> BudgetOut:
    """The budget and the prices."""
    return BudgetOut.of(await services.desk_settings.stored(ModelBudget))


@put("/settings/model-budget", guards=[may(Scope.ADMIN)], responses=problems(409))
async def put_budget(services: ServicesNeed, actor: ActorNeed, data: JSONBody[BudgetPut]) -> BudgetOut:
    """Replace the budget and the prices."""
    return BudgetOut.of(await replaced(services, data.value(), data.version, actor))


model_page_handlers: list[HTTPRouteHandler] = [model_page, save_model, try_model]
model_handlers: Sequence[HTTPRouteHandler] = (model_usage, try_model_once, get_budget, put_budget)
