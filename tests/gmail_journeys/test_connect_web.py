"""Connecting and reconnecting an account in the browser, on a running desk: nothing is lost, nothing doubled."""

from urllib.parse import urlsplit

import httpx
import pytest

from tests.gmail_journeys.desk import GmailDesk, a_letter
from tests.gmail_journeys.test_accounts import logged_in
from tests.service import eventually
from tests.web.asking import form_token

pytestmark = pytest.mark.slow

PAGE = "/boards/mailboxes"


def consented(browser: httpx.Client, **form: str) -> httpx.Response:
    """Press the button, agree at Google, and come back; the page that then shows."""
    token = form_token(browser.get(f"{PAGE}/connect"))
    leaving = browser.post(f"{PAGE}/connect", data=form | {"_csrf": token})
    url = leaving.headers["refresh"].removeprefix("0; url=")
    back = urlsplit(httpx.get(url, timeout=30.0).headers["location"])
    return browser.get(f"{back.path}?{back.query}", follow_redirects=True)


def id_of(desk: GmailDesk, address: str) -> str:
    (found,) = [box["id"] for box in desk.rest.get("/mailboxes")["items"] if box["address"] == address]
    return str(found)


def test_an_account_connected_in_the_browser_is_read_and_answered(desk: GmailDesk) -> None:
    account = desk.double.account("web@helios.example", "nobody-knows-this-either")
    mail = a_letter()
    account.receive(mail)

    with logged_in(desk) as browser:
        page = consented(browser, address=account.address)

    assert (page.status_code, page.url.path) == (200, PAGE)
    eventually(lambda: desk.rest.tickets(q=str(mail["Subject"]).split()[-1]))
    case = desk.opened(account=account)
    assert desk.answered(case)["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1


def test_a_reply_that_waits_leaves_once_after_one_click_on_reconnect(desk: GmailDesk) -> None:
    account = desk.double.account("clicked@helios.example", "clicked-token")
    with logged_in(desk) as browser:
        consented(browser, address=account.address)
        case = desk.opened(account=account)
        missed = a_letter()
        account.receive(missed)
        account.revoke()
        assert desk.rest.approve(case.ticket).status == 202
        eventually(lambda: "Reconnect" in (desk.rest.ticket(case.id)["delivery"]["detail"] or ""))

        page = consented(browser, mailbox=id_of(desk, account.address))

    assert page.status_code == 200
    assert desk.settled(case)["status"] == "WAITING_OTHERS"
    assert len(case.answers()) == 1
    desk.reports()
    assert desk.about(missed)["status"] == "NEEDS_ACTION"
    account_of = desk.rest.get(f"/mailboxes/{id_of(desk, account.address)}/accounting")
    assert account_of["adds_up"]


def test_a_disconnected_account_is_left_alone_until_it_is_connected_again(desk: GmailDesk) -> None:
    account = desk.double.account("off@helios.example", "off-token")
    with logged_in(desk) as browser:
        consented(browser, address=account.address)
        box = id_of(desk, account.address)
        token = form_token(browser.get(PAGE))
        browser.post(f"{PAGE}/{box}/disconnect", data={"_csrf": token})
        account.receive(mail := a_letter())

        reports = desk.reports()
        banner = browser.get("/boards/new").text
        consented(browser, mailbox=box)

    assert account.address not in reports
    assert f"<b>{account.address}</b>" not in banner
    assert eventually(lambda: desk.rest.tickets(q=str(mail["Subject"]).split()[-1]))


def test_the_wrong_account_is_refused_and_a_mailbox_of_this_desk_keeps_its_permission(desk: GmailDesk) -> None:
    desk.double.account("meant@helios.example")
    desk.double.control("consent", {"account": desk.support.address})

    with logged_in(desk) as browser:
        page = consented(browser, address="meant@helios.example")

    assert page.status_code == 400
    assert f"You agreed as {desk.support.address}, but this mailbox is meant@helios.example." in page.text
    assert desk.opened().ticket["mailbox"] == desk.support.address
    assert desk.service.said("consent_refused")
    assert not desk.service.said("meant@helios.example")
