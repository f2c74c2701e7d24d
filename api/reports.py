"""The reports: a page with charts, a CSV file for each, and the same tables for scripts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Response, Template

from api.auth import may
from api.charts import chart_of
from api.frame import frame
from api.language import said, told
from api.needs import ServicesNeed, SessionNeed
from api.report_schemas import ReportList, ReportOut
from api.schemas import NO_NUL
from api.services import Services
from api.spreadsheets import csv_file
from api.tickets import problems
from tickets.categories import Categories
from tickets.desk_settings import BusinessHours
from tickets.errors import BadInput
from tickets.people import Scope
from tickets.report_tables import NAMES, Asked, report
from tickets.reports import Cell, Group, Only, Report, Span, Unit, weeks_before
from tickets.service_level import Calendar

HERE: Final = "/boards/reports"
WEEKS: Final = 12

Day = Annotated[date | None, QueryParameter(description="In the zone of the business hours; 12 weeks without.")]
Which = Annotated[str | None, QueryParameter(max_length=254, pattern=NO_NUL, description="Only tickets of these.")]
# Not called `operator` inside: that is who asks.
Who = Annotated[
    str | None, QueryParameter(name="operator", max_length=254, pattern=NO_NUL, description="Only what they did.")
]


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """What stands in the address of the page."""

    first: date
    last: date
    mailbox: str
    operator: str
    category: str

    def url(self, path: str = HERE, **changes: str) -> str:
        named = {"from": self.first.isoformat(), "to": self.last.isoformat(), "mailbox": self.mailbox}
        named |= {"operator": self.operator, "category": self.category}
        kept = {name: value for name, value in (named | changes).items() if value}
        return f"{path}?{urlencode(kept)}"

    @property
    def only(self) -> Only:
        operator = f"operator:{self.operator}" if self.operator else None
        return Only(self.mailbox or None, operator, self.category or None)


@get(HERE, guards=[may(Scope.READ)])
async def reports_page(
    services: ServicesNeed,
    session: SessionNeed,
    since: Annotated[str | None, QueryParameter(name="from", max_length=10)] = None,
    until: Annotated[str | None, QueryParameter(name="to", max_length=10)] = None,
    mailbox: FromQuery[str | None] = None,
    who: Who = None,
    category: FromQuery[str | None] = None,
) -> Template:
    """All reports over some weeks, each with a chart, its table and how it is counted."""
    calendar, refusal = Calendar(await services.desk_settings.read(BusinessHours)), ""
    usual = weeks_before(services.clock.now().astimezone(calendar.zone).date(), WEEKS, calendar.zone)
    try:
        span = Span(_day(since) or usual.first, _day(until) or usual.last, calendar.zone)
    except BadInput as error:
        span, refusal = usual, told(error)
    query = ReportQuery(span.first, span.last, mailbox or "", who or "", category or "")
    asked = Asked(services.figures, span, query.only, calendar, services.clock.now())
    categories = await services.desk_settings.read(Categories)
    reports = [_with_titles(await report(name, asked), categories) for name in NAMES]
    context = {
        "frame": await frame(services, session),
        "here": HERE,
        "query": query,
        "typed": {"from": since or span.first.isoformat(), "to": until or span.last.isoformat()},
        "refusal": refusal,
        "shown": [(each, chart_of(each)) for each in reports],
        "choices": await asked.figures.choices(),
        "groups": Group,
        "behind": await asked.figures.behind(),
        "hours": calendar.hours,
        "figure": figure,
    }
    return Template("reports.html", context=context)


def _with_titles(report: Report, categories: Categories) -> Report:
    """The rows of the categories bear their titles on the page; files and scripts get the keys."""
    if report.name != "categories":
        return report
    return replace(report, rows=tuple((categories.title(str(row[0] or "")), *row[1:]) for row in report.rows))


@get(HERE + "/{name:str}/csv", guards=[may(Scope.READ)])
async def report_file(
    name: FromPath[str],
    services: ServicesNeed,
    since: Annotated[date | None, QueryParameter(name="from")] = None,
    until: Annotated[date | None, QueryParameter(name="to")] = None,
    mailbox: FromQuery[str | None] = None,
    who: Who = None,
    category: FromQuery[str | None] = None,
) -> Response[bytes]:
    """One report as a file for spreadsheets."""
    only = ReportQuery(date.min, date.min, mailbox or "", who or "", category or "").only
    asked = await _asked(services, since, until, only)
    found = await report(name, asked)
    content = csv_file([said(column.title) for column in found.columns], found.rows)
    filename = f"{found.name}-{asked.span.first}-{asked.span.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="text/csv", headers=headers)


@get("/reports", guards=[may(Scope.READ)], responses=problems(404))
async def list_reports(services: ServicesNeed) -> ReportList:
    """Which reports there are."""
    return ReportList(list(NAMES), await services.figures.behind())


@get("/reports/{name:str}", guards=[may(Scope.READ)], responses=problems(404))
async def read_report(
    name: FromPath[str],
    services: ServicesNeed,
    first_day: Day = None,
    last_day: Day = None,
    mailbox: Which = None,
    category: Which = None,
    who: Who = None,
) -> ReportOut:
    """One report: by week, or by month when there are more than 56 weeks."""
    only = Only(mailbox or None, f"operator:{who}" if who else None, category or None)
    asked = await _asked(services, first_day, last_day, only)
    return ReportOut.of(await report(name, asked), asked.span)


async def _asked(services: Services, first: date | None, last: date | None, only: Only) -> Asked:
    calendar, now = Calendar(await services.desk_settings.read(BusinessHours)), services.clock.now()
    usual = weeks_before(now.astimezone(calendar.zone).date(), WEEKS, calendar.zone)
    span = Span(first or usual.first, last or usual.last, calendar.zone)
    return Asked(services.figures, span, only, calendar, now)


def _day(typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        raise BadInput("That is no day of the calendar. Choose one, as in 2026-03-31.") from None


def figure(cell: Cell, unit: Unit) -> Any:
    """A cell as people read it."""
    if cell is None:
        return "–"
    match unit:
        case Unit.SHARE:
            return f"{float(cell) * 100:.0f}%"
        case Unit.HOURS | Unit.SECONDS:
            return f"{float(cell):,.1f}"
        case Unit.MONEY:
            return f"{float(cell):,.2f}"
        case Unit.COUNT:
            return f"{float(cell):,.0f}"
    return cell


report_page_handlers: Sequence[HTTPRouteHandler] = (reports_page, report_file)
report_handlers: Sequence[HTTPRouteHandler] = (list_reports, read_report)
