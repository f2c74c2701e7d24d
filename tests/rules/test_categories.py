"""The desk's own categories: keys stay, titles and hints change, nothing that a ticket has ever disappears."""

import pytest

from tickets.categories import MAX_CATEGORIES, SHIPPED, Categories, CategoryEntry
from tickets.errors import BadInput, Conflict, NotFound


def test_the_shipped_ones_are_where_a_desk_begins() -> None:
    assert SHIPPED.keys == (
        "technical",
        "sales",
        "billing",
        "scheduling",
        "complaint",
        "warranty",
        "account",
        "other",
    )


def test_a_new_one_gets_a_key_of_its_title_and_stands_before_other() -> None:
    more = SHIPPED.added(" Battery take-back ", "old batteries, recycling")

    assert more.keys[-2:] == ("battery-take-back", "other")
    assert more.title("battery-take-back") == "Battery take-back"


def test_a_new_title_leaves_the_key() -> None:
    renamed = SHIPPED.changed("sales", "Offers", "quotes")

    assert renamed.entry("sales") == CategoryEntry("sales", "Offers", "quotes")
    assert renamed.keys == SHIPPED.keys


def test_a_retired_one_is_offered_no_more_but_keeps_its_title() -> None:
    fewer = SHIPPED.retired("warranty")

    assert "warranty" not in fewer.keys
    assert fewer.title("warranty") == "Warranty"
    assert fewer.settled("warranty") == "other"
    assert fewer.retired("warranty", is_retired=False) == SHIPPED


@pytest.mark.parametrize(("key", "settled"), [("billing", "billing"), ("weather", "other"), ("", "other")])
def test_what_is_no_category_goes_to_other(key: str, settled: str) -> None:
    assert SHIPPED.settled(key) == settled


def test_a_key_from_elsewhere_is_its_own_title() -> None:
    assert (SHIPPED.title("weather"), SHIPPED.title(None)) == ("weather", "")


@pytest.mark.parametrize("title", ["", "   ", "x" * 61, "two\nlines", "太陽"])
def test_a_title_that_cannot_be_used_is_refused(title: str) -> None:
    with pytest.raises(BadInput):
        SHIPPED.added(title)


@pytest.mark.parametrize(("title", "key"), [("SALES", ""), ("Sales", "sales-2"), ("Offers", "sales")])
def test_a_title_or_a_key_that_is_taken_is_refused(title: str, key: str) -> None:
    with pytest.raises(Conflict, match="already"):
        SHIPPED.added(title, key=key)


def test_other_stays() -> None:
    with pytest.raises(BadInput, match="fits nowhere"):
        SHIPPED.retired("other")


def test_what_is_not_there_cannot_be_changed() -> None:
    with pytest.raises(NotFound):
        SHIPPED.changed("weather", "Weather", "")


def test_there_is_a_limit() -> None:
    full = Categories(
        tuple(CategoryEntry(f"c{n}", f"Number {n}") for n in range(MAX_CATEGORIES - 1)) + SHIPPED.entries[-1:]
    )

    with pytest.raises(BadInput, match="More than"):
        full.added("One more")
