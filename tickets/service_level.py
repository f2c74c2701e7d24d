"""When an answer is due: business-hours arithmetic over the desk's zone, and the targets of categories and priorities.

    calendar = Calendar(await settings.read(BusinessHours))     # keep it while you go through many tickets
    due = next_due(calendar, levels, ticket)                    # None: nothing is promised, or it is not our turn
    calendar.between(opened_at, answered_at)                    # how much business time passed
    calendar.after(waiting_since, timedelta(hours=4))           # when four hours of business time are over

All instants are aware. Days are the zone's: nights, weekends, holidays and the hour that clocks skip or repeat in
spring and autumn count by what really passes between opening and closing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Protocol

from tickets.desk_settings import BusinessHours, ServiceLevels, Target, require_zone
from tickets.status import Status

_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)
_NOTHING: Final = timedelta()
_UNREAD_PRIORITY: Final = "normal"
_SOON: Final = 4  # a target counts as near in its last quarter


class Calendar:
    """Business hours, ready to reckon with; remembers the days it has looked at."""

    def __init__(self, hours: BusinessHours) -> None:
        self.hours = hours
        self.zone = require_zone(hours.zone)
        self._weekdays = frozenset(hours.days)
        self._holidays = frozenset(hours.holidays)
        self._shifts: dict[date, tuple[datetime, datetime] | None] = {}

    def shift(self, day: date) -> tuple[datetime, datetime] | None:
        """When the desk opens and closes on that day of its zone, in UTC; None on a day off."""
        if day not in self._shifts:
            self._shifts[day] = self._reckoned(day)
        return self._shifts[day]

    def is_open(self, at: datetime) -> bool:
        """Opening counts as open, closing does not."""
        shift = self.shift(at.astimezone(self.zone).date())
        return shift is not None and shift[0] <= at < shift[1]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """How much business time passes from start to end; nothing when the end comes first."""
        passed = _NOTHING
        for opens, closes in self._shifts_from(start):
            if opens >= end:
                break
            passed += max(_NOTHING, min(closes, end) - max(opens, start))
        return passed

    def after(self, start: datetime, duration: timedelta) -> datetime:
        """The first instant at which so much business time has passed since start, in UTC."""
        left = max(_NOTHING, duration)
        if not left:
            return start.astimezone(UTC)
        for opens, closes in self._shifts_from(start):
            begin = max(opens, start)
            if closes - begin >= left:
                return begin + left
            left -= max(_NOTHING, closes - begin)
        raise AssertionError("a desk is open on some weekday, and holidays end")

    def _shifts_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Every shift that ends after start, in order."""
        day = start.astimezone(self.zone).date()
        while day < date.max:
            shift = self.shift(day)
            if shift and shift[1] > start:
                yield shift
            day += _DAY

    def _reckoned(self, day: date) -> tuple[datetime, datetime] | None:
        if day.weekday() not in self._weekdays or day in self._holidays:
            return None
        last = day if self.hours.closes > self.hours.opens else day + _DAY
        opens, closes = self._utc(day, self.hours.opens), self._utc(last, self.hours.closes)
        return (opens, closes) if closes > opens else None

    def _utc(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


class Promise(StrEnum):
    """What is due."""

    ANSWER = "answer"
    SOLUTION = "solution"


@dataclass(frozen=True, slots=True)
class Due:
    """What is due and when. `near_at` is from when on it is worth a warning: the last quarter of the target."""

    promise: Promise
    at: datetime
    near_at: datetime

    def is_over(self, now: datetime) -> bool:
        return now >= self.at

    def is_near(self, now: datetime) -> bool:
        """Over does not count as near."""
        return self.near_at <= now < self.at


class Promised(Protocol):
    """What of a ticket, or of its line on a board, decides when something is due."""

    @property
    def status(self) -> Status: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def waiting_since(self) -> datetime: ...
    @property
    def category(self) -> str | None: ...
    @property
    def priority(self) -> str | None: ...


def target_of(levels: ServiceLevels, category: str | None, priority: str | None) -> Target:
    """What the category promises, and where it is silent, the priority; an unread ticket is of normal priority."""
    by_priority = levels.by_priority.get(priority or _UNREAD_PRIORITY, Target())
    by_category = levels.by_category.get(category or "", Target())
    return Target(
        by_priority.answer_min if by_category.answer_min is None else by_category.answer_min,
        by_priority.solution_min if by_category.solution_min is None else by_category.solution_min,
    )


def next_due(calendar: Calendar, levels: ServiceLevels, ticket: Promised) -> Due | None:
    """What the customer may expect next; None while it is their turn, or the ticket is closed."""
    if ticket.status not in (Status.NEW, Status.NEEDS_ACTION):
        return None
    target = target_of(levels, ticket.category, ticket.priority)
    promises = (
        (Promise.ANSWER, ticket.waiting_since, target.answer_min),
        (Promise.SOLUTION, ticket.created_at, target.solution_min),
    )
    due = [_due(calendar, promise, since, minutes) for promise, since, minutes in promises if minutes is not None]
    return min(due, key=lambda each: each.at, default=None)


def _due(calendar: Calendar, promise: Promise, since: datetime, minutes: int) -> Due:
    whole = minutes * _MINUTE
    return Due(promise, calendar.after(since, whole), calendar.after(since, whole - whole / _SOON))
