"""Is the desk ready for more: by category, from what operators decided. A page below the reports, and for scripts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from api.auth import may
from api.frame import frame
from api.needs import ServicesNeed, SessionNeed
from api.reports import HERE as REPORTS
from api.services import Services
from api.tickets import problems
from tickets.categories import Categories
from tickets.people import Scope
from tickets.trust import ENOUGH, MOST, TARGET, Advice, CategoryTrust, trust_of
from tickets.wording import N_

HERE: Final = REPORTS + "/readiness"

_ADVICE: Final[Mapping[Advice, str]] = {
    Advice.DECIDE_MORE: N_("Too few decisions to tell. Go on approving, and confirm or change categories."),
    Advice.KEEP_CHECKING: N_("Triage errs too often here. Look at every category, and say what belongs in it."),
    Advice.PARTLY: N_("Promising. Above the threshold it is nearly always right; more decisions will make it certain."),
    Advice.READY: N_("Above the threshold its category can be relied upon. Replies are approved as before."),
}


@dataclass(frozen=True, slots=True)
class ReadinessLine:
    """One category. `category` is empty for all together; `threshold` is null where none reaches the target."""

    category: str
    decisions: int
    accuracy: float | None
    threshold: float | None
    coverage: float
    covered: int
    precision_low: float
    precision_high: float
    answered: int
    acceptance: float | None
    unchanged: float | None
    advice: Advice

    @classmethod
    def of(cls, trust: CategoryTrust) -> "ReadinessLine":
        low, high = trust.coverage.interval
        return cls(
            category=trust.category,
            decisions=trust.decisions,
            accuracy=trust.accuracy,
            threshold=trust.coverage.threshold,
            coverage=trust.coverage.share,
            covered=trust.coverage.covered,
            precision_low=low,
            precision_high=high,
            answered=trust.answered,
            acceptance=trust.acceptance,
            unchanged=trust.unchanged_share,
            advice=trust.advice,
        )


@dataclass(frozen=True, slots=True)
class ReadinessOut:
    """`target` is the precision that a threshold has to reach, `enough` the decisions without which nothing is said."""

    target: float
    enough: int
    items: list[ReadinessLine]


async def readiness_of(services: Services) -> ReadinessOut:
    kept = await services.examples.decided(MOST) if services.examples else ()
    return ReadinessOut(TARGET, ENOUGH, [ReadinessLine.of(each) for each in trust_of(kept)])


@get(HERE, guards=[may(Scope.READ)])
async def readiness_page(services: ServicesNeed, session: SessionNeed) -> Template:
    """The figures with advice in words."""
    context = {
        "frame": await frame(services, session),
        "here": REPORTS,
        "found": await readiness_of(services),
        "categories": await services.desk_settings.read(Categories),
        "advice": _ADVICE,
    }
    return Template("readiness.html", context=context)


@get("/readiness", guards=[may(Scope.READ)], responses=problems())
async def read_readiness(services: ServicesNeed) -> ReadinessOut:
    """How far each category has come: what operators decided, held against what triage and drafts proposed."""
    return await readiness_of(services)


readiness_page_handlers: Sequence[HTTPRouteHandler] = (readiness_page,)
readiness_handlers: Sequence[HTTPRouteHandler] = (read_readiness,)
