"""Business hours: nights, weekends, holidays, summer time; and when an answer is due."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.desk_settings import BusinessHours, ServiceLevels, Target
from tickets.errors import BadInput
from tickets.service_level import Calendar, Promise, next_due, target_of
from tickets.status import Status

BERLIN = Calendar(BusinessHours("Europe/Berlin", holidays=(date(2026, 4, 6),)))
ALWAYS = BusinessHours("Europe/Berlin", days=(0, 1, 2, 3, 4, 5, 6), opens=time(), closes=time())
HOUR = timedelta(hours=1)

zones = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "America/Havana", "Asia/Kathmandu", "Pacific/Apia"]
)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
lengths = st.timedeltas(timedelta(), timedelta(days=10))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    opens = draw(st.integers(0, 23 * 4))
    closes = draw(st.integers(opens + 1, 24 * 4))
    return Calendar(
        BusinessHours(
            draw(zones),
            tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
            time(opens // 4, opens % 4 * 15),
            time(closes // 4 % 24, closes % 4 * 15),
            tuple(draw(st.sets(days, max_size=5))),
        )
    )


def berlin(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN.zone)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (berlin(2, 9), berlin(2, 17), 8),
        (berlin(2, 16), berlin(3, 10), 2),  # over night
        (berlin(6, 16), berlin(9, 10), 2),  # over the weekend
        (berlin(2, 18), berlin(2, 23), 0),
        (berlin(7, 9), berlin(8, 17), 0),
        (berlin(3, 16, month=4), berlin(7, 10, month=4), 2),  # Easter Monday is a holiday
        (berlin(2, 17), berlin(2, 9), 0),  # the wrong way round
    ],
)
def test_only_the_hours_between_opening_and_closing_count(start: datetime, end: datetime, hours: int) -> None:
    assert BERLIN.between(start, end) == hours * HOUR


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        (berlin(2, 9), 4, berlin(2, 13)),
        (berlin(2, 9), 8, berlin(2, 17)),  # at closing, not at the next opening
        (berlin(2, 16), 4, berlin(3, 12)),
        (berlin(2, 3), 1, berlin(2, 10)),
        (berlin(6, 18), 1, berlin(9, 10)),
    ],
)
def test_a_target_runs_only_while_the_desk_is_open(start: datetime, hours: int, due: datetime) -> None:
    assert BERLIN.after(start, hours * HOUR) == due


@pytest.mark.parametrize(("day", "month", "hours"), [(29, 3, 23), (25, 10, 25), (1, 6, 24)])
def test_a_day_around_the_clock_has_the_hours_that_really_pass(day: int, month: int, hours: int) -> None:
    calendar = Calendar(ALWAYS)
    opens, closes = calendar.shift(date(2026, month, day)) or (None, None)

    assert closes is not None
    assert closes - opens == hours * HOUR


def test_opening_is_open_and_closing_is_not() -> None:
    assert [BERLIN.is_open(berlin(2, hour)) for hour in (8, 9, 16, 17)] == [False, True, True, False]
    assert not BERLIN.is_open(berlin(7, 10))


@given(calendars(), instants, lengths)
def test_as_much_time_passes_until_it_is_due_as_was_asked_for(
    calendar: Calendar, start: datetime, length: timedelta
) -> None:
    due = calendar.after(start, length)

    assert due >= start
    assert calendar.between(start, due) == length


@given(calendars(), instants, lengths)
def test_nothing_is_due_later_than_it_has_to_be(calendar: Calendar, start: datetime, length: timedelta) -> None:
    due = calendar.after(start, length + HOUR)

    assert calendar.between(start, due - timedelta(microseconds=1)) < length + HOUR


@given(calendars(), instants, instants, instants)
def test_time_adds_up_wherever_it_is_cut(calendar: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    first, middle, last = sorted((a, b, c))

    assert calendar.between(first, middle) + calendar.between(middle, last) == calendar.between(first, last)


@given(calendars(), instants, lengths)
def test_no_more_business_time_passes_than_time(calendar: Calendar, start: datetime, length: timedelta) -> None:
    assert timedelta() <= calendar.between(start, start + length) <= length


@given(instants, lengths)
def test_around_the_clock_all_time_is_business_time(start: datetime, length: timedelta) -> None:
    assert Calendar(ALWAYS).between(start, start + length) == length


@given(calendars(), instants)
def test_the_zone_in_which_an_instant_is_written_does_not_matter(calendar: Calendar, at: datetime) -> None:
    assert calendar.is_open(at) == calendar.is_open(at.astimezone(calendar.zone))
    assert calendar.after(at, HOUR) == calendar.after(at.astimezone(calendar.zone), HOUR)


MONDAY = berlin(2, 9)


@dataclass(frozen=True)
class Line:
    """What decides about a ticket's promises."""

    status: Status = Status.NEEDS_ACTION
    created_at: datetime = MONDAY
    waiting_since: datetime = MONDAY
    category: str | None = None
    priority: str | None = None


LEVELS = ServiceLevels(
    {"urgent": Target(60, 240), "normal": Target(480, 2400)}, {"complaint": Target(120, None), "sales": Target(2400)}
)


@pytest.mark.parametrize(
    ("category", "priority", "target"),
    [
        ("complaint", "normal", Target(120, 2400)),
        ("complaint", "urgent", Target(120, 240)),
        ("sales", "normal", Target(2400, 2400)),
        (None, None, Target(480, 2400)),
        ("sales", "low", Target(2400, None)),
        ("unheard of", "low", Target()),
    ],
)
def test_the_target_of_a_category_counts_before_that_of_the_priority(
    category: str | None, priority: str | None, target: Target
) -> None:
    assert target_of(LEVELS, category, priority) == target


def test_an_answer_is_due_from_when_the_customer_began_to_wait() -> None:
    due = next_due(BERLIN, LEVELS, Line(waiting_since=berlin(3, 16), category="complaint"))

    assert due
    assert (due.promise, due.at) == (Promise.ANSWER, berlin(4, 10))


def test_a_solution_is_due_from_the_first_mail() -> None:
    due = next_due(BERLIN, LEVELS, Line(waiting_since=berlin(6, 16), category="sales"))

    assert due
    assert (due.promise, due.at) == (Promise.SOLUTION, berlin(6, 17))


def test_the_last_quarter_of_a_target_is_near() -> None:
    due = next_due(BERLIN, LEVELS, Line(priority="urgent"))

    assert due
    assert [due.is_near(berlin(2, 9, minute)) for minute in (44, 45, 59)] == [False, True, True]
    assert (due.is_near(berlin(2, 10)), due.is_over(berlin(2, 9, 59)), due.is_over(berlin(2, 10))) == (
        False,
        False,
        True,
    )


@pytest.mark.parametrize("status", [Status.WAITING_OTHERS, Status.DONE])
def test_nothing_is_due_while_it_is_not_our_turn(status: Status) -> None:
    assert next_due(BERLIN, LEVELS, Line(status=status)) is None


def test_without_a_target_nothing_is_due() -> None:
    assert next_due(BERLIN, ServiceLevels({}), Line()) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"zone": "Europe/Atlantis"}, "time zone"),
        ({"zone": "../../etc/passwd"}, "time zone"),
        ({"days": ()}, "open day"),
        ({"days": (7,)}, "open day"),
        ({"opens": time(17), "closes": time(9)}, "close later"),
        ({"opens": time(9), "closes": time(9)}, "close later"),
    ],
)
def test_hours_that_cannot_be_meant_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        BusinessHours(**changes)  # type: ignore[arg-type]
