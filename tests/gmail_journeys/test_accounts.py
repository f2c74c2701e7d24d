"""What becomes of a desk when one of its accounts is withdrawn, ill or new; the others must not feel it."""

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

    assert "Reconnect it with `communication-agent connect gmail`" in report["error"]
    with logged_in(desk) as browser:
        pages = [browser.get(f"/boards/{board}").text for board in BOARDS]
    assert all(f"<b>{account.address}</b>" in page and "is disconnected" in page for page in pages)
    assert "cannot be read" in ready(desk)


def ready(desk: GmailDesk) -> str:
    answer = httpx.get(f"{desk.service.url}/health/ready", timeout=30.0)
    return answer.text


def test_a_reply_waits_for_the_new_permission_and_then_leaves_once(desk: GmailDesk) -> None:
    account = desk.double.account("reconnected@helios.example")
    case = desk.opened(account=account)
    missed = a_letter()
    account.receive(missed)
    account.revoke()
    assert desk.rest.approve(case.ticket).status == 202
    eventually(lambda: "Google withdrew" in (desk.rest.ticket(case.id)["delivery"]["detail"] or ""))
    waiting = desk.rest.ticket(case.id)

    commands(desk.home, adding(desk.double.account(account.address, "another-refresh-token")))

    assert (waiting["delivery"]["state"], waiting["status"]) == ("sending", "NEEDS_ACTION")
    assert desk.settled(case)["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1
    report = desk.reports()[account.address]
    assert (report["opened"], report["error"]) == (1, None)
    assert desk.about(missed)["status"] == "NEEDS_ACTION"
    with logged_in(desk) as browser:
        assert f"<b>{account.address}</b>" not in browser.get("/boards/new").text


# --- ill ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def troubled(desk: GmailDesk) -> Account:
    """An account on which every call fails, beside healthy ones."""
    account = desk.double.account("troubled@helios.example")
    desk.reports()
    account.fault("*", "503", times=1_000_000)
    return account


def subjects(desk: GmailDesk) -> list[str]:
    return [ticket["subject"] for ticket in desk.rest.tickets()]


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
    timed = Service(desk.home, extra={"CA_SYNC_EVERY_S": "1"})
    with timed:
        for _ in range(3):  # not only before the sick one was first looked at
            mail, letter = a_letter(), a_letter()
            desk.support.receive(mail)
            desk.letters.deliver(letter)

            eventually(lambda pair=(mail, letter): _are_there(desk, pair), HELD_UP_S)

    with logged_in(desk) as browser:
        assert f"<b>{troubled.address}</b>\n  \n    could not be read" in browser.get("/boards/new").text


def _are_there(desk: GmailDesk, mails: tuple[EmailMessage, ...]) -> bool:
    return {str(mail["Subject"]) for mail in mails} <= set(subjects(desk))


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


@pytest.mark.parametrize(
    ("consent", "reason"),
    [
        ({"deny": True}, "Google gave no permission (access_denied)"),
        ({"account": "support@helios.example"}, "for another account than refused@helios.example"),
        ({"scopes": ["openid"]}, "leave every box ticked"),
    ],
    ids=["denied", "another account", "a box not ticked"],
)
def test_a_permission_that_is_not_the_one_asked_for_is_not_kept(
    desk: GmailDesk, consent: dict[str, object], reason: str
) -> None:
    desk.double.account("refused@helios.example")
    desk.double.control("consent", consent)

    code, said = consenting(desk, "refused@helios.example")

    assert code == 2
    assert reason in said
    assert "refused@helios.example" not in desk.reports()
