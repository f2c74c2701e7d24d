"""Weeks of the calendar, and figures beside those of the week before."""

from datetime import date

import pytest

from tickets.digest import Compared, Week
from tickets.errors import BadInput
from tickets.reports import Unit


@pytest.mark.parametrize(
    ("typed", "monday"),
    [
        ("2026-W47", date(2026, 11, 16)),
        (" 2026w47 ", date(2026, 11, 16)),
        ("2026-W01", date(2025, 12, 29)),
        ("2020-W53", date(2020, 12, 28)),
    ],
)
def test_a_week_is_read_as_iso_8601_writes_it(typed, monday):
    assert Week.read(typed).monday == monday


@pytest.mark.parametrize("typed", ["", "47", "2026-W00", "2025-W53", "1999-W10", "0000-W01", "9999-W99", "2026-W4٧"])
def test_what_is_no_week_is_refused_with_an_example(typed):
    with pytest.raises(BadInput, match="2026-W47"):
        Week.read(typed)


def test_weeks_follow_each_other_over_the_turn_of_the_year():
    last = Week.of(date(2027, 1, 3))

    assert (str(last), str(last.after), str(last.before)) == ("2026-W53", "2027-W01", "2026-W52")
    assert last.sunday == date(2027, 1, 3)


@pytest.mark.parametrize(
    ("unit", "now", "before", "change"),
    [
        (Unit.COUNT, 150, 100, 0.5),
        (Unit.HOURS, 1.5, 2.0, -0.25),
        (Unit.SHARE, 0.8, 0.75, 0.05),
        (Unit.COUNT, 3, 0, None),
        (Unit.SHARE, None, 0.5, None),
    ],
)
def test_a_change_is_a_share_of_what_was_and_a_difference_of_shares(unit, now, before, change):
    assert Compared("name", "Title", unit, now, before).change == change
