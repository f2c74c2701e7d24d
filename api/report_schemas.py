"""What scripts get of the reports."""

from datetime import date
from typing import Self

from msgspec import Struct

from tickets.reports import Report, Span, Unit


class ColumnOut(Struct):
    """`hours` are of business time, a `share` lies between 0 and 1, `money` is in the currency of the budget."""

    name: str
    title: str
    unit: Unit


class ReportOut(Struct):
    """A table. `about` says how its figures are counted; a cell is null where there is nothing to reckon with."""

    name: str
    title: str
    about: str
    first_day: date
    last_day: date
    zone: str
    is_recorded: bool
    columns: list[ColumnOut]
    rows: list[list[str | int | float | None]]

    @classmethod
    def of(cls, report: Report, span: Span) -> Self:
        columns = [ColumnOut(column.name, column.title, column.unit) for column in report.columns]
        rows = [list(row) for row in report.rows]
        about = (report.name, report.title, report.about)
        return cls(*about, span.first, span.last, str(span.zone), report.is_recorded, columns, rows)


class ReportList(Struct):
    """The names of all reports, and how many events on record are not counted yet."""

    names: list[str]
    behind: int
