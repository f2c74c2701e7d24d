"""Drafts on request: feedback, a second thought, and matters that need no reply."""

import pytest

from tests.journeys.conftest import Desk
from tests.journeys.letters import THANKS, text_of
from tests.service import eventually


def redrafted(desk: Desk, case, wish) -> dict:
    answer = desk.rest.post(f"/tickets/{case.id}/draft?wait_s=30", wish)
    assert answer.status == 200, answer
    return answer.body


def test_feedback_brings_another_draft(desk: Desk):
    case = desk.opened()

    ticket = redrafted(desk, case, {"feedback": "Please answer in German."})

    draft = ticket["draft"]
    assert (draft["revision"], draft["state"], ticket["status"]) == (2, "open", "NEEDS_ACTION")
    assert "Guten Tag" in draft["body"]
    assert desk.rest.approve(case.ticket).status == 409
    assert {"redraft_asked", "draft_offered"} <= set(desk.kinds(case))


def test_what_the_operator_said_in_the_feedback_needs_no_source(desk: Desk):
    case = desk.opened()

    draft = redrafted(desk, case, {"feedback": 'Say "Please call +49 30 5550199 before Friday."'})["draft"]

    assert "+49 30 5550199" in draft["body"]
    assert draft["flags"] == []


@pytest.mark.parametrize("wish", [{}, {"feedback": "Shorter, please."}])
def test_who_does_not_wait_is_told_that_the_draft_is_being_written(desk: Desk, wish):
    case = desk.opened()

    answer = desk.rest.post(f"/tickets/{case.id}/draft", wish)

    assert (answer.status, answer.body["id"]) == (202, case.id)
    assert eventually(lambda: desk.current(case)["draft"]["revision"] == 2)


@pytest.mark.parametrize(
    "wish",
    [
        {"subject": "Re: it"},
        {"body": "Words"},
        {"subject": "Re: it", "body": "Words", "feedback": "Shorter"},
        {"subject": " ", "body": "Words", "revision": 1},
        {"subject": "Re: it\nBcc: eve@example.net", "body": "Words", "revision": 1},
        {"words": "Words"},
    ],
)
def test_a_request_that_is_neither_is_a_bad_request(desk: Desk, wish):
    case = desk.opened()

    assert desk.rest.post(f"/tickets/{case.id}/draft", wish).status == 400
    assert desk.current(case)["draft"]["revision"] == 1


def test_a_mail_that_needs_no_reply_waits_for_a_person_without_a_draft(desk: Desk):
    case = desk.opened(THANKS)

    assert (case.ticket["status"], case.ticket["draft"], case.ticket["revision"]) == ("NEEDS_ACTION", None, None)
    assert case.ticket["triage"]["needs_reply"] is False


def test_without_a_draft_nothing_can_be_approved(desk: Desk):
    case = desk.opened(THANKS)

    answer = desk.rest.post(f"/tickets/{case.id}/approve_send", {"revision": 1, "content_hash": "0" * 64})

    assert (answer.status, answer.body["revision"]) == (409, None)


def test_a_reply_written_without_a_draft_leaves_as_it_was_written(desk: Desk):
    case = desk.opened(THANKS)
    wish = {"subject": "Re: Inverter", "body": "Hello Nora,\n\nwe are glad to hear that.", "revision": 0}

    written = desk.rest.post(f"/tickets/{case.id}/draft", wish)
    approved = desk.rest.approve(written.body)

    assert (written.status, written.body["draft"]["revision"], approved.status) == (200, 1, 202)
    assert desk.rest.delivered(case.id)["status"] == "WAITING_OTHERS"
    (raw,) = desk.sent_to(case.address)
    assert text_of(raw).rstrip("\n") == wish["body"]


def test_a_mail_that_needs_no_reply_is_closed(desk: Desk):
    case = desk.opened(THANKS)

    closed = desk.rest.post(f"/tickets/{case.id}/status", {"status": "DONE"})

    assert (closed.status, closed.body["status"]) == (200, "DONE")
    assert desk.sent_to(case.address) == []


def test_a_draft_can_be_asked_for_where_none_was_offered(desk: Desk):
    case = desk.opened(THANKS)

    draft = redrafted(desk, case, {})["draft"]

    assert (draft["revision"], draft["state"]) == (1, "open")
    assert desk.rest.approve({"id": case.id, "draft": draft}).status == 202
    assert desk.rest.delivered(case.id)["status"] == "WAITING_OTHERS"
