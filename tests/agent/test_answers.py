"""Every form in which an answer to the approval may come back, and the ones that mean nothing."""

import json
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.answers import Accept, Decided, Edit, Ignore, Respond, Unclear, read_answer
from tickets.ticket import DecisionId

ARGS = {"action": "send_reply", "args": {"subject": "Re: Invoice", "body": "Hello"}}


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ([{"type": "accept", "args": None}], Accept()),
        ([{"type": "accept", "args": ARGS}], Accept("Re: Invoice", "Hello")),
        ({"type": "accept", "args": None}, Accept()),
        ([{"type": "edit", "args": ARGS}], Edit("Re: Invoice", "Hello")),
        ([{"type": "response", "args": "warmer please"}], Respond("warmer please")),
        ([{"type": "ignore", "args": None}], Ignore()),
        ({"decisions": [{"type": "approve"}]}, Accept()),
        ({"decisions": [{"type": "reject", "message": "no"}]}, Ignore()),
        (
            {"decisions": [{"type": "edit", "edited_action": {"name": "send_reply", "args": {"body": "B"}}}]},
            Edit(None, "B"),
        ),
        ({"type": "approve"}, Accept()),
    ],
)
def test_the_known_forms_are_read(answer: object, meaning: object) -> None:
    assert read_answer(answer) == meaning
    assert read_answer(json.dumps(answer)) == meaning


def test_the_drives_own_answer_is_a_decision_id() -> None:
    decision_id = DecisionId(uuid4())

    assert read_answer({"decision_id": str(decision_id)}) == Decided(decision_id)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "accept",
        None,
        7,
        [],
        {},
        [{}, {}],
        {"decision_id": "no uuid"},
        {"type": "edit", "args": "text"},
        {"type": 3},
    ],
)
def test_what_means_nothing_is_unclear(answer: object) -> None:
    assert read_answer(answer) == Unclear()


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_reading_never_raises(answer: object) -> None:
    read_answer(answer)


def test_recipients_in_an_edit_are_not_even_read() -> None:
    answer = [
        {
            "type": "edit",
            "args": {"action": "send_reply", "args": {"subject": "S", "body": "B", "to": "x@evil.example"}},
        }
    ]

    assert read_answer(answer) == Edit("S", "B")
