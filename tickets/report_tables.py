"""The reports, one function each: figures in, table out."""

import math
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from tickets.errors import NotFound
from tickets.reporting import SENT, MomentKind
from tickets.reports import (
    NO_TALLY,
    WEEK,
    Calls,
    Cell,
    Chart,
    Column,
    Counted,
    Figures,
    Group,
    Lapse,
    Only,
    Promptness,
    Report,
    Span,
    Tallies,
    Tally,
    Unit,
)
from tickets.service_level import Calendar
from tickets.wording import N_, Sentence

K = TypeVar("K")

PERSON: Final = "operator:"  # how the record names people
_HOUR_S: Final = 3600
_NANO: Final = 1_000_000_000
AGES: Final = (
    (timedelta(hours=4), N_("under 4 hours")),
    (timedelta(hours=24), N_("4 to 24 hours")),
    (timedelta(days=3), N_("1 to 3 days")),
    (timedelta(days=7), N_("3 to 7 days")),
    (timedelta(days=30), N_("7 to 30 days")),
)
OLDEST: Final = N_("over 30 days")


@dataclass(slots=True)
class Asked:
    """What a report is asked for. What was counted for one report is kept for the next ones."""

    figures: Figures
    span: Span
    only: Only
    calendar: Calendar
    now: datetime
    _counted: Sequence[Counted] | None = None

    async def by_bucket(self) -> Mapping[int, Tallies]:
        return _summed((each.bucket, each) for each in await self._all())

    async def by_group(self, group: Group) -> Mapping[str, Tallies]:
        """By what they have of that group; of operators only those who are people."""
        named = [(each.groups[group], each) for each in await self._all()]
        if group is Group.OPERATOR:
            named = [(name.removeprefix(PERSON), each) for name, each in named if name.startswith(PERSON)]
        return _summed(named)

    async def _all(self) -> Sequence[Counted]:
        if self._counted is None:
            self._counted = await self.figures.counted(self.span, self.only)
        return self._counted


def _summed(keyed: Iterable[tuple[K, Counted]]) -> dict[K, Tallies]:
    found: defaultdict[K, defaultdict[MomentKind, Tally]] = defaultdict(lambda: defaultdict(Tally))
    for key, each in keyed:
        found[key][each.kind] += each.tally
    return dict(found)


async def volume(asked: Asked) -> Report:
    found = await asked.by_bucket()
    rows = []
    for place, (first, _) in enumerate(asked.span.buckets):
        counted = found.get(place, {})
        rows.append(
            (
                first.isoformat(),
                _count(counted, MomentKind.MAIL_IN),
                _count(counted, *SENT),
                _count(counted, MomentKind.OPENED),
                _count(counted, MomentKind.CLOSED),
                _count(counted, MomentKind.REOPENED),
            )
        )
    return Report(
        "volume",
        N_("Mails and tickets"),
        N_(
            "Mails in are customers' mails on tickets; automatic mail is not counted. Replies out are those that left "
            "the desk and those that colleagues wrote in the mailbox itself. A ticket that is closed, reopened and "
            "closed again is closed twice. Merged tickets count once, as the ticket that their mails are on now."
        ),
        (
            WEEK,
            Column("mails_in", N_("Mails in")),
            Column("replies_out", N_("Replies out")),
            Column("opened", N_("Tickets opened")),
            Column("closed", N_("Tickets closed")),
            Column("reopened", N_("Reopened")),
        ),
        tuple(rows),
        Chart.LINES,
        ("mails_in", "replies_out", "closed"),
    )


async def backlog(figures: Figures, now: datetime, only: Only) -> Report:
    counts = await figures.backlog(now, [edge for edge, _ in AGES], only)
    titles = [*(title for _, title in AGES), OLDEST]
    return Report(
        "backlog",
        N_("Backlog by age"),
        N_(
            "Tickets that wait for us right now (new, or in need of action, and not put off), by how long the customer "
            "has been waiting by the clock. The dates above do not matter here."
        ),
        (Column("age", N_("Waiting for"), Unit.TEXT), Column("tickets", N_("Tickets"))),
        tuple(zip(titles, counts, strict=True)),
        Chart.BARS,
        ("tickets",),
    )


async def promptness(figures: Figures, span: Span, only: Only, calendar: Calendar, of: Promptness) -> Report:
    found = await figures.lapses(span, only, of)
    rows = []
    for place, (first, _) in enumerate(span.buckets):
        hours = sorted(_hours(calendar, lapse) for lapse in found.get(place, ()))
        rows.append((first.isoformat(), len(hours), percentile(hours, 0.5), percentile(hours, 0.9)))
    is_answer = of is Promptness.ANSWER
    return Report(
        "first-response" if is_answer else "resolution",
        N_("First response") if is_answer else N_("Resolution"),
        N_(
            "Business time from the customer's first mail to our first reply, in the week in which that reply left. "
            "Half of the tickets took the median at most, nine out of ten the 90th percentile. Tickets without a reply "
            "do not count."
        )
        if is_answer
        else N_(
            "Business time from the customer's first mail to the last closing, for tickets that are closed now, in the "
            "week in which they were closed. A ticket that was reopened counts once it is closed again, from its first "
            "mail on."
        ),
        (
            WEEK,
            Column("tickets", N_("Tickets")),
            Column("median_h", N_("Median, hours"), Unit.HOURS),
            Column("p90_h", N_("90th percentile, hours"), Unit.HOURS),
        ),
        tuple(rows),
        Chart.LINES,
        ("median_h", "p90_h"),
    )


async def drafts(asked: Asked) -> Report:
    found = await asked.by_bucket()
    rows = [(first.isoformat(), *_fate(found.get(place, {}))) for place, (first, _) in enumerate(asked.span.buckets)]
    return Report(
        "drafts",
        N_("Drafts of the agent"),
        N_(
            "Accepted are drafts of the agent that left, as they were or after edits; not accepted are those that an "
            "operator rejected or had written anew. Drafts that the customer overtook with another mail count for "
            "neither. Sent unchanged is the share of those that left of which not one sign was changed. Words changed "
            "are those put in and taken out, against the words of the replies that left."
        ),
        (WEEK, *_FATES),
        tuple(rows),
        Chart.LINES,
        ("acceptance", "unchanged_rate"),
    )


_FATES: Final = (
    Column("offered", N_("Offered")),
    Column("sent_unchanged", N_("Sent unchanged")),
    Column("sent_edited", N_("Sent after edits")),
    Column("rejected", N_("Rejected")),
    Column("redone", N_("Written anew")),
    Column("acceptance", N_("Accepted"), Unit.SHARE),
    Column("unchanged_rate", N_("Of these unchanged"), Unit.SHARE),
    Column("words_changed", N_("Words changed"), Unit.SHARE),
)


def _fate(counted: Tallies) -> tuple[Cell, ...]:
    unchanged, edited = _count(counted, MomentKind.SENT_UNCHANGED), _count(counted, MomentKind.SENT_EDITED)
    rejected, redone = _count(counted, MomentKind.DRAFT_REJECTED), _count(counted, MomentKind.DRAFT_REDONE)
    left = [counted.get(kind, NO_TALLY) for kind in (MomentKind.SENT_UNCHANGED, MomentKind.SENT_EDITED)]
    return (
        _count(counted, MomentKind.DRAFT_OFFERED),
        unchanged,
        edited,
        rejected,
        redone,
        share(unchanged + edited, unchanged + edited + rejected + redone),
        share(unchanged, unchanged + edited),
        share(sum(each.changed for each in left), sum(each.words for each in left)),
    )


async def grouped(asked: Asked, group: Group) -> Report:
    found = await asked.by_group(group)
    name, title, about, first = _GROUPED[group]
    by_operator = group is Group.OPERATOR
    rows = []
    for key, counted in sorted(found.items(), key=lambda known: (-_total(known[1]), known[0])):
        left = _count(counted, MomentKind.SENT_UNCHANGED, MomentKind.SENT_EDITED)
        row = (() if by_operator else (_count(counted, MomentKind.MAIL_IN), _count(counted, MomentKind.OPENED))) + (
            _count(counted, *SENT),
            _count(counted, MomentKind.CLOSED),
            share(_count(counted, MomentKind.SENT_UNCHANGED), left),
        )
        rows.append((key, *row))
    columns = (
        Column(group.value, first, Unit.TEXT),
        *(() if by_operator else (Column("mails_in", N_("Mails in")), Column("opened", N_("Tickets opened")))),
        Column("replies_out", N_("Replies out")),
        Column("closed", N_("Tickets closed")),
        Column("unchanged_rate", N_("Sent unchanged"), Unit.SHARE),
    )
    return Report(name, title, about, columns, tuple(rows), Chart.BARS, ("replies_out" if by_operator else "opened",))


_GROUPED: Final = {
    Group.CATEGORY: (
        "categories",
        N_("Categories"),
        N_("By the category that each ticket has now, whoever gave it."),
        N_("Category"),
    ),
    Group.LANGUAGE: (
        "languages",
        N_("Languages"),
        N_("By the language in which the customer wrote, as the triage read it."),
        N_("Language"),
    ),
    Group.MAILBOX: ("mailboxes", N_("Mailboxes"), N_("By the mailbox that each ticket came to."), N_("Mailbox")),
    Group.OPERATOR: (
        "operators",
        N_("Operators"),
        N_(
            "A reply counts for who approved it, a closing for who closed the ticket. Nobody is measured by "
            "this alone: hard tickets take longer."
        ),
        N_("Operator"),
    ),
}


async def model(figures: Figures, span: Span) -> Report:
    found = await figures.model_calls(span)
    rows = [_called(first.isoformat(), (found or {}).get(place)) for place, (first, _) in enumerate(span.buckets)]
    return Report(
        "model",
        N_("Model"),
        N_(
            "Every call of the language model, failed ones too; cost is what the settings say a token costs. Latency "
            "is the time until the whole answer was there. The filters do not apply here."
        ),
        (
            WEEK,
            Column("calls", N_("Calls")),
            Column("failed", N_("Failed")),
            Column("tokens_in", N_("Tokens in")),
            Column("tokens_out", N_("Tokens out")),
            Column("cost", N_("Cost"), Unit.MONEY),
            Column("median_s", N_("Median latency, seconds"), Unit.SECONDS),
            Column("p90_s", N_("90th percentile, seconds"), Unit.SECONDS),
        ),
        tuple(rows),
        Chart.LINES,
        ("cost",),
        is_recorded=found is not None,
    )


def _called(first: str, calls: Calls | None) -> tuple[Cell, ...]:
    if calls is None:
        return (first, 0, 0, 0, 0, 0.0, None, None)
    costs = round(calls.cost_nano / _NANO, 6)
    middle, slow = (weighted_percentile(calls.latencies, part) for part in (0.5, 0.9))
    return (first, calls.calls, calls.failed, calls.tokens_in, calls.tokens_out, costs, middle, slow)


def percentile(ordered: Sequence[float], part: float) -> float | None:
    """The nearest-rank percentile of sorted values: the smallest that at least that part of them does not exceed."""
    if not ordered:
        return None
    return round(ordered[max(0, math.ceil(part * len(ordered)) - 1)], 2)


def weighted_percentile(ordered: Sequence[tuple[float, int]], part: float) -> float | None:
    """The same of values that occurred so many times each."""
    rank = max(1, math.ceil(part * sum(times for _, times in ordered)))
    passed = 0
    for value, times in ordered:
        passed += times
        if passed >= rank:
            return round(value, 2)
    return None


def share(part: int, whole: int) -> float | None:
    """None where there is nothing to have a share of."""
    return round(part / whole, 4) if whole else None


def _hours(calendar: Calendar, lapse: Lapse) -> float:
    return calendar.between(lapse.start, lapse.end).total_seconds() / _HOUR_S


def _count(counted: Tallies, *kinds: MomentKind) -> int:
    return sum(counted.get(kind, NO_TALLY).count for kind in kinds)


def _total(counted: Tallies) -> int:
    return sum(tally.count for tally in counted.values())


_MAKERS: Final[Mapping[str, Callable[[Asked], Awaitable[Report]]]] = {
    "volume": lambda it: volume(it),
    "backlog": lambda it: backlog(it.figures, it.now, it.only),
    "first-response": lambda it: promptness(it.figures, it.span, it.only, it.calendar, Promptness.ANSWER),
    "resolution": lambda it: promptness(it.figures, it.span, it.only, it.calendar, Promptness.SOLUTION),
    "drafts": lambda it: drafts(it),
    "categories": lambda it: grouped(it, Group.CATEGORY),
    "languages": lambda it: grouped(it, Group.LANGUAGE),
    "mailboxes": lambda it: grouped(it, Group.MAILBOX),
    "operators": lambda it: grouped(it, Group.OPERATOR),
    "model": lambda it: model(it.figures, it.span),
}
NAMES: Final = tuple(_MAKERS)


async def report(name: str, asked: Asked) -> Report:
    """Raises NotFound for a name that is none of NAMES."""
    if name not in _MAKERS:
        raise NotFound(
            Sentence("There is no report '%(name)s'. The reports are: %(names)s.", name=name, names=", ".join(NAMES))
        )
    return await _MAKERS[name](asked)
