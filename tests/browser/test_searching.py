"""Search as one types it: from any page, with operators, with what was found marked; and the palette by touch."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import Desk, is_at, log_in, row
from tests.browser.looks import PHONE
from tests.service import a_mail

pytestmark = pytest.mark.slow


def test_a_slash_goes_to_the_search_and_stays_a_letter_where_one_types(page: Page, desk: Desk) -> None:
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("and/or")

    expect(page.get_by_role("searchbox")).to_have_value("and/or")


def test_operators_narrow_the_search_and_the_words_are_marked(page: Page, desk: Desk) -> None:
    ticket = desk.drafted(a_mail("Knotweed below the carport"), word="below")
    desk.drafted(a_mail("Knotweed beneath the carport"), word="beneath")
    desk.rest.post(f"/tickets/{ticket['id']}/status", {"status": "DONE"})
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.goto(f"{desk.url}/boards/search")
    page.get_by_role("searchbox").fill("knotweed is:done from:anna.keller@example.net")
    page.get_by_role("searchbox").press("Enter")

    expect(row(page, "Knotweed")).to_have_count(1)
    expect(row(page, "Knotweed below the carport").locator("mark").first).to_have_text("Knotweed")
    row(page, "Knotweed below").click()
    expect(page.get_by_role("heading", name="Knotweed below the carport")).to_be_visible()


def test_on_a_phone_a_tap_opens_the_palette_and_leads_on(browser: Browser, desk: Desk) -> None:
    context = browser.new_context(locale="en-GB", viewport=PHONE, has_touch=True, is_mobile=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.get_by_role("button", name="Jump to").tap()
    page.get_by_role("dialog").get_by_role("option", name="Hours and targets").tap()

    is_at(page, "/boards/settings/hours")
    context.close()
