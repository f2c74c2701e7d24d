"""The weekly digest: one week of the desk beside the week before, and what waits longest.

It is made of the reports, so each of its figures is counted as they say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol, Self

from tickets.boards import BoardFilter, BoardLine, BoardPage
from tickets.desk_settings import BusinessHours, DeskSettings, ModelBudget
from tickets.errors import BadInput
from tickets.report_tables import Asked, report
from tickets.reports import Cell, Figures, Only, Report, Span, Unit
from tickets.service_level import Calendar
from tickets.wording import N_

LONGEST: Final = 5
_EARLIEST: Final = 2000
_ISO_WEEK: Final = re.compile(r"(\d{4})-?W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the ISO calendar (ISO 8601): from Monday, written as 2026-W47."""

    monday: date

    @classmethod
    def read(cls, typed: str) -> Self:
        """Raises BadInput."""
        found = _ISO_WEEK.fullmatch(typed.strip().upper())
        try:
            if found and int(found[1]) >= _EARLIEST:
                return cls(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        except ValueError:
            pass
        raise BadInput("That is no week of the calendar. Write it like 2026-W47.")

    @classmethod
    def of(cls, day: date) -> Self:
        """The week that the day lies in."""
        return cls(day - timedelta(days=day.weekday()))

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> "Week":
        return Week(self.monday - timedelta(weeks=1))

    @property
    def after(self) -> "Week":
        return Week(self.monday + timedelta(weeks=1))

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def year(self) -> int:
        return self.monday.isocalendar().year

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02}"


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure of the week, and of the week before."""

    name: str
    title: str
    unit: Unit
    now: Cell
    before: Cell

    @property
    def change(self) -> float | None:
        """How much more it is, as a share of what it was; for a share by how much it rose. None: not comparable."""
        if self.now is None or self.before is None:
            return None
        now, before = float(self.now), float(self.before)
        if self.unit is Unit.SHARE:
            return round(now - before, 4)
        return round((now - before) / before, 4) if before else None


@dataclass(frozen=True, slots=True)
class Digest:
    """`made_at` is when it was reckoned; what waits, waited then. A week that is not over counts up to then."""

    week: Week
    zone: str
    made_at: datetime
    is_over: bool
    figures: tuple[Compared, ...]
    backlog: Report
    longest: tuple[BoardLine, ...]
    currency: str
    is_model_recorded: bool
    uncounted: int

    def figure(self, name: str) -> Compared:
        return next(each for each in self.figures if each.name == name)

    @property
    def waiting(self) -> int:
        """Tickets that wait for us."""
        return sum(int(row[1] or 0) for row in self.backlog.rows)


class LongestWaits(Protocol):
    """The part of the boards that a digest reads."""

    async def page(self, wanted: BoardFilter, *, limit: int, cursor: str | None) -> BoardPage: ...


@dataclass(frozen=True, slots=True)
class DigestMaking:
    """Makes digests out of the reports, the boards and the settings of the desk."""

    figures: Figures
    boards: LongestWaits
    settings: DeskSettings

    async def made(self, week: Week | None, now: datetime) -> Digest:
        """The digest of that week, or of the last one that is over. Raises BadInput for one that is yet to come."""
        calendar = Calendar(await self.settings.read(BusinessHours))
        current = Week.of(now.astimezone(calendar.zone).date())
        week = week or current.before
        if week.monday > current.monday:
            raise BadInput("That week is yet to come. Choose this week or an earlier one.")
        asked = Asked(self.figures, Span(week.before.monday, week.sunday, calendar.zone), Only(), calendar, now)
        reports = {name: await report(name, asked) for name in _REPORTS}
        return Digest(
            week,
            calendar.hours.zone,
            now,
            week.monday < current.monday,
            (
                *_figures(reports, _VOLUME),
                await self._open(asked.span, now),
                *_figures(reports, _QUALITY),
            ),
            reports["backlog"],
            (await self.boards.page(BoardFilter(is_ours=True), limit=LONGEST, cursor=None)).lines,
            (await self.settings.read(ModelBudget)).currency,
            reports["model"].is_recorded,
            await self.figures.behind(),
        )

    async def _open(self, span: Span, now: datetime) -> Compared:
        before, at_end = await self.figures.open_at([min(end, now) for _, end in span.buckets])
        return Compared("open", N_("Open at the end of the week"), Unit.COUNT, at_end, before)


_REPORTS: Final = ("volume", "backlog", "first-response", "resolution", "drafts", "model")
# What the digest calls a figure, and the report and column that it stands in.
_VOLUME: Final = (
    ("mails_in", N_("Mails in"), "volume", "mails_in"),
    ("replies_out", N_("Replies out"), "volume", "replies_out"),
    ("opened", N_("Tickets opened"), "volume", "opened"),
    ("closed", N_("Tickets closed"), "volume", "closed"),
)
_QUALITY: Final = (
    ("first_response_median", N_("First response, median of business hours"), "first-response", "median_h"),
    ("first_response_p90", N_("First response, 90th percentile"), "first-response", "p90_h"),
    ("resolution_median", N_("Resolution, median of business hours"), "resolution", "median_h"),
    ("resolution_p90", N_("Resolution, 90th percentile"), "resolution", "p90_h"),
    ("acceptance", N_("Drafts of the agent accepted"), "drafts", "acceptance"),
    ("unchanged", N_("Of these sent unchanged"), "drafts", "unchanged_rate"),
    ("model_calls", N_("Calls of the model"), "model", "calls"),
    ("model_cost", N_("Cost of the model"), "model", "cost"),
)


def _figures(reports: Mapping[str, Report], wanted: Sequence[tuple[str, str, str, str]]) -> list[Compared]:
    return [_taken(reports, *each) for each in wanted]


def _taken(reports: Mapping[str, Report], name: str, title: str, of: str, column: str) -> Compared:
    """From a report over the two weeks, whose rows they are."""
    columns = reports[of].columns
    place = [each.name for each in columns].index(column)
    before, now = reports[of].rows
    return Compared(name, title, columns[place].unit, now[place], before[place])
