"""A reply that shows neither among the sent mails nor in the drafts: an operator says what became of it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

import httpx
import pytest

from entrypoints.scripted_model import RunningModel
from tests.gmail_journeys.desk import ADMIN, Case, GmailDesk, adding, commands, home_at, token_made
from tests.gmail_journeys.double import DoubleProcess
from tests.service import Home, Rest, Service, a_mail, eventually
from tests.web.asking import form_token

pytestmark = pytest.mark.slow

REAL_ID = "<CA-found-later@mail.gmail.com>"
WINDOW_S = "6"  # in which the draft is deleted; the reply is given up as soon as it is over
WINDOW = {"CA_SEND_SETTLE_S": WINDOW_S, "CA_SEND_GIVE_UP_S": WINDOW_S}


@dataclass
class Lost:
    """A case whose reply nobody can find, and the bytes that were in its draft."""

    case: Case
    raw: bytes


@pytest.fixture(scope="module")
def home(double: DoubleProcess, model: RunningModel, tmp_path_factory: pytest.TempPathFactory) -> Home:
    plain = home_at(tmp_path_factory.mktemp("lost"), double, model)
    return replace(plain, environ=plain.environ | WINDOW)


@pytest.fixture(scope="module")
def lost_desk(home: Home, double: DoubleProcess, model: RunningModel) -> Iterator[GmailDesk]:
    account = double.account("lost@helios.example")
    email, password = ADMIN
    operator = (("operator", "add", email, "--role", "admin", "--password-stdin"), f"{password}\n")
    *_, token = commands(home, adding(account), operator, token_made())
    with Service(home) as service:
        yield GmailDesk(home, service, Rest(service.url, token.strip()), double, model, account)


def lose(desk: GmailDesk) -> Lost:
    """Approve a reply; its answer is lost, and somebody deletes its draft."""
    case = desk.opened()
    case.account.fault("drafts.send", "drop_before")
    assert desk.rest.approve(case.ticket).status == 202
    desk.settled(case, "unknown")
    (draft_id,) = case.account.drafts()
    raw = case.account.api("GET", f"drafts/{draft_id}", format="raw")["message"]["raw"]
    case.account.api("DELETE", f"drafts/{draft_id}")
    desk.settled(case, "needs_human")
    return Lost(case, base64.urlsafe_b64decode(raw + "=="))


def say(desk: GmailDesk, case: Case, was_sent: str) -> None:
    """Press one of the two buttons on the ticket's page."""
    email, password = ADMIN
    with httpx.Client(base_url=desk.service.url, timeout=30.0) as browser:
        token = form_token(browser.get("/login"))
        browser.post("/login", data={"email": email, "password": password, "_csrf": token})
        page = f"/boards/tickets/{case.id}"
        shown = browser.get(page)
        assert "It was sent" in shown.text
        answer = browser.post(f"{page}/settle", data={"was_sent": was_sent, "_csrf": form_token(shown)})
        assert answer.status_code == 303


def test_what_was_not_sent_is_offered_again_and_leaves_once(lost_desk: GmailDesk) -> None:
    lost = lose(lost_desk)

    say(lost_desk, lost.case, "no")
    again = lost_desk.settled(lost.case, "failed")
    ticket = lost_desk.answered(lost.case)

    assert (again["status"], again["draft"]["state"]) == ("NEEDS_ACTION", "open")
    assert ticket["status"] == "WAITING_OTHERS"
    assert len(lost.case.answers()) == 1


def test_what_was_sent_is_joined_with_the_copy_that_shows_up_later(lost_desk: GmailDesk, home: Home) -> None:
    lost = lose(lost_desk)
    case, account = lost.case, lost.case.account
    say(lost_desk, case, "yes")
    told = lost_desk.settled(case)
    head, _, body = lost.raw.partition(b"\r\n\r\n")
    lines = [
        f"Message-ID: {REAL_ID}".encode() if x.lower().startswith(b"message-id:") else x for x in head.split(b"\r\n")
    ]
    copy = base64.urlsafe_b64encode(b"\r\n".join(lines) + b"\r\n\r\n" + body).decode()
    account.api("POST", "messages", {"raw": copy, "threadId": case.thread_id, "labelIds": ["SENT"]})

    with Service(home, extra={"CA_SEND_SETTLE_S": "0"}) as another:  # it clears up at once, when it starts
        desk = replace(lost_desk, service=another, rest=Rest(another.url, lost_desk.rest.token))
        eventually(lambda: REAL_ID in str(desk.rest.get(f"/tickets/{case.id}/events")))
        account.receive(a_mail("Re: yours", sender=case.customer, In_Reply_To=REAL_ID, References=REAL_ID))
        desk.reports()

        ticket = desk.rest.ticket(case.id)

    assert told["status"] == "WAITING_OTHERS"
    assert case.answers() == [], "nothing was sent a second time"
    assert [message["kind"] for message in ticket["messages"]] == ["customer", "reply", "customer"]
