"""What a board says after one step on many tickets, and which more than a page of them can be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from litestar.datastructures import MultiDict

from api.board_query import BoardQuery
from api.services import Services
from tickets.boards import BoardFilter
from tickets.bulk import MAX_TICKETS, BulkReport
from tickets.errors import BadInput
from tickets.number_ranges import numbers_in, ranges_of
from tickets.ticket import TicketId

UNDO: Final = "undo_close"
STEPS: Final = frozenset({"assign", "tag", "untag", "close", "snooze", "wake", UNDO})


@dataclass(frozen=True, slots=True)
class Told:
    """A step that was taken on every ticket; `numbers` is of those whose closing can be taken back, else empty."""

    step: str
    count: int
    numbers: str = ""

    def query(self) -> Mapping[str, str]:
        return {"did": self.step, "count": str(self.count)} | ({"of": self.numbers} if self.numbers else {})

    @classmethod
    def read(cls, given: MultiDict[str]) -> "Told | None":
        """From the address; what nobody could have been sent to says nothing."""
        step, count, of = (str(given.get(name, "")) for name in ("did", "count", "of"))
        if step not in STEPS or not (count.isascii() and count.isdigit() and 0 < int(count[:9]) <= MAX_TICKETS):
            return None
        try:
            numbers_in(of)
        except BadInput:
            return None
        return cls(step, int(count[:9]), of if step == "close" else "")


async def told_of(services: Services, step: str, report: BulkReport) -> Told:
    numbers = await services.boards.numbers(report.done) if step == "close" else {}
    return Told(step, len(report.done), ranges_of(numbers.values()))


async def numbered(services: Services, text: str) -> Sequence[TicketId]:
    """The tickets with the numbers that a form sends back. Raises BadInput."""
    found = await services.boards.numbered(numbers_in(text))
    return [found[number] for number in sorted(found)]


@dataclass(frozen=True, slots=True)
class Matching:
    """The tickets that fit the filters beyond the page that is shown, as many as one step may take."""

    beyond: tuple[TicketId, ...]
    count: int
    has_more: bool


async def matching(services: Services, query: BoardQuery, wanted: BoardFilter, shown: int) -> Matching | None:
    """None unless the address asks for them."""
    if not query.picks_matching:
        return None
    page = await services.boards.page(wanted, limit=MAX_TICKETS, cursor=None, order=query.order)
    found = tuple(TicketId(line.id) for line in page.lines)
    return Matching(found[shown:], len(found), page.next_cursor is not None)
