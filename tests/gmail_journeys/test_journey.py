"""From a customer's mail in Gmail to one reply in its thread, and on: what else happens in the account."""

from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from tests.gmail_journeys.desk import WRITTEN_BY, Case, GmailDesk, a_letter
from tests.journeys.letters import an_answer, text_of
from tests.service import a_mail, eventually

pytestmark = pytest.mark.slow

ONCE_MORE = "Hello,\n\nit beeps again since this morning. What now?\n\nNora\n"


# --- the main journey ---------------------------------------------------------------------------------------------


def test_the_model_triages_plans_and_drafts_what_arrives(desk: GmailDesk) -> None:
    ticket = desk.opened().ticket

    assert ticket["status"] == "NEEDS_ACTION"
    assert ticket["mailbox"] == desk.support.address
    assert [ticket[part]["written_by"] for part in ("triage", "plan", "draft")] == [WRITTEN_BY] * 3
    assert ticket["draft"]["note"] is None
    assert set(desk.model.keys) == {"model-key"}


def test_nothing_leaves_before_the_approval(desk: GmailDesk) -> None:
    case = desk.opened()

    assert case.answers() == []
    assert case.account.drafts() == []


def test_an_approved_reply_leaves_once_in_its_thread_word_for_word(desk: GmailDesk) -> None:
    case = desk.opened()

    ticket = desk.answered(case)

    (line,) = case.answers()
    reply = case.account.mail(line.gmail_id)
    assert ticket["status"] == "WAITING_OTHERS"
    assert line.gmail_thread_id == case.thread_id
    assert parseaddr(str(reply["To"]))[1] == case.customer
    assert reply["Subject"] == f"Re: {case.mail['Subject']}"
    assert reply["In-Reply-To"] == reply["References"] == case.mail["Message-ID"]
    assert text_of(reply.as_bytes()) == case.ticket["draft"]["body"].rstrip() + "\n"
    assert case.account.drafts() == []


def test_approving_twice_sends_once(desk: GmailDesk) -> None:
    case = desk.opened()

    first, again = desk.rest.approve(case.ticket), desk.rest.approve(case.ticket)
    desk.settled(case)

    assert (first.status, again.status) == (202, 202)
    assert len(case.answers()) == 1


def test_a_reply_that_gmail_has_renamed_is_found_again_by_its_real_message_id(desk: GmailDesk) -> None:
    case = desk.opened()
    desk.answered(case)
    ours = case.account.mail(case.answers()[0].gmail_id)
    # A thread of its own in Gmail: only the Message-ID that Gmail gave the reply leads to the ticket.
    again = an_answer(ours, ONCE_MORE, sender=str(case.mail["From"]))
    case.account.receive(again, thread_id=case.account.receive(a_letter(), "SPAM")["threadId"])

    desk.reports()

    ticket = desk.rest.ticket(case.id)
    assert [message["direction"] for message in ticket["messages"]] == ["in", "out", "in"]
    assert ticket["status"] == "NEEDS_ACTION"
    assert ticket["draft"]["revision"] == 2


def test_a_mail_without_references_is_appended_by_its_thread_in_gmail(desk: GmailDesk) -> None:
    case = desk.opened()
    more = a_mail(f"Re: {case.mail['Subject']}", "It beeps, too.\n", str(case.mail["From"]))
    case.account.receive(more, thread_id=case.thread_id)

    report = desk.reports()[case.account.address]

    ticket = desk.rest.ticket(case.id)
    assert (report["opened"], report["appended"]) == (0, 1)
    assert (len(ticket["messages"]), ticket["draft"]["revision"]) == (2, 2)


def test_the_second_reply_names_all_mails_before_it(desk: GmailDesk) -> None:
    case = desk.opened()
    desk.answered(case)
    ours = case.account.mail(case.answers()[0].gmail_id)
    again = an_answer(ours, ONCE_MORE, sender=str(case.mail["From"]))
    arrived = case.account.receive(again)
    desk.reports()

    desk.answered(case)

    second = case.answers()[1]
    reply = case.account.mail(second.gmail_id)
    assert arrived["threadId"] == second.gmail_thread_id == case.thread_id
    assert reply["In-Reply-To"] == again["Message-ID"]
    assert reply["References"].split() == [case.mail["Message-ID"], ours["Message-ID"], again["Message-ID"]]


def test_a_read_back_that_fails_makes_no_failure_of_a_reply_that_left(desk: GmailDesk) -> None:
    case = desk.opened()
    case.account.fault("messages.get", "503")

    ticket = desk.answered(case)

    assert ticket["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1


# --- what people do in Gmail itself -------------------------------------------------------------------------------


def test_the_approved_text_leaves_when_the_draft_was_edited_in_gmail(desk: GmailDesk) -> None:
    case = desk.opened()
    case.account.fault("drafts.send", "429", times=1000)
    desk.rest.approve(case.ticket)
    (draft_id,) = eventually(case.account.drafts)

    case.account.edit_draft(draft_id, a_mail("Something else", "Buy from us!\n", case.account.address, case.customer))
    desk.double.heal()
    desk.settled(case)

    (line,) = case.answers()
    reply = case.account.mail(line.gmail_id)
    assert text_of(reply.as_bytes()) == case.ticket["draft"]["body"].rstrip() + "\n"
    assert (line.gmail_thread_id, reply["Subject"]) == (case.thread_id, f"Re: {case.mail['Subject']}")


def by_hand(case: Case) -> EmailMessage:
    """A colleague's answer, written in Gmail."""
    mail = an_answer(case.mail, "I shall call you.\n", sender=f"Ben <{case.account.address}>")
    mail.replace_header("To", str(case.mail["From"]))
    return mail


def test_a_colleagues_answer_in_gmail_takes_the_draft_back(desk: GmailDesk) -> None:
    case = desk.opened()
    case.account.receive(by_hand(case), "SENT", thread_id=case.thread_id)

    desk.reports()

    ticket = desk.rest.ticket(case.id)
    assert ticket["status"] == "WAITING_OTHERS"
    assert ticket["draft"]["state"] == "superseded"
    assert desk.rest.approve(case.ticket).status == 409
    assert [message["kind"] for message in ticket["messages"]] == ["customer", "human_reply"]
    assert case.answers() == []


def test_a_customer_may_answer_a_colleague(desk: GmailDesk) -> None:
    case = desk.opened()
    answer = by_hand(case)
    case.account.receive(answer, "SENT", thread_id=case.thread_id)
    desk.reports()
    case.account.receive(an_answer(answer, ONCE_MORE, sender=str(case.mail["From"])))

    desk.reports()

    ticket = desk.rest.ticket(case.id)
    assert (ticket["status"], ticket["draft"]["state"], ticket["draft"]["revision"]) == ("NEEDS_ACTION", "open", 2)


@pytest.mark.parametrize("label", ["SPAM", "TRASH"])
def test_spam_and_trash_are_left_out_with_the_reason_until_somebody_rescues_them(desk: GmailDesk, label: str) -> None:
    mail = a_letter()
    arrived = desk.support.receive(mail, label)
    first = desk.reports()[desk.support.address]
    desk.support.relabel(arrived["id"], ["INBOX"], [label])

    second = desk.reports()[desk.support.address]

    assert (first["opened"], first["reasons"].get(label.lower())) == (0, 1)
    assert second["opened"] == 1
    assert desk.about(mail)["status"] == "NEEDS_ACTION"


# --- the history --------------------------------------------------------------------------------------------------


def test_a_forgotten_history_loses_nothing_and_doubles_nothing(desk: GmailDesk) -> None:
    known = desk.opened()
    missed = [a_letter() for _ in range(3)]
    for mail in missed:
        desk.support.receive(mail)
    desk.support.forget_history()

    report = desk.reports()[desk.support.address]

    assert (report["opened"], report["appended"], report["error"]) == (3, 0, None)
    assert [desk.about(mail)["status"] for mail in (known.mail, *missed)] == ["NEEDS_ACTION"] * 4
    assert len(desk.rest.ticket(known.id)["messages"]) == 1


@pytest.mark.parametrize("fault", ["duplicate", "shuffle"])
def test_an_untidy_history_opens_each_ticket_once(desk: GmailDesk, fault: str) -> None:
    desk.double.control("history_faults", {"account": desk.support.address, "kind": fault})
    mails = [a_letter() for _ in range(3)]
    for mail in mails:
        desk.support.receive(mail)

    report = desk.reports()[desk.support.address]

    assert report["opened"] == 3
    assert [desk.about(mail)["status"] for mail in mails] == ["NEEDS_ACTION"] * 3


def test_an_expired_access_token_is_renewed_without_a_word(desk: GmailDesk) -> None:
    case = desk.opened(account=desk.double.account("expired@helios.example"))
    desk.double.control("expire_access", {"account": case.account.address})

    ticket = desk.answered(case)

    assert ticket["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1
