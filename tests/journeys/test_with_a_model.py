"""The same journeys when a language model writes: what it claims is confirmed, what it breaks is survived."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from entrypoints.scripted_model import Answer, Fault, RunningModel, answer
from tests.journeys.conftest import QUESTION
from tests.journeys.letters import a_customer, a_word, read, text_of
from tests.service import Home, MaildirOf, Rest, Service, a_mail, eventually

KEY = a_word()
TRIAGE = {
    "category": "billing",
    "priority": "normal",
    "sentiment": "neutral",
    "language": "en",
    "needs_reply": True,
    "summary": "Asks what to do.",
}
PLAN = {"steps": [{"action": "inform", "detail": "Say what to do."}]}


@dataclass(frozen=True)
class ModelDesk:
    """A desk whose drafts are written by a scripted model."""

    model: RunningModel
    service: Service
    mailbox: MaildirOf
    rest: Rest

    def arrived(self, text: str = QUESTION) -> str:
        """The id of the ticket of a new mail; the agent may still be at work."""
        mail = a_mail(f"Invoice {a_word()}", text, a_customer())
        self.mailbox.deliver(mail)
        assert self.rest.post("/sync/run").body["mailboxes"][0]["opened"] == 1
        (line,) = self.rest.tickets(q=str(mail["Subject"]).split()[-1])
        return str(line["id"])

    def drafted(self, ticket_id: str):
        """The ticket, once it has a draft."""
        return eventually(lambda: (ticket := self.rest.ticket(ticket_id))["draft"] and ticket)

    def kinds(self, ticket_id: str) -> list[str]:
        return [event["kind"] for event in self.rest.get(f"/tickets/{ticket_id}/events")["items"]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelDesk]:
    with RunningModel() as model:
        home = Home.at(
            tmp_path_factory.mktemp("desk"),
            CA_MODEL_PROVIDER="scripted",
            CA_MODEL_BASE_URL=model.base_url,
            CA_MODEL_API_KEY=KEY,
            CA_MODEL_NAME="scripted",
            CA_MODEL_TIMEOUT_S="3",
            CA_LOG_LEVEL="debug",
        )
        mailbox, token = home.maildir(), home.token()
        with Service(home) as service:
            yield ModelDesk(model, service, mailbox, Rest(service.url, token))


@pytest.fixture
def desk(running: ModelDesk) -> Iterator[ModelDesk]:
    yield running
    running.model.always(None)


@pytest.fixture
def flagged(desk: ModelDesk):
    """A ticket whose draft makes claims that no source bears out."""
    claims = "Hello,\n\npay 4,711.50 EUR at https://pay.example/now and all is well.\n"
    desk.model.script(answer(TRIAGE), answer(PLAN), answer({"subject": "Re: Invoice", "body": claims}))
    return desk.drafted(desk.arrived())


def test_claims_without_a_source_hold_the_approval_up_and_are_listed(desk: ModelDesk, flagged):
    ids = [flag["id"] for flag in flagged["draft"]["flags"]]

    nothing = desk.rest.approve(flagged)
    some = desk.rest.approve(flagged, confirm_flags=ids[:1])

    assert {flag["kind"] for flag in flagged["draft"]["flags"]} == {"amount", "link"}
    assert (nothing.status, nothing.body["flags"]) == (409, ids)
    assert (some.status, some.body["flags"]) == (409, ids[1:])
    assert desk.rest.ticket(flagged["id"])["delivery"]["state"] == "none"


def test_claims_that_are_confirmed_leave_and_the_confirmation_is_on_record(desk: ModelDesk, flagged):
    ids = [flag["id"] for flag in flagged["draft"]["flags"]]

    approved = desk.rest.approve(flagged, confirm_flags=ids)

    assert approved.status == 202
    desk.rest.delivered(flagged["id"])
    events = desk.rest.get(f"/tickets/{flagged['id']}/events")["items"]
    (said,) = [event for event in events if event["kind"] == "approved"]
    assert said["fields"]["confirmed_flags"] == sorted(ids)


def test_a_claim_that_is_taken_out_needs_no_confirmation(desk: ModelDesk, flagged):
    wish = {"subject": "Re: Invoice", "body": "Hello,\n\nall is well.", "revision": 1}

    ticket = desk.rest.post(f"/tickets/{flagged['id']}/draft", wish).body

    assert ticket["draft"]["flags"] == []
    assert desk.rest.approve(ticket).status == 202


def test_what_an_operator_writes_while_the_model_is_thinking_is_what_counts(desk: ModelDesk):
    desk.model.always(Fault.TIMEOUT)
    ticket_id = desk.arrived()
    wish = {"subject": "Re: Invoice", "body": "Hello,\n\nI have answered myself.", "revision": 0}

    written = desk.rest.post(f"/tickets/{ticket_id}/draft", wish)
    approved = desk.rest.approve(written.body)
    desk.model.always(None)

    assert (written.status, approved.status) == (200, 202)
    # The reply leaves when the agent's own run on the ticket has ended.
    ticket = desk.rest.delivered(ticket_id)
    assert (ticket["status"], ticket["draft"]["revision"], ticket["draft"]["state"]) == ("WAITING_OTHERS", 1, "sent")
    assert "draft_offered" not in desk.kinds(ticket_id)
    (raw,) = [raw for raw in desk.mailbox.sent() if ticket["requester"]["address"] in str(read(raw)["To"])]
    assert text_of(raw).strip() == wish["body"]


def test_a_ticket_that_is_closed_while_the_model_is_thinking_stays_closed(desk: ModelDesk):
    desk.model.always(Fault.TIMEOUT)
    ticket_id = desk.arrived()

    closed = desk.rest.post(f"/tickets/{ticket_id}/status", {"status": "DONE"})
    desk.model.always(None)

    assert closed.status == 200
    eventually(lambda: "triaged" in desk.kinds(ticket_id))
    assert desk.rest.post("/sync/run?wait_s=30").status == 200
    ticket = desk.rest.ticket(ticket_id)
    assert (ticket["status"], ticket["draft"]) == ("DONE", None)
    assert not desk.service.said("drive_failed")


def test_a_model_that_talks_nonsense_is_replaced_and_its_words_stay_out_of_the_log(desk: ModelDesk):
    words = [a_word() for _ in range(4)]
    mailed, spoken, category, asked = words
    replies = [
        Answer(f"Sure! {spoken}"),
        answer(TRIAGE | {"category": category}),
        Fault.GARBAGE,
        Fault.SERVER_ERROR,
        Fault.REFUSAL,
    ]

    for reply in replies:
        desk.model.always(reply)
        ticket = desk.drafted(desk.arrived(QUESTION.replace("Monday", mailed)))
        answered = desk.rest.post(f"/tickets/{ticket['id']}/draft?wait_s=30", {"feedback": f"Mention {asked}."})
        assert answered.status == 200
        assert ticket["draft"]["written_by"] == "local"
        assert ticket["draft"]["note"]

    said = "\n".join(desk.service.lines)
    assert KEY in desk.model.keys
    assert [word for word in (*words, KEY) if word in said] == []
