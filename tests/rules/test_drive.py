"""The drive's table, over the whole product of what the tables and the checkpoint can say."""

from itertools import product

import pytest

from tickets.drive import InFlight, Position, Row, Step, next_step, retry_delay

BOTH = (False, True)
ROWS = [Row(*facts) for facts in product(BOTH, BOTH, InFlight, BOTH, BOTH)]
POSITIONS = [Position(lost, parked, tasks) for lost, parked, tasks in product(BOTH, BOTH, BOTH)]
POSSIBLE = [
    p for p in POSITIONS if not (p.is_lost and (p.is_parked or p.has_tasks)) and (p.has_tasks or not p.is_parked)
]


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("position", POSSIBLE)
def test_every_combination_keeps_the_promises(row: Row, position: Position) -> None:
    step = next_step(row, position)

    if row.delivery is not InFlight.NO:
        assert step not in (Step.START, Step.END), "nothing starts over or drops a mail that may be leaving"
    if row.delivery is InFlight.SETTLING:
        assert step is Step.REST, "a delivery that settles is left alone until it is due"
    if row.delivery is InFlight.DUE:
        assert step is not Step.REST, "a due delivery is always carried on"
    if step is Step.RESUME:
        assert position.is_parked, "only a parked thread can be resumed"
        assert row.decision_due or row.delivery is InFlight.DUE, "and only for a decision that is due"
    if step is Step.CARRY_ON:
        assert position.has_tasks
        assert not position.is_parked, "carrying on a parked thread would do nothing"
    if row.is_closed and row.delivery is InFlight.NO:
        assert step in (Step.END, Step.REST), "a closed ticket is not worked on"
    if step is Step.REST and row.delivery is InFlight.NO and not row.is_closed:
        assert not row.has_new_mail, "new mail is never left lying"
        assert not row.decision_due, "nor a due decision"
        assert position.is_parked or not position.has_tasks, "at rest means parked or without tasks"
        assert position.is_parked or not row.has_open_draft, "an open draft waits at the approval"


@pytest.mark.parametrize(
    ("row", "position", "step"),
    [
        (Row(True, False, InFlight.NO, False, False), Position(True, False, False), Step.START),
        (Row(True, False, InFlight.NO, True, False), Position(False, True, True), Step.START),
        (Row(False, True, InFlight.NO, True, False), Position(False, True, True), Step.RESUME),
        (Row(False, False, InFlight.NO, True, False), Position(False, True, True), Step.REST),
        (Row(False, False, InFlight.NO, True, False), Position(True, False, False), Step.PARK),
        (Row(False, False, InFlight.NO, False, False), Position(False, False, True), Step.CARRY_ON),
        (Row(True, False, InFlight.DUE, True, False), Position(False, False, True), Step.CARRY_ON),
        (Row(False, False, InFlight.NO, False, True), Position(False, True, True), Step.END),
    ],
)
def test_the_moves_an_operator_would_expect(row: Row, position: Position, step: Step) -> None:
    assert next_step(row, position) is step


def test_failures_are_tried_again_with_growing_pauses_up_to_five_minutes() -> None:
    pauses = [retry_delay(attempts).total_seconds() for attempts in range(1, 12)]

    assert pauses == sorted(pauses)
    assert pauses[0] == 2
    assert pauses[-1] == 300
