"""Whom a note calls."""

from uuid import uuid4

import pytest

from tickets.mentions import handle_of, mentioned
from tickets.people import Operator, OperatorId, Role


def person(email: str, name: str = "") -> Operator:
    return Operator(OperatorId(uuid4()), email, name, Role.OPERATOR)


ADA = person("ada@helios.example", "Ada Lind")
ADAM = person("adam.berg@helios.example", "Adam Berg")
BEA = person("bea@helios.example", "Bea Lind")
BEA_ELSEWHERE = person("bea@other.example", "Bea Novak")
JOSE = person("jp@helios.example", "José Prieto")
PEOPLE = (ADA, ADAM, BEA, BEA_ELSEWHERE, JOSE)


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@ada could you look?", [ADA]),
        ("Look, @Ada.", [ADA]),
        ("(@ada)", [ADA]),
        ("@adam.berg, please", [ADAM]),
        ("@adam please", [ADAM]),
        ("@Ada Lind knows", [ADA]),
        ("@ada  lind knows", [ADA]),
        ("@AdaLind knows", [ADA]),
        ("@Bea Novak and not the other", [BEA_ELSEWHERE]),
        ("@bea@other.example only", [BEA_ELSEWHERE]),
        ("@bea both bear it", [BEA, BEA_ELSEWHERE]),
        ("@josé oder @José Prieto", [JOSE]),
        ("@ada and @adam.berg", [ADA, ADAM]),
        ("write to ada@helios.example", []),
        ("the customer wrote x@ada.example", []),
        ("@nobody, @, @@ada", []),
        ("@adalbert", []),
        ("no sign at all, Ada", []),
    ],
)
def test_a_note_calls_whom_it_names(text: str, called: list[Operator]) -> None:
    assert mentioned(text, PEOPLE) == {one.id for one in called}


def test_a_handle_calls_exactly_its_operator() -> None:
    for one in PEOPLE:
        assert mentioned(f"@{handle_of(one, PEOPLE)} please", PEOPLE) == {one.id}


def test_a_first_name_that_two_bear_calls_neither() -> None:
    two = (person("a.one@helios.example", "Kim One"), person("a.two@helios.example", "Kim Two"))

    assert mentioned("@kim please", two) == frozenset()
