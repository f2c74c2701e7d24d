"""What scripts get of the reports."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from msgspec import Struct

from tickets.digest import Compared, Digest
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


class ComparedOut(Struct):
    """A figure of the week and of the week before. `change` is a share of what it was; of shares, their difference."""

    name: str
    title: str
    unit: Unit
    now: str | int | float | None
    before: str | int | float | None
    change: float | None

    @classmethod
    def of(cls, figure: Compared) -> Self:
        return cls(figure.name, figure.title, figure.unit, figure.now, figure.before, figure.change)


class WaitingOut(Struct):
    """A ticket that waits for us."""

    id: UUID
    number: int
    subject: str
    waiting_since: datetime


class AgeOut(Struct):
    """How many tickets wait for us for so long."""

    age: str
    tickets: int


class DigestOut(Struct):
    """A week beside the week before. `backlog` and `longest` are what waited for us at `made_at`."""

    week: str
    first_day: date
    last_day: date
    zone: str
    made_at: datetime
    is_over: bool
    currency: str
    sentences: list[str]
    figures: list[ComparedOut]
    backlog: list[AgeOut]
    longest: list[WaitingOut]
    behind: int

    @classmethod
    def of(cls, digest: Digest, sentences: Sequence[str]) -> Self:
        return cls(
            week=str(digest.week),
            first_day=digest.week.monday,
            last_day=digest.week.sunday,
            zone=digest.zone,
            made_at=digest.made_at,
            is_over=digest.is_over,
            currency=digest.currency,
            sentences=list(sentences),
            figures=[ComparedOut.of(figure) for figure in digest.figures],
            backlog=[AgeOut(str(age), int(count or 0)) for age, count in digest.backlog.rows],
            longest=[WaitingOut(line.id, line.number, line.subject, line.waiting_since) for line in digest.longest],
            behind=digest.uncounted,
        )
