"""Journey (c): the customer writes while we are at it, or after we answered, and nothing outdated leaves."""

from tests.journeys.conftest import Desk
from tests.journeys.letters import a_bounce, a_customer, an_answer, an_out_of_office
from tests.service import a_mail

MORE = "Hello,\n\nit also beeps now. What should I do?\n\nNora\n"


def more_from(case, text: str = MORE, sender: str | None = None):
    """Another mail of the same conversation, before any answer of ours."""
    return an_answer(case.mail, text, sender or str(case.mail["From"]))


def kinds_of_mail(ticket) -> list[str]:
    """In no particular order: a Maildir tells the time of arrival in whole seconds."""
    return sorted(message["kind"] for message in ticket["messages"])


def test_a_second_mail_replaces_the_waiting_draft(desk: Desk):
    case = desk.opened()

    report = desk.deliver(more_from(case))

    ticket = desk.current(case)
    assert (report["opened"], report["appended"]) == (0, 1)
    assert (ticket["status"], ticket["draft"]["revision"], ticket["draft"]["state"]) == ("NEEDS_ACTION", 2, "open")
    assert [message["direction"] for message in ticket["messages"]] == ["in", "in"]
    assert "draft_superseded" in desk.kinds(case)


def test_the_replaced_draft_cannot_be_approved(desk: Desk):
    case = desk.opened()
    desk.deliver(more_from(case))

    answer = desk.rest.approve(case.ticket)

    assert (answer.status, answer.body["revision"]) == (409, 2)
    assert "customer wrote again" in answer.body["detail"]
    assert desk.sent_to(case.address) == []


def test_the_replaced_draft_cannot_be_edited(desk: Desk):
    case = desk.opened()
    desk.deliver(more_from(case))

    answer = desk.rest.post(f"/tickets/{case.id}/draft", {"subject": "Re: it", "body": "Old news", "revision": 1})

    assert (answer.status, answer.body["revision"]) == (409, 2)
    assert "customer wrote again" in answer.body["detail"]


def test_a_second_mail_in_the_undo_window_cancels_the_send(desk: Desk):
    case = desk.opened()
    assert desk.patient.approve(case.ticket).status == 202

    desk.deliver(more_from(case))

    ticket = desk.current(case)
    assert (ticket["status"], ticket["delivery"]["state"]) == ("NEEDS_ACTION", "cancelled")
    assert "the customer wrote again" in ticket["delivery"]["detail"]
    assert (ticket["draft"]["revision"], ticket["draft"]["state"]) == (2, "open")
    assert desk.sent_to(case.address) == []
    (cancelled,) = [event for event in desk.events(case) if event["kind"] == "send_cancelled"]
    assert cancelled["fields"]["reason"] == "the customer wrote again"


def test_the_answer_to_a_second_mail_is_threaded_below_it_and_leaves_once(desk: Desk):
    case = desk.opened()
    desk.patient.approve(case.ticket)
    second = more_from(case)
    desk.deliver(second)

    desk.rest.approve(desk.current(case))
    desk.rest.delivered(case.id)

    (raw,) = desk.sent_to(case.address)
    assert f"In-Reply-To: {second['Message-ID']}".encode() in raw


def test_an_answer_to_our_reply_brings_the_ticket_back(desk: Desk):
    case, reply = desk.answered()

    report = desk.deliver(an_answer(reply, MORE))

    ticket = desk.current(case)
    assert (report["opened"], report["appended"]) == (0, 1)
    assert ticket["status"] == "NEEDS_ACTION"
    assert sorted(message["direction"] for message in ticket["messages"]) == ["in", "in", "out"]
    assert (ticket["draft"]["revision"], ticket["draft"]["state"]) == (2, "open")


def test_a_second_answer_of_ours_leaves_too(desk: Desk):
    case, reply = desk.answered()
    desk.deliver(an_answer(reply, MORE))

    desk.rest.approve(desk.current(case))
    desk.rest.delivered(case.id)

    assert len(desk.sent_to(case.address)) == 2
    assert desk.current(case)["status"] == "WAITING_OTHERS"


def test_an_answer_to_a_closed_ticket_reopens_it(desk: Desk):
    case, reply = desk.answered()
    desk.rest.post(f"/tickets/{case.id}/status", {"status": "DONE"})

    desk.deliver(an_answer(reply, MORE))

    ticket = desk.current(case)
    assert (ticket["status"], ticket["draft"]["state"]) == ("NEEDS_ACTION", "open")
    assert len(desk.about(case.mail)) == 1


def test_a_stranger_who_quotes_the_message_id_gets_a_ticket_of_their_own(desk: Desk):
    case, reply = desk.answered()
    stranger = a_customer()

    report = desk.deliver(an_answer(reply, MORE, sender=stranger))

    assert (report["opened"], report["appended"]) == (1, 0)
    assert desk.current(case) == case.ticket
    assert len(desk.about(case.mail)) == 2


def test_a_stranger_who_quotes_the_ticket_number_gets_a_ticket_of_their_own(desk: Desk):
    case = desk.opened()

    report = desk.deliver(a_mail(f"Re: [#{case.ticket['number']}] news", sender=a_customer()))

    assert (report["opened"], report["appended"]) == (1, 0)
    assert desk.current(case) == case.ticket


def test_the_customer_who_writes_the_ticket_number_into_the_subject_lands_in_the_ticket(desk: Desk):
    case = desk.opened()

    report = desk.deliver(a_mail(f"[#{case.ticket['number']}] news", sender=str(case.mail["From"])))

    assert (report["opened"], report["appended"]) == (0, 1)
    assert len(desk.current(case)["messages"]) == 2


def test_a_bounce_of_our_reply_brings_the_ticket_back_with_the_reason(desk: Desk):
    case, reply = desk.answered()

    report = desk.deliver(a_bounce(reply, "550 5.1.1 user unknown"))

    ticket = desk.current(case)
    assert report["automatic"] == 1
    assert ticket["status"] == "NEEDS_ACTION"
    assert kinds_of_mail(ticket) == ["bounce", "customer", "reply"]
    (bounced,) = [event for event in desk.events(case) if event["kind"] == "bounced"]
    assert "user unknown" in bounced["fields"]["reason"]


def test_a_bounce_of_a_mail_that_we_did_not_send_moves_nothing(desk: Desk):
    case, _ = desk.answered()

    desk.deliver(a_bounce(case.mail))

    assert desk.current(case) == case.ticket


def test_an_out_of_office_after_our_reply_is_recorded_and_moves_nothing(desk: Desk):
    case, reply = desk.answered()

    report = desk.deliver(an_out_of_office(reply))

    ticket = desk.current(case)
    assert report["automatic"] == 1
    assert (ticket["status"], ticket["draft"]) == ("WAITING_OTHERS", case.ticket["draft"])
    assert kinds_of_mail(ticket) == ["automatic", "customer", "reply"]


def test_an_out_of_office_leaves_an_approval_alone(desk: Desk):
    case = desk.opened()
    desk.patient.approve(case.ticket)

    desk.deliver(an_answer(case.mail, "Away.\n", sender=str(case.mail["From"]), Auto_Submitted="auto-replied"))

    assert desk.current(case)["delivery"]["state"] == "approved"
    assert desk.patient.post(f"/tickets/{case.id}/undo").status == 200
