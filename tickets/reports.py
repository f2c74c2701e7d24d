"""Reports as values: which figures there are, over which time and tickets, and how each is counted.

A report is a table; the page draws it, the CSV file and the REST answer carry it as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final, Protocol

from tickets.errors import BadInput
from tickets.reporting import MomentKind
from tickets.wording import N_

MOST_DAYS: Final = 3660
MOST_WEEKS: Final = 56  # longer times are shown by month

Cell = str | int | float | None


class Unit(StrEnum):
    """How a column's figures are meant. Hours are of business time; shares lie between 0 and 1."""

    TEXT = "text"
    COUNT = "count"
    HOURS = "hours"
    SHARE = "share"
    MONEY = "money"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` is stable, for scripts; `title` is for people."""

    name: str
    title: str
    unit: Unit = Unit.COUNT


class Chart(StrEnum):
    """How a report is drawn."""

    LINES = "lines"  # one point a week or month
    BARS = "bars"  # one bar a row


@dataclass(frozen=True, slots=True)
class Report:
    """A table of figures. `drawn` names the columns that the chart shows; `about` says how they are counted."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Chart = Chart.BARS
    drawn: tuple[str, ...] = ()
    is_recorded: bool = True

    @property
    def is_empty(self) -> bool:
        return not any(cell for row in self.rows for cell in row[1:])


@dataclass(frozen=True, slots=True)
class Span:
    """A time of whole days: `first` counts, `last` too, both in `zone`."""

    first: date
    last: date
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadInput("The report ends before it begins. Choose a later last day.")
        if (self.last - self.first).days > MOST_DAYS:
            raise BadInput("A report covers ten years at most. Choose a shorter time.")

    @property
    def start(self) -> datetime:
        return self._midnight(self.first)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self._midnight(self.last + timedelta(days=1))

    @property
    def buckets(self) -> tuple[tuple[date, datetime], ...]:
        """Its weeks (from Monday), or months when there are too many: the first day of each, and where it ends."""
        days = (self.last - self.first).days + 1
        steps = _months(self) if days > MOST_WEEKS * 7 else _weeks(self)
        return tuple((first, self._midnight(end)) for first, end in steps)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def weeks_before(today: date, weeks: int, zone: tzinfo = UTC) -> Span:
    """The time up to today that begins that many Mondays ago, this week's counted."""
    monday = today - timedelta(days=today.weekday())
    return Span(monday - timedelta(weeks=weeks - 1), today, zone)


def _weeks(span: Span) -> list[tuple[date, date]]:
    found, day = [], span.first
    while day <= span.last:
        end = min(day - timedelta(days=day.weekday()) + timedelta(weeks=1), span.last + timedelta(days=1))
        found.append((day, end))
        day = end
    return found


def _months(span: Span) -> list[tuple[date, date]]:
    found, day = [], span.first
    while day <= span.last:
        following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        end = min(following, span.last + timedelta(days=1))
        found.append((day, end))
        day = end
    return found


@dataclass(frozen=True, slots=True)
class Only:
    """Which tickets count; None counts all. `operator` is an actor's name and restricts what operators did."""

    mailbox: str | None = None
    operator: str | None = None
    category: str | None = None


class Group(StrEnum):
    """What moments are grouped by besides time."""

    MAILBOX = "mailbox"
    OPERATOR = "operator"
    CATEGORY = "category"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many moments of one kind, and the words of their replies."""

    count: int = 0
    words: int = 0
    changed: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.words + other.words, self.changed + other.changed)


Tallies = Mapping[MomentKind, Tally]
NO_TALLY: Final = Tally()


@dataclass(frozen=True, slots=True)
class Counted:
    """Moments that have their bucket, their kind and all groups in common; a group that is not known is empty."""

    bucket: int
    kind: MomentKind
    groups: Mapping[Group, str]
    tally: Tally


@dataclass(frozen=True, slots=True)
class Lapse:
    """A time that somebody waited for an answer or a solution."""

    start: datetime
    end: datetime


class Promptness(StrEnum):
    ANSWER = "answer"
    SOLUTION = "solution"


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of the model in one bucket; costs are in billionths of the currency."""

    calls: int
    tokens_in: int
    tokens_out: int
    cost_nano: int
    failed: int
    latencies: tuple[tuple[float, int], ...]  # rising, in seconds to two places: how many calls took so long


class Figures(Protocol):
    """Reads for the reports. Keys of buckets are their place in `span.buckets`."""

    async def counted(self, span: Span, only: Only) -> Sequence[Counted]: ...
    async def lapses(self, span: Span, only: Only, of: Promptness) -> Mapping[int, Sequence[Lapse]]: ...
    async def backlog(self, now: datetime, edges: Sequence[timedelta], only: Only) -> Sequence[int]:
        """Tickets that wait for us, by how long: less than the first edge, the second, and so on, and longer."""
        ...

    async def open_at(self, instants: Sequence[datetime]) -> Sequence[int]:
        """Tickets that were open at each of them; one that was closed and reopened since counts as open."""
        ...

    async def model_calls(self, span: Span) -> Mapping[int, Calls] | None:
        """None where no call was ever recorded."""
        ...

    async def choices(self) -> Mapping[Group, Sequence[str]]:
        """The mailboxes, operators and categories that can be chosen."""
        ...

    async def behind(self) -> int:
        """How many events on record are not counted yet."""
        ...


WEEK: Final = Column("from", N_("From"), Unit.TEXT)
