"""Journey (b): an operator edits, approves, takes back, approves again, and exactly that leaves, once."""

from datetime import UTC, datetime

import pytest

from tests.journeys.conftest import ADA, Desk, without
from tests.journeys.letters import read, text_of
from tests.service import a_mail

EDITED = "Hello Nora,\n\nplease switch the inverter off and on again, then tell us what it shows.\n\nHelios Support"


def edited(desk: Desk, case, body: str = EDITED):
    """The ticket with a revision in an operator's words."""
    draft = case.ticket["draft"]
    wish = {"subject": draft["subject"], "body": body, "revision": draft["revision"]}
    answer = desk.rest.post(f"/tickets/{case.id}/draft", wish)
    assert answer.status == 200, answer
    return answer.body


def seen(draft, **changes):
    """What an approver says to have read."""
    return {"revision": draft["revision"], "content_hash": draft["content_hash"]} | changes


def test_an_edit_is_a_new_revision(desk: Desk):
    case = desk.opened()

    ticket = edited(desk, case)

    draft, before = ticket["draft"], case.ticket["draft"]
    assert (draft["revision"], draft["body"], draft["to"]) == (2, EDITED, before["to"])
    assert draft["content_hash"] != before["content_hash"]
    assert draft["written_by"].startswith("token:test-")
    assert ticket["status"] == "NEEDS_ACTION"


def test_an_edit_of_an_older_revision_is_refused_with_the_current_one(desk: Desk):
    case = desk.opened()
    edited(desk, case)

    answer = desk.rest.post(f"/tickets/{case.id}/draft", {"subject": "Re: it", "body": "Other words", "revision": 1})

    assert (answer.status, answer.body["revision"]) == (409, 2)
    assert desk.current(case)["draft"]["body"] == EDITED


@pytest.mark.parametrize("wrong", [{"revision": 1}, {"revision": 3}, {"content_hash": "0" * 64}])
def test_an_approval_of_something_else_is_refused_with_the_current_revision(desk: Desk, wrong):
    case = desk.opened()
    draft = edited(desk, case)["draft"]

    answer = desk.rest.post(f"/tickets/{case.id}/approve_send", seen(draft, **wrong))

    assert (answer.status, answer.body["status"], answer.body["revision"]) == (409, 409, 2)
    assert "draft 2" in answer.body["detail"]
    assert desk.current(case)["delivery"]["state"] == "none"


def test_an_approval_can_be_taken_back_and_given_again_and_the_mail_leaves_once(desk: Desk):
    case = desk.opened()
    ticket = edited(desk, case)

    approved = desk.patient.approve(ticket)

    assert approved.status == 202
    assert (approved.body["status"], approved.body["delivery"]["state"]) == ("NEEDS_ACTION", "approved")
    assert datetime.fromisoformat(approved.body["delivery"]["undo_until"]) > datetime.now(UTC)

    undone = desk.patient.post(f"/tickets/{case.id}/undo")

    assert undone.status == 200
    assert undone.body["delivery"]["undo_until"] is None
    assert undone.body["delivery"]["state"] == "cancelled"
    assert without(undone.body["draft"]) == ticket["draft"]
    assert desk.sent_to(case.address) == []

    assert desk.rest.approve(undone.body).status == 202
    sent = desk.rest.delivered(case.id)

    assert sent["status"] == "WAITING_OTHERS"
    assert sent["draft"]["state"] == "sent"
    assert [message["direction"] for message in sent["messages"]] == ["in", "out"]
    assert len(desk.sent_to(case.address)) == 1


def test_from_a_paused_mailbox_nothing_is_fetched_and_an_approved_reply_leaves(desk: Desk):
    case = desk.opened()
    desk.home.command("mailbox", "pause", desk.support.address)
    try:
        desk.support.deliver(a_mail("While it was paused", sender="late@customers.example"))
        reports = desk.synced()
        assert desk.rest.approve(case.ticket).status == 202
        sent = desk.rest.delivered(case.id)
    finally:
        desk.home.command("mailbox", "resume", desk.support.address)

    assert desk.support.address not in reports
    assert sent["status"] == "WAITING_OTHERS"
    assert len(desk.sent_to(case.address)) == 1
    assert desk.synced()[desk.support.address]["opened"] == 1


def test_the_same_approval_again_gets_the_same_answer(desk: Desk):
    case = desk.opened()

    first, second = desk.patient.approve(case.ticket), desk.patient.approve(case.ticket)

    assert (first.status, second.status) == (202, 202)
    assert second.body == first.body
    assert desk.kinds(case).count("approved") == 1
    desk.patient.post(f"/tickets/{case.id}/undo")


def test_the_same_approval_after_the_mail_left_sends_nothing_again(desk: Desk):
    case, _ = desk.answered()

    again = desk.rest.approve(case.ticket)

    assert (again.status, again.body["delivery"]["state"]) == (202, "sent")
    assert desk.rest.ticket(case.id)["status"] == "WAITING_OTHERS"
    assert len(desk.sent_to(case.address)) == 1


def test_the_mail_that_leaves_is_threaded_and_says_exactly_what_was_approved(desk: Desk):
    case = desk.opened(References="<earlier@example.net>", In_Reply_To="<earlier@example.net>")
    draft = edited(desk, case, f"{EDITED}\n\nÜber 2 €: {'long ' * 40}\n.\n\nFrom here on")["draft"]

    assert desk.rest.approve({"id": case.id, "draft": draft}).status == 202
    desk.rest.delivered(case.id)

    (raw,) = desk.sent_to(case.address)
    mail, known = read(raw), case.mail["Message-ID"]
    assert mail["From"].addresses[0].addr_spec == "support@helios.example"
    assert [address.addr_spec for address in mail["To"].addresses] == [case.address]
    assert (mail["Cc"], mail["Bcc"]) == (None, None)
    assert mail["Subject"] == draft["subject"] == f"Re: {case.mail['Subject']}"
    assert mail["In-Reply-To"] == known
    assert mail["References"].split() == ["<earlier@example.net>", known]
    assert mail["Message-ID"].endswith("@helios.example>")
    assert text_of(raw).rstrip("\n") == draft["body"].rstrip("\n")


def test_a_ticket_waits_for_others_only_when_the_mail_is_out(desk: Desk):
    case = desk.opened()
    desk.patient.approve(case.ticket)

    (line,) = desk.about(case.mail)
    assert line["status"] == "NEEDS_ACTION"
    desk.patient.post(f"/tickets/{case.id}/undo")


def test_nothing_can_be_taken_back_before_an_approval_or_after_the_mail_left(desk: Desk):
    waiting, (sent, _) = desk.opened(), desk.answered()

    too_early = desk.rest.post(f"/tickets/{waiting.id}/undo")
    too_late = desk.rest.post(f"/tickets/{sent.id}/undo")

    assert (too_early.status, too_late.status) == (409, 409)
    assert "Too late" in too_late.body["detail"]


@pytest.mark.parametrize("wish", [{}, {"feedback": "Shorter"}, {"subject": "Re: it", "body": "Other", "revision": 1}])
def test_an_approved_draft_is_not_changed_under_the_approval(desk: Desk, wish):
    case = desk.opened()
    desk.patient.approve(case.ticket)

    answer = desk.rest.post(f"/tickets/{case.id}/draft", wish)

    assert answer.status == 409
    assert "Undo" in answer.body["detail"]
    desk.patient.post(f"/tickets/{case.id}/undo")


def test_closing_takes_an_approval_back(desk: Desk):
    case = desk.opened()
    desk.patient.approve(case.ticket)

    closed = desk.rest.post(f"/tickets/{case.id}/status", {"status": "DONE"})

    assert (closed.status, closed.body["status"]) == (200, "DONE")
    assert closed.body["delivery"]["state"] == "cancelled"
    assert "closed" in closed.body["delivery"]["detail"]
    assert desk.rest.approve(case.ticket).status == 409
    assert desk.sent_to(case.address) == []


def test_a_ticket_is_assigned_by_address_and_given_back(desk: Desk):
    case = desk.opened()

    given = desk.rest.post(f"/tickets/{case.id}/assign", {"assignee": ADA})
    hers = [ticket["id"] for ticket in desk.rest.tickets(assignee=ADA)]
    taken = desk.rest.post(f"/tickets/{case.id}/assign", {"assignee": None})

    assert (given.status, given.body["assignee"]) == (200, ADA)
    assert hers == [case.id]
    assert (taken.status, taken.body["assignee"]) == (200, None)


def test_nobody_outside_the_desk_is_assigned_a_ticket(desk: Desk):
    case = desk.opened()

    answer = desk.rest.post(f"/tickets/{case.id}/assign", {"assignee": "stranger@example.net"})

    assert answer.status in (400, 409)
    assert "Nobody at this desk" in answer.body["detail"]
    assert desk.current(case)["assignee"] is None


def test_a_rejected_draft_closes_the_ticket_without_a_reply(desk: Desk):
    case = desk.opened()

    rejected = desk.rest.post(f"/tickets/{case.id}/reject", {"reason": "a prank"})

    assert (rejected.status, rejected.body["status"]) == (200, "DONE")
    assert rejected.body["draft"]["state"] == "rejected"
    assert desk.rest.approve(case.ticket).status == 409
    assert desk.sent_to(case.address) == []


def test_a_closed_ticket_is_reopened_and_answered_by_hand(desk: Desk):
    case = desk.opened()
    desk.rest.post(f"/tickets/{case.id}/status", {"status": "DONE"})

    reopened = desk.rest.post(f"/tickets/{case.id}/status", {"status": "NEEDS_ACTION"})
    written = desk.rest.post(
        f"/tickets/{case.id}/draft", {"subject": "Re: it", "body": EDITED, "revision": reopened.body["revision"]}
    )
    approved = desk.rest.approve(written.body)

    assert (reopened.status, reopened.body["status"]) == (200, "NEEDS_ACTION")
    assert (written.status, approved.status) == (200, 202)
    assert desk.rest.delivered(case.id)["status"] == "WAITING_OTHERS"
    assert len(desk.sent_to(case.address)) == 1


@pytest.mark.parametrize("status", ["DONE", "NEEDS_ACTION"])
def test_asking_for_the_status_that_is_there_changes_nothing(desk: Desk, status: str):
    case = desk.opened()
    before = desk.rest.post(f"/tickets/{case.id}/status", {"status": status}).body
    events = desk.events(case)

    again = desk.rest.post(f"/tickets/{case.id}/status", {"status": status})

    assert (again.status, again.body) == (200, before)
    assert desk.events(case) == events


@pytest.mark.parametrize("status", ["NEW", "WAITING_OTHERS"])
def test_an_impossible_move_is_refused_and_says_what_is_possible(desk: Desk, status: str):
    case = desk.opened()

    answer = desk.rest.post(f"/tickets/{case.id}/status", {"status": status})

    assert answer.status == 409
    assert "Possible now" in answer.body["detail"]
    assert desk.current(case)["status"] == "NEEDS_ACTION"


def test_a_status_that_does_not_exist_is_a_bad_request(desk: Desk):
    case = desk.opened()

    assert desk.rest.post(f"/tickets/{case.id}/status", {"status": "LOST"}).status == 400
