"""The status machine, read aloud."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.status import MOVES, Event, IllegalMove, Status, after


@pytest.mark.parametrize(
    ("status", "event", "then"),
    [
        (None, Event.MAIL_ARRIVED, Status.NEW),
        (Status.NEW, Event.DRAFT_OFFERED, Status.NEEDS_ACTION),
        (Status.NEW, Event.NO_REPLY_NEEDED, Status.NEEDS_ACTION),
        (Status.NEEDS_ACTION, Event.REPLY_SENT, Status.WAITING_OTHERS),
        (Status.WAITING_OTHERS, Event.CUSTOMER_WROTE, Status.NEEDS_ACTION),
        (Status.WAITING_OTHERS, Event.DELIVERY_FAILED, Status.NEEDS_ACTION),
        (Status.NEEDS_ACTION, Event.CLOSED, Status.DONE),
        (Status.DONE, Event.REOPENED, Status.NEEDS_ACTION),
        (Status.DONE, Event.CUSTOMER_WROTE, Status.NEEDS_ACTION),
    ],
)
def test_the_life_of_a_ticket(status: Status | None, event: Event, then: Status) -> None:
    assert after(status, event) is then


@given(status=st.sampled_from([None, *Status]), event=st.sampled_from(Event))
def test_a_move_is_in_the_table_or_an_error_that_says_what_is_possible(status: Status | None, event: Event) -> None:
    if event in MOVES[status]:
        assert after(status, event) is MOVES[status][event]
        return

    with pytest.raises(IllegalMove) as error:
        after(status, event)

    assert all(possible in str(error.value) for possible in MOVES[status])


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_whatever_happens_a_customer_can_always_write_and_is_never_left_in_done(events: list[Event]) -> None:
    status = after(None, Event.MAIL_ARRIVED)

    for event in events:
        try:
            status = after(status, event)
        except IllegalMove:
            continue

    assert after(status, Event.CUSTOMER_WROTE) in (Status.NEW, Status.NEEDS_ACTION)


@given(st.lists(st.sampled_from(Event), max_size=30))
def test_only_a_sent_reply_leads_to_waiting_on_others(events: list[Event]) -> None:
    status = after(None, Event.MAIL_ARRIVED)

    for event in events:
        before = status
        try:
            status = after(status, event)
        except IllegalMove:
            continue
        if status is Status.WAITING_OTHERS and before is not Status.WAITING_OTHERS:
            assert event is Event.REPLY_SENT


def test_a_ticket_is_never_born_twice() -> None:
    for status in Status:
        with pytest.raises(IllegalMove):
            after(status, Event.MAIL_ARRIVED)
