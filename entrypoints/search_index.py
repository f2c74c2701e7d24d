"""What keeps the search and the reports in step with the record: beside the service, or at once by command."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Final

from persistence.engine import Database
from persistence.report_counting import ReportCounting
from persistence.search_filling import SearchFilling
from tickets.search import Coverage

PAUSE_S: Final = 0.05  # between two steps, so that mail and operators come first
COUNT_EVERY_S: Final = 5.0
LOOK_EVERY_S: Final = 300.0  # somebody may have asked for the index to be built anew


def index_loops(database: Database) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
    """What goes on beside the web for the search and the reports, each with its name for the log."""
    yield "search", partial(fill_the_search, SearchFilling(database))
    yield "reports", partial(count_for_reports, ReportCounting(database))


async def fill_the_search(filling: SearchFilling) -> None:
    """Until every mail from before there was an index is in it; then looks now and then whether it must begin again."""
    while True:
        known = await filling.step()
        await asyncio.sleep(LOOK_EVERY_S if known.is_whole else PAUSE_S)


async def count_for_reports(counting: ReportCounting) -> None:
    """Counts what is new on record, for ever; after a start, all that came before as well."""
    while True:
        more = await counting.step()
        await asyncio.sleep(PAUSE_S if more else COUNT_EVERY_S)


async def rebuild(filling: SearchFilling, show: Callable[[Coverage], None]) -> Coverage:
    """Put everything into the index anew; the desk may run meanwhile."""
    await filling.start_again()
    while not (known := await filling.step()).is_whole:
        show(known)
    return known
