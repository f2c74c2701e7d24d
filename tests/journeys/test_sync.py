"""Journey (a): mail comes in, becomes a ticket, and the agent prepares an answer."""

import hashlib
from datetime import datetime

import pytest

from tests.journeys.conftest import Desk
from tests.journeys.letters import a_bounce, a_newsletter, a_word, an_out_of_office, an_unreadable_mail
from tests.service import MaildirOf, a_mail, eventually

REPORT = {"address", "opened", "appended", "automatic", "skipped", "quarantined", "failed"}
COUNTS = ("opened", "appended", "automatic", "skipped", "quarantined", "failed")


def counts(report) -> dict[str, int]:
    """What is not zero."""
    return {name: report[name] for name in COUNTS if report[name]}


@pytest.fixture
def broken_sales(desk: Desk):
    """The sales mailbox whose folder is gone for a while."""
    away = desk.sales.path.with_name("away")
    desk.sales.path.rename(away)
    yield MaildirOf(away, desk.sales.address)
    if away.exists():
        away.rename(desk.sales.path)


def test_a_new_mail_is_a_ticket_with_triage_plan_and_draft(desk: Desk):
    case = desk.opened()

    ticket = case.ticket
    assert ticket["status"] == "NEEDS_ACTION"
    assert ticket["subject"] == case.mail["Subject"]
    assert ticket["requester"] == {"name": "Nora Lind", "address": case.address}
    assert (ticket["mailbox"], ticket["language"], ticket["assignee"]) == ("support@helios.example", "en", None)
    assert ticket["triage"]["needs_reply"] is True
    assert ticket["category"] == ticket["triage"]["category"] == "technical"
    assert ticket["plan"]["steps"]
    assert (ticket["draft"]["revision"], ticket["draft"]["subject"]) == (1, f"Re: {case.mail['Subject']}")
    assert ticket["draft"]["to"] == [{"name": "Nora Lind", "address": case.address}]
    assert ticket["delivery"] == {"state": "none", "undo_until": None, "detail": None}
    (message,) = ticket["messages"]
    assert message["text"].strip() == case.mail.get_content().strip()


def test_a_sync_reports_every_count_for_every_mailbox(desk: Desk):
    reports = desk.synced()

    assert set(reports) == {"support@helios.example", "sales@helios.example"}
    for report in reports.values():
        assert set(report) >= REPORT
        assert counts(report) == {}
        assert report["error"] is None


def test_a_second_sync_changes_nothing(desk: Desk):
    case = desk.opened()
    events = desk.events(case)

    report = desk.synced()[desk.support.address]

    assert counts(report) == {}
    assert desk.current(case) == case.ticket
    assert desk.events(case) == events


def test_a_message_id_that_comes_twice_is_one_mail(desk: Desk):
    mail = a_mail(f"Inverter {a_word()}")

    first = desk.deliver(mail, mail)
    second = desk.deliver(mail)

    assert counts(first) == {"opened": 1, "skipped": 1}
    assert counts(second) == {"skipped": 1}
    assert sum(second["reasons"].values()) == 1
    assert len(desk.found(mail)["messages"]) == 1


def test_the_same_mail_in_two_mailboxes_is_one_ticket(desk: Desk):
    mails = [a_mail(f"Inverter {a_word()}", to="support@helios.example, sales@helios.example") for _ in range(6)]

    for mail in mails:
        desk.support.deliver(mail)
        desk.sales.deliver(mail)
        reports = desk.synced()
        total = {name: sum(report[name] for report in reports.values()) for name in ("opened", "skipped")}
        assert total == {"opened": 1, "skipped": 1}

    for mail in mails:
        assert len(desk.found(mail)["messages"]) == 1


def test_a_mail_that_cannot_be_read_is_quarantined_with_its_bytes_and_the_others_go_on(desk: Desk):
    bad = an_unreadable_mail(a_word())
    before, after = a_mail(f"Inverter {a_word()}"), a_mail(f"Inverter {a_word()}")

    report = desk.deliver(before, bad, after)

    assert counts(report) == {"opened": 2, "quarantined": 1}
    assert desk.found(before)["draft"]
    assert desk.found(after)["draft"]
    digest = hashlib.sha256(bad).hexdigest()
    ((reason,),) = desk.select("SELECT reason FROM quarantine WHERE raw_sha256 = :digest", digest=digest)
    assert reason
    assert hashlib.sha256(desk.blob(digest)).hexdigest() == digest
    assert counts(desk.synced()[desk.support.address]) == {}


def test_what_machines_send_is_recorded_and_opens_no_ticket(desk: Desk):
    unknown = a_mail(f"Inverter {a_word()}")
    mails = [a_newsletter(), an_out_of_office(unknown), a_bounce(unknown)]
    before = len(desk.rest.tickets())

    report = desk.deliver(*mails)

    assert counts(report) == {"automatic": 3}
    assert len(desk.rest.tickets()) == before
    kept = desk.select("SELECT kind FROM mails WHERE ticket_id IS NULL AND subject = :said", said=mails[0]["Subject"])
    assert [row.kind for row in kept] == ["automatic"]


def test_a_mailbox_whose_folder_is_gone_says_so_and_holds_up_no_other(desk: Desk, broken_sales: MaildirOf):
    late, prompt = a_mail(f"Quote {a_word()}", to="sales@helios.example"), a_mail(f"Inverter {a_word()}")
    broken_sales.deliver(late)
    desk.support.deliver(prompt)

    reports = desk.synced()

    assert "mailbox add maildir" in reports["sales@helios.example"]["error"]
    assert counts(reports["sales@helios.example"]) == {}
    assert reports["support@helios.example"]["error"] is None
    assert counts(reports["support@helios.example"]) == {"opened": 1}

    broken_sales.path.rename(desk.sales.path)

    assert counts(desk.synced()["sales@helios.example"]) == {"opened": 1}
    assert desk.found(late)["mailbox"] == "sales@helios.example"


def test_a_sync_that_does_not_wait_answers_when_the_mail_is_stored(desk: Desk):
    mail = a_mail(f"Inverter {a_word()}")
    desk.support.deliver(mail)

    answer = desk.rest.post("/sync/run")

    assert answer.status == 200
    assert [report["opened"] for report in answer.body["mailboxes"]].count(1) == 1
    assert len(desk.about(mail)) == 1
    assert eventually(lambda: desk.found(mail)["draft"])


@pytest.mark.parametrize("wait_s", ["61", "-1", "soon"])
def test_waiting_longer_than_a_minute_is_refused(desk: Desk, wait_s: str):
    answer = desk.rest.post(f"/sync/run?wait_s={wait_s}")

    assert answer.status == 400
    assert "wait_s" in answer.body["detail"]


def test_times_are_told_with_their_zone(desk: Desk):
    case = desk.opened()

    for name in ("created_at", "updated_at"):
        assert datetime.fromisoformat(case.ticket[name]).utcoffset() is not None
