"""Hands that stay on the keyboard: the help sheet, the palette, and keys that stay letters where one types."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.desk import Desk, is_at, log_in, row
from tests.service import a_mail

pytestmark = pytest.mark.slow


def palette(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Jump to a page or an action")


def test_the_palette_leads_to_a_page_that_is_typed_in_part(page: Page, desk: Desk) -> None:
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.keyboard.press("Control+k")
    expect(palette(page)).to_be_focused()
    page.keyboard.type("waiting")
    expect(page.get_by_role("dialog").get_by_role("option", selected=True)).to_contain_text("Waiting on others")
    page.keyboard.press("Enter")

    is_at(page, "/boards/waiting")


def test_words_that_fit_nothing_become_a_search_of_all_tickets(page: Page, desk: Desk) -> None:
    desk.drafted(a_mail("Quillwort and the feed-in meter"), word="Quillwort")
    log_in(page, desk.url)
    page.goto(f"{desk.url}/boards/done")

    page.keyboard.press("Control+k")
    page.keyboard.type("Quillwort")
    expect(page.get_by_role("dialog").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")

    expect(row(page, "Quillwort and the feed-in meter")).to_be_visible()


def test_the_palette_offers_what_the_page_can_do_and_gives_the_focus_back(page: Page, desk: Desk) -> None:
    desk.drafted(a_mail("Sedge on the roof"), word="Sedge")
    log_in(page, desk.url)
    row(page, "Sedge on the roof").click()
    expect(page.get_by_role("heading", name="Draft 1")).to_be_visible()
    page.get_by_role("button", name="Jump to").focus()

    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Jump to")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("redraft")
    page.keyboard.press("Enter")

    expect(page.get_by_label("What should be different?")).to_be_focused()


def test_the_list_of_keys_opens_and_single_keys_can_be_switched_off(page: Page, desk: Desk) -> None:
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard")
    expect(sheet).to_contain_text("approve and send")
    sheet.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("d")
    page.keyboard.press("?")

    expect(sheet).to_be_hidden()
    is_at(page, "/boards/needs-action")
