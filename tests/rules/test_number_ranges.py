"""Ticket numbers as an address bears them."""

import pytest

from tickets.errors import BadInput
from tickets.number_ranges import numbers_in, ranges_of


@pytest.mark.parametrize(("numbers", "text"), [([], ""), ([3], "3"), ([9, 7, 3, 8], "3,7-9"), ([1, 2, 2, 4], "1-2,4")])
def test_numbers_are_written_as_runs_and_read_back(numbers: list[int], text: str) -> None:
    assert ranges_of(numbers) == text
    assert numbers_in(text) == sorted(set(numbers))


@pytest.mark.parametrize("text", ["x", "1-", "-1", "1-201", "9-1,x", "\u0663", "1" * 11, "99999999999"])
def test_what_is_no_list_of_numbers_is_told(text: str) -> None:
    with pytest.raises(BadInput):
        numbers_in(text)
