"""The desk for everybody: without scripts, without a mouse, on a phone, beside a colleague, and with the model down."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import EMAIL, PASSWORD, Desk, body, button, is_at, log_in, row
from tests.service import Home, Service, a_mail, free_port, rest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def desk_without_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk that sends at once and whose language model does not answer."""
    nowhere = f"http://127.0.0.1:{free_port()}/v1"
    home = Home.at(
        tmp_path_factory.mktemp("down"), CA_SYNC_EVERY_S="1", CA_UNDO_WINDOW_S="0", ARCHITECT_BASE_URL=nowhere
    )
    home.command("operator", "add", EMAIL, "--role", "admin", "--password-stdin", stdin=PASSWORD)
    maildir, token = home.maildir(), home.token()
    with Service(home) as service:
        yield Desk(service, maildir, rest(service, token))


def test_without_scripts_a_reply_is_changed_approved_and_taken_back_and_a_note_is_left(
    browser: Browser, desk: Desk
) -> None:
    desk.drafted(a_mail("Bracken under the panels"), word="Bracken")
    context = browser.new_context(locale="en-GB", java_script_enabled=False)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()

    log_in(page, desk.url)
    page.get_by_role("searchbox").first.fill("Bracken")
    page.get_by_role("searchbox").first.press("Enter")
    page.get_by_role("link", name="Bracken under the panels").first.click()
    body(page).fill("Dear Ms Keller,\n\nwe will cut it back.")
    button(page, "Save changes").click()
    expect(page.get_by_role("heading", name="Draft 2")).to_be_visible()
    button(page, "Approve and send").click()
    expect(page.get_by_text("Approved.")).to_be_visible()
    button(page, "Undo").click()
    expect(button(page, "Approve and send")).to_be_visible()
    page.get_by_label("Internal note").first.fill("Called her: Thursday suits.")
    button(page, "Add the note").click()

    expect(page.get_by_text("Called her: Thursday suits.").first).to_be_visible()
    context.close()


def test_with_the_model_down_a_reply_is_sent_from_the_keyboard_alone(page: Page, desk_without_model: Desk) -> None:
    desk = desk_without_model
    ticket = desk.drafted(a_mail("Clover around the meter"), word="Clover")
    page.goto(f"{desk.url}/login")

    page.keyboard.type(EMAIL)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    is_at(page, "/boards/needs-action")
    expect(row(page, "Clover around the meter")).to_be_visible()
    page.keyboard.press("j")
    expect(row(page, "Clover around the meter")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("without a model").first).to_be_visible()
    page.keyboard.press("e")
    expect(body(page)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("Dear Ms Keller, leave it switched off.")
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state("load")

    desk.rest.delivered(ticket["id"])
    (sent,) = desk.maildir.sent()
    assert b"leave it switched off" in sent


def test_on_a_phone_the_approval_is_in_reach_and_nothing_scrolls_sideways(browser: Browser, desk: Desk) -> None:
    desk.drafted(a_mail("Nettles behind the shed"), word="Nettles")
    context = browser.new_context(
        locale="en-GB", viewport={"width": 375, "height": 812}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()

    log_in(page, desk.url)
    row(page, "Nettles behind the shed").tap()
    approve = button(page, "Approve and send")
    expect(approve).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    approve.tap()
    expect(page.get_by_text("Approved.")).to_be_visible()
    expect(button(page, "Undo")).to_be_in_viewport()
    button(page, "Undo").tap()

    expect(approve).to_be_in_viewport()
    context.close()


def test_what_one_operator_does_shows_at_the_other_without_a_reload(browser: Browser, page: Page, desk: Desk) -> None:
    desk.drafted(a_mail("Thistles in the cable duct"), word="Thistles")
    other_context = browser.new_context(locale="en-GB")
    other_context.set_default_timeout(PATIENCE_MS)
    other = other_context.new_page()
    for one in (page, other):
        log_in(one, desk.url)
        expect(row(one, "Thistles in the cable duct")).to_be_visible()
        one.wait_for_load_state("load")
    other.evaluate("window.isStillTheSamePage = true")

    row(page, "Thistles in the cable duct").click()
    button(page, "Close").last.click()

    expect(row(other, "Thistles in the cable duct")).to_have_count(0)
    assert other.evaluate("window.isStillTheSamePage")
    other_context.close()


def test_a_mail_that_comes_while_somebody_writes_says_so_and_keeps_the_words(page: Page, desk: Desk) -> None:
    first = a_mail("Ivy on the inverter")
    desk.drafted(first, word="Ivy")
    log_in(page, desk.url)
    row(page, "Ivy on the inverter").click()
    expect(body(page)).to_be_visible()
    page.wait_for_load_state("load")
    body(page).fill("My own careful words.")

    again = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    desk.maildir.deliver(a_mail("Re: Ivy on the inverter", text="It has reached the display now.", **again))

    expect(page.get_by_text("This ticket changed while you were writing.")).to_be_visible()
    expect(body(page)).to_have_value("My own careful words.")
