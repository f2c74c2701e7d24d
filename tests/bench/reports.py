"""What the page of all ten reports costs on a large desk."""

from dataclasses import dataclass

from adapters.memory import FixedClock
from tests.bench.large_desk import add_report_rows, made
from tests.bench.pages import cpu_of
from tests.web.site import build_site
from tickets.people import Role

TWO_YEARS = "/boards/reports?from=2024-03-01&to=2026-03-02"


@dataclass(frozen=True)
class Reported:
    """CPU seconds of this process for one page: over the usual twelve weeks, over two years, and the digest."""

    twelve_weeks: float
    two_years: float
    digest: float


async def measure(url: str, count: int) -> Reported:
    desk = await made(url, count, FixedClock().now())
    await add_report_rows(desk)
    site = await build_site(url)
    await site.operator(Role.ADMIN)
    async with await site.browser(Role.ADMIN) as visitor:
        found = Reported(
            twelve_weeks=await cpu_of(visitor, "/boards/reports", rounds=3),
            two_years=await cpu_of(visitor, TWO_YEARS, rounds=2),
            digest=await cpu_of(visitor, "/boards/reports/digest", rounds=3),
        )
    await site.database.close()
    return found
