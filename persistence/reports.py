"""Reads of the reports: counts by week and by group, and the times that customers waited."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, Select, Table, case, func, literal, select

from persistence.account_rows import operators
from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.report_counting import behind
from persistence.rows import mailboxes, tickets
from persistence.rows_model_calls import model_calls
from persistence.rows_reports import report_moments, report_tickets
from tickets.report_tables import PERSON
from tickets.reporting import MomentKind
from tickets.reports import Calls, Counted, Group, Lapse, Only, Promptness, Span, Tally
from tickets.status import Status

_COLUMN: Final[dict[Group, Column[Any]]] = {
    Group.MAILBOX: report_moments.c.mailbox,
    Group.OPERATOR: report_moments.c.by,
    Group.CATEGORY: report_moments.c.category,
    Group.LANGUAGE: report_moments.c.language,
}
_SUMMED: Final = ("calls", "tokens_in", "tokens_out", "cost_nano", "failed")
_OURS: Final = (Status.NEW.value, Status.NEEDS_ACTION.value)
_ANSWERED: Final = "ok"  # the outcome of a call that gave something usable


class SqlFigures:
    """The port Figures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counted(self, span: Span, only: Only) -> Sequence[Counted]:
        moments = report_moments.c
        grouped = (_bucket(span, moments.at).label("key"), moments.kind, *_COLUMN.values())
        sums = (func.count().label("number"), func.sum(moments.words), func.sum(moments.changed))
        query = select(*grouped, *sums).where(moments.at >= span.start, moments.at < span.end, *_of_moment(only))
        async with self._database.read() as connection:
            return [_counted(tuple(row)) for row in await connection.execute(query.group_by(*grouped))]

    async def lapses(self, span: Span, only: Only, of: Promptness) -> Mapping[int, Sequence[Lapse]]:
        facts = report_tickets.c
        end, by = (
            (facts.answered_at, facts.answered_by) if of is Promptness.ANSWER else (facts.closed_at, facts.closed_by)
        )
        place = _bucket(span, end)
        query = select(place.label("key"), facts.opened_at, end.label("ended_at"))
        query = query.where(end >= span.start, end < span.end)
        query = _narrowed(query, report_tickets, by, only)
        found: defaultdict[int, list[Lapse]] = defaultdict(list)
        async with self._database.read() as connection:
            for row in await connection.execute(query):
                found[row.key].append(Lapse(row.opened_at, row.ended_at))
        return found

    async def backlog(self, now: datetime, edges: Sequence[timedelta], only: Only) -> Sequence[int]:
        since = tickets.c.waiting_since
        ages = [(since > literal(now - edge, UtcDateTime), place) for place, edge in enumerate(edges)]
        waiting: list[ColumnElement[bool]] = [
            tickets.c.status.in_(_OURS),
            tickets.c.merged_into.is_(None),
            tickets.c.snoozed_until.is_(None),
        ]
        waiting += _of_ticket(only)
        if only.operator:
            waiting.append(tickets.c.assignee == only.operator.removeprefix(PERSON))
        place = case(*ages, else_=len(edges))
        query = select(place.label("key"), func.count().label("number")).where(*waiting).group_by(place)
        async with self._database.read() as connection:
            found = {row.key: row.number for row in await connection.execute(query)}
        return [found.get(place, 0) for place in range(len(edges) + 1)]

    async def open_at(self, instants: Sequence[datetime]) -> Sequence[int]:
        facts = report_tickets.c
        ours = [literal(instant, UtcDateTime) for instant in instants]
        opened = [func.count().filter(facts.opened_at < each) for each in ours]
        closed = [func.count().filter(facts.closed_at < each) for each in ours]
        async with self._database.read() as connection:
            row = (await connection.execute(select(*opened, *closed).select_from(report_tickets))).one()
        return [row[place] - row[place + len(ours)] for place in range(len(ours))]

    async def model_calls(self, span: Span) -> Mapping[int, Calls] | None:
        called = model_calls.c
        key, rounded = _bucket(span, called.at).label("key"), ((called.latency_ms + 5) // 10).label("hundredths")
        failed = func.count().filter(called.outcome != _ANSWERED).label("failed")
        named = (called.tokens_in, called.tokens_out, called.cost_nano)
        sums = (func.count().label("calls"), failed, *(func.sum(column).label(column.name) for column in named))
        query = select(key, rounded, *sums).where(called.at >= span.start, called.at < span.end)
        found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
        async with self._database.read() as connection:
            if (await connection.execute(select(called.id).limit(1))).first() is None:
                return None
            for row in await connection.execute(query.group_by(key, rounded).order_by(key, rounded)):
                found[row.key].append(row)
        return {place: _calls(rows) for place, rows in found.items()}

    async def choices(self) -> Mapping[Group, Sequence[str]]:
        queries = {
            Group.MAILBOX: select(mailboxes.c.address).order_by(mailboxes.c.address),
            Group.OPERATOR: select(operators.c.email).order_by(operators.c.email),
            Group.CATEGORY: select(tickets.c.category).where(tickets.c.category.is_not(None)).distinct(),
        }
        async with self._database.read() as connection:
            return {group: sorted((await connection.execute(query)).scalars()) for group, query in queries.items()}

    async def behind(self) -> int:
        return await behind(self._database)


def _bucket(span: Span, at: Column[Any]) -> ColumnElement[int]:
    """Which bucket of the span a time falls into. Weeks and months are the zone's: compared, not reckoned."""
    ends = [(at < literal(end, UtcDateTime), place) for place, (_, end) in enumerate(span.buckets)]
    return case(*ends, else_=len(ends) - 1)


def _narrowed(query: Select[Any], table: Table, by: Column[Any], only: Only) -> Select[Any]:
    """Joined with the tickets only where something is asked of them."""
    if only.operator:
        query = query.where(by == only.operator)
    if conditions := _of_ticket(only):
        query = query.join_from(table, tickets, tickets.c.id == table.c.ticket_id).where(*conditions)
    return query


def _of_ticket(only: Only) -> list[ColumnElement[bool]]:
    return _equal([(tickets.c.mailbox, only.mailbox), (tickets.c.category, only.category)])


def _of_moment(only: Only) -> list[ColumnElement[bool]]:
    moments = report_moments.c
    return _equal([(moments.mailbox, only.mailbox), (moments.category, only.category), (moments.by, only.operator)])


def _equal(wanted: Sequence[tuple[Column[Any], str | None]]) -> list[ColumnElement[bool]]:
    return [column == value for column, value in wanted if value]


def _counted(row: Sequence[Any]) -> Counted:
    key, kind, *groups, number, words, changed = row
    named = {group: value or "" for group, value in zip(_COLUMN, groups, strict=True)}
    return Counted(key, MomentKind(kind), named, Tally(int(number), int(words), int(changed)))


def _calls(rows: Sequence[Row[Any]]) -> Calls:
    """Of rows by rising latency."""
    summed = {name: int(sum(row._mapping[name] for row in rows)) for name in _SUMMED}
    latencies = tuple((row.hundredths / 100, int(row.calls)) for row in rows)
    return Calls(**summed, latencies=latencies)
