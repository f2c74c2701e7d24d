"""Whatever goes wrong between the approval and Gmail's answer: one mail leaves, or none with the reason."""

import pytest

from tests.gmail_journeys.desk import GmailDesk
from tests.gmail_journeys.outcomes import FAULTS, Outcome, SendFault
from tests.journeys.letters import text_of

pytestmark = pytest.mark.slow

PASSING = [fault for fault in FAULTS if fault.ends == "sent"]
DEFINITE = [fault for fault in FAULTS if fault.ends == "failed"]


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.name)
def test_one_mail_leaves_whatever_fails(fault: SendFault, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[fault.name]

    assert len(outcome.accepted) == 1
    assert outcome.accepted[0].gmail_thread_id == outcome.case.thread_id
    assert (outcome.ticket["delivery"]["state"], outcome.ticket["status"]) == ("sent", "WAITING_OTHERS")


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: fault.name)
def test_what_leaves_is_what_was_approved(fault: SendFault, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[fault.name]

    (mail,) = outcome.mails
    assert text_of(mail.as_bytes()) == outcome.case.ticket["draft"]["body"].rstrip() + "\n"
    assert mail["In-Reply-To"] == outcome.case.mail["Message-ID"]
    assert outcome.drafts == []


@pytest.mark.parametrize("kind", ["hang", "hang_after", "drop_after", "drop_before", "503_after", "500", "404"])
def test_an_answer_that_was_lost_is_settled_before_anything_is_sent_again(
    kind: str, outcomes: dict[str, Outcome]
) -> None:
    steps = outcomes[f"drafts.send {kind}"].steps

    assert "UNKNOWN" in steps


@pytest.mark.parametrize("fault", DEFINITE, ids=lambda fault: fault.name)
def test_a_definite_refusal_sends_nothing_says_why_and_offers_the_draft_again(
    fault: SendFault, outcomes: dict[str, Outcome]
) -> None:
    outcome = outcomes[fault.name]

    assert outcome.accepted == []
    assert (outcome.ticket["delivery"]["state"], outcome.ticket["status"]) == ("failed", "NEEDS_ACTION")
    assert fault.says in outcome.ticket["delivery"]["detail"]
    assert outcome.ticket["draft"]["state"] == "open"


@pytest.mark.parametrize("fault", DEFINITE, ids=lambda fault: fault.name)
def test_a_refused_reply_leaves_once_when_it_is_approved_again(
    fault: SendFault, outcomes: dict[str, Outcome], desk: GmailDesk
) -> None:
    case = outcomes[fault.name].case

    ticket = desk.answered(case)

    assert len(case.account.accepted()) == 1
    assert ticket["status"] == "WAITING_OTHERS"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_next_sync_takes_our_own_reply_for_nothing_else(
    fault: SendFault, outcomes: dict[str, Outcome], desk: GmailDesk
) -> None:
    case = outcomes[fault.name].case

    report = desk.reports()[fault.address]

    assert (report["opened"], report["appended"], report["error"]) == (0, 0, None)
    assert len(desk.rest.ticket(case.id)["messages"]) == 1 + len(case.account.accepted())
