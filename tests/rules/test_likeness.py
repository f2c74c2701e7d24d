"""Sorting by examples: explainable, in step, and nothing left of what is forgotten."""

import pytest

from tickets.likeness import Likeness

EXAMPLES = (
    ("billing", "The amount on my invoice is wrong, please correct the invoice."),
    ("billing", "I have paid the invoice twice and want my money back."),
    ("dates", "Could we move the appointment to Thursday?"),
    ("dates", "When does the technician come, in the morning or later?"),
)


@pytest.fixture
def taught() -> Likeness:
    likeness = Likeness()
    for number, (key, text) in enumerate(EXAMPLES, start=1):
        likeness.learn(number, key, text)
    return likeness


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [("My second invoice was paid twice", "billing", 2), ("Which appointment did we move?", "dates", 3)],
)
def test_a_text_goes_where_similar_ones_went(taught: Likeness, text: str, key: str, nearest: int) -> None:
    judged = taught.judge(text)

    assert (judged.key, judged.nearest) == (key, nearest)
    assert sum(share for _, share in judged.shares) == pytest.approx(1)


def test_nothing_is_said_of_a_text_that_shares_nothing_with_any_example(taught: Likeness) -> None:
    assert taught.judge("???").key is None
    assert not taught.judge("qqq").is_familiar


def test_forgetting_leaves_no_trace(taught: Likeness) -> None:
    asked = "an invoice for the technician on Thursday"
    before = taught.judge(asked)

    taught.learn(9, "billing", "The secret word is qvxjkz, Thursday invoice.")
    taught.forget(9)

    after = taught.judge(asked)
    assert dict(after.shares) == pytest.approx(dict(before.shares))
    assert after.nearest == before.nearest
    assert taught.judge("qvxjkz").key is None


def test_the_same_number_again_replaces_the_example(taught: Likeness) -> None:
    taught.learn(4, "billing", "Reminder fees")

    assert taught.judge("reminder fees").key == "billing"
    assert len(taught) == len(EXAMPLES)


def test_a_hint_is_enough_to_begin_with() -> None:
    likeness = Likeness()
    likeness.hint({"billing": "Billing: invoices, payments", "dates": "Scheduling: dates and visits"})

    assert likeness.judge("a question about payments").key == "billing"
    assert likeness.judge("a question about payments").nearest is None


def test_new_hints_take_the_place_of_the_old_ones() -> None:
    likeness = Likeness()
    likeness.hint({"billing": "invoices", "dates": "visits"})

    likeness.hint({"money": "invoices", "dates": "visits"})

    assert likeness.judge("invoices").key == "money"


def test_categories_that_no_ticket_can_get_leave_their_share_to_the_others(taught: Likeness) -> None:
    judged = taught.judge("an invoice for the technician").among(("dates",))

    assert judged.shares == (("dates", 1.0),)
    assert judged.nearest is None or judged.key == "dates"
