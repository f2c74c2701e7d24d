"""The mailboxes page in a browser: alive without a reload, and a way to Google and back that one click begins."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from entrypoints.gmail_double.running import RunningDouble
from tests.browser.desk import EMAIL, PASSWORD, button, is_at, log_in
from tests.service import Home, MaildirOf, Service, a_mail, free_port

pytestmark = pytest.mark.slow

SUPPORT = "support@helios.example"
LETTERS = "letters@helios.example"


@pytest.fixture
def google() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        running.double.add_account(SUPPORT, "first-token")
        yield running


@pytest.fixture
def home(tmp_path: Path, google: RunningDouble) -> Home:
    made = Home.at(
        tmp_path,
        CA_SYNC_EVERY_S="1",
        CA_GMAIL_API_ROOT=google.url,
        CA_GOOGLE_CLIENT_ID="client",
        CA_GOOGLE_CLIENT_SECRET="client-secret",
        CA_GOOGLE_AUTH_URL=f"{google.url}/o/oauth2/v2/auth",
        CA_GOOGLE_TOKEN_URL=f"{google.url}/token",
        CA_GOOGLE_REVOKE_URL=f"{google.url}/revoke",
    )
    made.command("operator", "add", EMAIL, "--role", "admin", "--password-stdin", stdin=PASSWORD)
    return made


@pytest.fixture
def letters(home: Home) -> MaildirOf:
    return home.maildir(LETTERS, "letters")


@pytest.fixture
def desk(home: Home, letters: MaildirOf) -> Iterator[Service]:
    with Service(home, port=free_port()) as service:
        yield service


def test_an_account_is_connected_lost_reconnected_and_disconnected(
    page: Page, desk: Service, google: RunningDouble
) -> None:
    log_in(page, desk.url)
    page.get_by_role("link", name="Mailboxes").click()
    page.get_by_role("link", name="Connect a Gmail account").click()
    page.get_by_label("Address of the mailbox").fill(SUPPORT)
    button(page, "Continue to Google").click()

    expect(page.get_by_text("Connected. The first sync has begun.")).to_be_visible()
    box = page.locator("section.box").filter(has_text=SUPPORT)
    expect(box).to_contain_text("last good sync")

    google.double.revoke(SUPPORT)
    page.goto(f"{desk.url}/boards/needs-action")
    banner = page.get_by_role("alert").filter(has_text=SUPPORT)
    expect(banner).to_contain_text("is disconnected since")
    banner.get_by_role("button", name="Reconnect").click()

    is_at(page, "/boards/mailboxes")
    expect(box).to_contain_text("Connected")

    box.get_by_text("Disconnect…").click()
    box.get_by_role("button", name=f"Disconnect {SUPPORT}").click()

    expect(page.get_by_text("Google confirmed that the permission is gone.")).to_be_visible()
    expect(box).to_contain_text("Off the desk")
    assert all(grant.account != SUPPORT for grant in google.double.grants.refresh.values())


def test_mail_that_arrives_is_counted_without_a_reload_and_mail_that_is_lost_raises_an_alarm(
    page: Page, desk: Service, home: Home, letters: MaildirOf
) -> None:
    log_in(page, desk.url)
    page.get_by_role("link", name="Mailboxes").click()
    page.evaluate("window.isStillTheSamePage = true")

    letters.deliver(a_mail("Counted"))
    today = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Today"))
    expect(today.get_by_role("cell").first).to_have_text("1")
    assert page.evaluate("window.isStillTheSamePage")

    with sqlite3.connect(home.data_dir / "desk.sqlite", timeout=30) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM mails WHERE subject = 'Counted'")
    connection.close()
    page.reload()

    expect(page.get_by_role("alert")).to_contain_text("1 of 1 mails received on")
    expect(page.get_by_text("1 in no place. The mailbox calls them")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", ["", "/connect", "/guide"])
def test_no_page_is_wider_than_the_window(page: Page, desk: Service, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.goto(f"{desk.url}/boards/mailboxes{path}")

    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
