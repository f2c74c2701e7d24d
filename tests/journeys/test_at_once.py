"""Sixty-four operators approve the same draft at the same moment, through two processes on one database."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from tests.journeys.conftest import Desk
from tests.service import Rest, Service, eventually

CALLERS = 64


@pytest.fixture(scope="module")
def second(desk: Desk) -> Iterator[Rest]:
    """Another process at which approvals leave at once."""
    with Service(desk.home) as service:
        yield replace(desk.rest, url=service.url)


def all_at_once(calls) -> list[Any]:
    """What each is answered when they all start together."""
    together = Barrier(len(calls))

    def one(call) -> Any:
        together.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_one_mail_leaves_however_many_approve_it_at_once(desk: Desk, second: Rest):
    case = desk.opened()
    processes = (desk.rest, second)

    answers = all_at_once([lambda at=processes[i % 2]: at.approve(case.ticket) for i in range(CALLERS)])

    assert {answer.status for answer in answers} <= {202, 409}
    assert 202 in {answer.status for answer in answers}
    assert {answer.body["draft"]["revision"] for answer in answers if answer.status == 202} == {1}
    ticket = desk.rest.delivered(case.id)
    assert ticket["status"] == "WAITING_OTHERS"
    assert len(desk.sent_to(case.address)) == 1
    assert Counter(desk.kinds(case))["approved"] == Counter(desk.kinds(case))["sent"] == 1


def test_of_approvals_and_edits_at_once_nothing_leaves_that_nobody_approved(desk: Desk, second: Rest):
    case = desk.opened()
    draft, path = case.ticket["draft"], f"/tickets/{case.id}"
    edit = {"subject": draft["subject"], "body": "Other words.", "revision": 1}

    answers = all_at_once(
        [lambda: desk.rest.approve(case.ticket), lambda: second.post(f"{path}/draft", edit)] * (CALLERS // 4)
    )

    approvals, edits = answers[0::2], answers[1::2]
    assert {answer.status for answer in answers} <= {200, 202, 409}
    if any(answer.status == 202 for answer in approvals):
        desk.rest.delivered(case.id)
        assert [answer for answer in edits if answer.status == 200] == []
        assert len(desk.sent_to(case.address)) == 1
    else:
        assert Counter(answer.status for answer in edits) == {200: 1, 409: len(edits) - 1}
        assert desk.sent_to(case.address) == []


def test_whoever_looks_while_a_mail_leaves_sees_status_draft_and_delivery_of_one_moment(desk: Desk):
    case = desk.opened()

    def watch() -> set[tuple[str, str, str, int]]:
        seen = set()
        while ("WAITING_OTHERS", "sent", "sent", 2) not in seen:
            ticket = desk.current(case)
            delivery, draft = ticket["delivery"]["state"], ticket["draft"]["state"]
            seen.add((ticket["status"], delivery, draft, len(ticket["messages"])))
        return seen

    seen = all_at_once([watch] * 6 + [lambda: desk.rest.approve(case.ticket) and set()])

    assert set.union(*seen) <= {
        ("NEEDS_ACTION", "none", "open", 1),
        ("NEEDS_ACTION", "approved", "approved", 1),
        ("NEEDS_ACTION", "sending", "approved", 1),
        ("WAITING_OTHERS", "sent", "sent", 2),
    }


def test_an_approval_at_one_process_is_taken_back_at_the_other(desk: Desk):
    case = desk.opened()
    desk.patient.approve(case.ticket)

    undone = all_at_once([lambda at=at: at.post(f"/tickets/{case.id}/undo") for at in (desk.rest, desk.patient) * 4])

    assert Counter(answer.status for answer in undone) == {200: 1, 409: 7}
    assert eventually(lambda: desk.current(case)["delivery"]["state"] == "cancelled")
    assert desk.sent_to(case.address) == []
