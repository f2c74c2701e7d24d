"""Reads of the reports: counts by week and by group, and the times that customers waited."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Row, Select, case, func, literal, select

from persistence.account_rows import operators
from persistence.columns import UtcDateTime
from persistence.engine import Database
from persistence.report_counting import behind
from persistence.rows import mailboxes, tickets
from persistence.rows_model_calls import model_calls
from persistence.rows_reports import report_moments, report_tickets
from tickets.reporting import MomentKind
from tickets.reports import Calls, Group, Lapse, Only, Promptness, Span, Tallies, Tally
from tickets.status import Status

_COLUMN: Final[dict[Group, Column[Any]]] = {
    Group.MAILBOX: tickets.c.mailbox,
    Group.OPERATOR: report_moments.c.by,
    Group.CATEGORY: tickets.c.category,
    Group.LANGUAGE: tickets.c.language,
}
_OURS: Final = (Status.NEW.value, Status.NEEDS_ACTION.value)
_PERSON: Final = "operator:"
_ANSWERED: Final = "ok"  # the outcome of a call that gave something usable


class SqlFigures:
    """The port Figures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_bucket(self, span: Span, only: Only) -> Mapping[int, Tallies]:
        place = _bucket(span, report_moments.c.at)
        found: defaultdict[int, dict[MomentKind, Tally]] = defaultdict(dict)
        for row in await self._tallies(place, span, only, needs_ticket=False):
            found[row.key][MomentKind(row.kind)] = _tally(row)
        return found

    async def by_group(self, span: Span, only: Only, group: Group) -> Mapping[str, Tallies]:
        column = _COLUMN[group]
        found: defaultdict[str, dict[MomentKind, Tally]] = defaultdict(dict)
        for row in await self._tallies(column, span, only, needs_ticket=group is not Group.OPERATOR):
            if group is not Group.OPERATOR:
                found[row.key or ""][MomentKind(row.kind)] = _tally(row)
            elif (row.key or "").startswith(_PERSON):
                found[row.key.removeprefix(_PERSON)][MomentKind(row.kind)] = _tally(row)
        return found

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
            waiting.append(tickets.c.assignee == only.operator.removeprefix(_PERSON))
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
        query = select(_bucket(span, called.at).label("key"), model_calls)
        found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
        async with self._database.read() as connection:
            if (await connection.execute(select(called.id).limit(1))).first() is None:
                return None
            for row in await connection.execute(query.where(called.at >= span.start, called.at < span.end)):
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

    async def _tallies(self, key: Any, span: Span, only: Only, *, needs_ticket: bool) -> Sequence[Row[Any]]:
        moments = report_moments.c
        words, changed = func.sum(moments.words).label("words"), func.sum(moments.changed).label("changed")
        query = select(key.label("key"), moments.kind, func.count().label("number"), words, changed)
        query = query.where(moments.at >= span.start, moments.at < span.end)
        query = _narrowed(query, report_moments, moments.by, only, needs_ticket=needs_ticket)
        async with self._database.read() as connection:
            return (await connection.execute(query.group_by(key, moments.kind))).all()


def _bucket(span: Span, at: Column[Any]) -> ColumnElement[int]:
    """Which bucket of the span a time falls into. Weeks and months are the zone's: compared, not reckoned."""
    ends = [(at < literal(end, UtcDateTime), place) for place, (_, end) in enumerate(span.buckets)]
    return case(*ends, else_=len(ends) - 1)


def _narrowed(
    query: Select[Any], table: Any, by: Column[Any], only: Only, *, needs_ticket: bool = False
) -> Select[Any]:
    """Joined with the tickets only where something is asked of them."""
    if only.operator:
        query = query.where(by == only.operator)
    conditions = _of_ticket(only)
    if conditions or needs_ticket:
        query = query.join_from(table, tickets, tickets.c.id == table.c.ticket_id).where(*conditions)
    return query


def _of_ticket(only: Only) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if only.mailbox:
        conditions.append(tickets.c.mailbox == only.mailbox)
    if only.category:
        conditions.append(tickets.c.category == only.category)
    return conditions


def _tally(row: Row[Any]) -> Tally:
    return Tally(int(row.number), int(row.words), int(row.changed))


def _calls(rows: Sequence[Row[Any]]) -> Calls:
    return Calls(
        len(rows),
        sum(row.tokens_in for row in rows),
        sum(row.tokens_out for row in rows),
        sum(row.cost_nano for row in rows),
        tuple(row.latency_ms for row in rows),
        sum(row.outcome != _ANSWERED for row in rows),
    )
