"""What becomes of a desk when one of its accounts is withdrawn, ill or new; the others must not feel it."""

import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import httpx
import pytest

from tests.gmail_journeys.desk import ADMIN, GmailDesk, a_letter, adding, commands
from tests.gmail_journeys.double import Account
from tests.service import PROGRAM, Service, eventually
from tests.web.asking import form_token

pytestmark = pytest.mark.slow

BOARDS = ("new", "needs-action", "waiting", "done")
HELD_UP_S = 25.0  # a sync that takes longer is held up by its sick mailbox; on an idle machine it takes four seconds


@contextmanager
def logged_in(desk: GmailDesk) -> Iterator[httpx.Client]:
    """An operator's browser."""
    email, password = ADMIN
    with httpx.Client(base_url=desk.service.url, timeout=30.0) as browser:
        token = form_token(browser.get("/login"))
        answer = browser.post("/login", data={"email": email, "password": password, "_csrf": token})
        assert answer.status_code == 303
        yield browser


# --- withdrawn ----------------------------------------------------------------------------------------------------


def test_a_withdrawn_permission_is_said_on_every_board(desk: GmailDesk) -> None:
    account = desk.double.account("withdrawn@helios.example")
    account.revoke()

    report = desk.reports()[account.address]
    asked = desk.double.control("requests", method="GET")["oauth.token"]
    again = desk.reports()[account.address]

    assert desk.double.control("requests", method="GET")["oauth.token"] == asked
    assert "Reconnect it with `communication-agent connect gmail`" in again["error"]
    assert "Reconnect it with `communication-agent connect gmail`" in report["error"]
    with logged_in(desk) as browser:
        banners = [banner(browser.get(f"/boards/{board}").text, account) for board in BOARDS]
    assert all("is disconnected since" in said for said in banners)
    assert "cannot be read" in httpx.get(f"{desk.service.url}/health/ready", timeout=30.0).text


def banner(page: str, account: Account) -> str:
    """What a board says of a mailbox that is not well; empty of one that is."""
    found = re.search(rf"<p><b>{account.address}</b>(.*?)</p>", page, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def test_a_reply_waits_for_the_new_permission_and_then_leaves_once(desk: GmailDesk) -> None:
    account = desk.double.account("reconnected@helios.example")
    case = desk.opened(account=account)
    missed = a_letter()
    account.receive(missed)
    account.revoke()
    assert desk.rest.approve(case.ticket).status == 202
    eventually(lambda: "Reconnect it" in (desk.rest.ticket(case.id)["delivery"]["detail"] or ""))
    waiting = desk.rest.ticket(case.id)

    commands(desk.home, adding(desk.double.account(account.address, "another-refresh-token")))

    assert (waiting["delivery"]["state"], waiting["status"]) == ("sending", "NEEDS_ACTION")
    assert desk.settled(case)["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1
    report = desk.reports()[account.address]
    assert (report["opened"], report["error"]) == (1, None)
    assert desk.about(missed)["status"] == "NEEDS_ACTION"
    with logged_in(desk) as browser:
        assert banner(browser.get("/boards/new").text, account) == ""


# --- ill ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def troubled(desk: GmailDesk) -> Account:
    """An account on which every call fails, beside healthy ones."""
    account = desk.double.account("troubled@helios.example")
    desk.reports()
    account.fault("*", "503", times=1_000_000)
    return account


def test_a_sync_by_hand_is_not_held_up_by_a_sick_mailbox_and_names_it(desk: GmailDesk, troubled: Account) -> None:
    mail, letter, missed = a_letter(), a_letter(), a_letter()
    desk.support.receive(mail)
    desk.letters.deliver(letter)
    troubled.receive(missed)

    answer = desk.rest.call("POST", "/sync/run", {}, timeout_s=HELD_UP_S)

    reports = {report["address"]: report for report in answer.body["mailboxes"]}
    assert [reports[box]["opened"] for box in (desk.support.address, desk.letters.address)] == [1, 1]
    assert (reports[troubled.address]["opened"], reports[troubled.address]["error"]) == (
        0,
        "Gmail answered 503. It is tried again by itself.",
    )
    desk.double.heal()
    assert desk.reports()[troubled.address]["opened"] == 1
    assert desk.about(missed)["status"] == "NEEDS_ACTION"


def test_the_timer_reads_the_healthy_mailboxes_while_another_answers_503(desk: GmailDesk, troubled: Account) -> None:
    with Service(desk.home, extra={"CA_SYNC_EVERY_S": "1"}):
        for _ in range(3):  # not only before the sick one was first looked at
            mail, letter = a_letter(), a_letter()
            desk.support.receive(mail)
            desk.letters.deliver(letter)

            eventually(lambda: are_there(desk, mail, letter), HELD_UP_S)  # noqa: B023 - called at once
        with logged_in(desk) as browser:
            said = eventually(lambda: banner(browser.get("/boards/new").text, troubled), HELD_UP_S)

    assert said.startswith("could not be read since")


def are_there(desk: GmailDesk, *mails: EmailMessage) -> bool:
    """Whether each of the mails is a ticket."""
    return {str(mail["Subject"]) for mail in mails} <= {ticket["subject"] for ticket in desk.rest.tickets()}


def test_a_token_endpoint_that_is_down_is_no_disconnection(desk: GmailDesk) -> None:
    account = desk.double.account("troubled@helios.example")
    desk.reports()
    desk.double.control("expire_access", {"account": account.address})
    desk.double.control("faults", {"route": "oauth.token", "kind": "503", "times": 1000})

    ill = desk.reports()[account.address]
    desk.double.heal()
    well = desk.reports()[account.address]

    assert ill["error"] == "Google's token endpoint does not answer. It is tried again by itself."
    assert well["error"] is None


# --- new ----------------------------------------------------------------------------------------------------------


def consenting(desk: GmailDesk, address: str) -> tuple[int, str]:
    """Run `connect gmail` with an owner whose browser follows the address it prints; exit code and output."""
    words = [*PROGRAM, "connect", "gmail", "--address", address]
    with subprocess.Popen(
        words,
        env=desk.home.environ,
        cwd=desk.home.data_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as console:
        assert console.stdout is not None
        url = next(line.strip() for line in console.stdout if line.startswith("http"))
        with urllib.request.urlopen(url, timeout=30) as page:
            assert b"You may close this window" in page.read()
        said = console.stdout.read()
    return console.returncode, said


def test_an_account_connected_on_the_console_is_read_and_answered(desk: GmailDesk) -> None:
    account = desk.double.account("connected@helios.example", "nobody-knows-this-one")

    code, said = consenting(desk, account.address)

    assert (code, said.split("\n")[-2]) == (0, f"Connected {account.address}.")
    case = desk.opened(account=account)
    assert case.ticket["mailbox"] == account.address
    assert desk.answered(case)["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1


def test_a_permission_for_another_account_is_not_kept(desk: GmailDesk) -> None:
    desk.double.account("refused@helios.example")
    desk.double.control("consent", {"account": desk.support.address})

    code, said = consenting(desk, "refused@helios.example")

    assert code == 2
    assert "for another account than refused@helios.example" in said
    assert "refused@helios.example" not in desk.reports()
