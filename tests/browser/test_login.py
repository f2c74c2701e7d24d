"""Coming in and going out."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import EMAIL, Desk, is_at, log_in, log_out

pytestmark = pytest.mark.slow


def test_a_wrong_password_is_said_and_the_address_stays_typed(page: Page, desk: Desk) -> None:
    log_in(page, desk.url, password="not the password at all")

    expect(page.get_by_role("alert")).to_contain_text("password")
    expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
    expect(page.get_by_label("Password")).to_have_value("")


def test_after_the_login_the_page_that_was_asked_for_opens(page: Page, desk: Desk) -> None:
    page.goto(f"{desk.url}/boards/done")
    is_at(page, "/login")

    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill("correct horse battery staple")
    page.get_by_role("button", name="Log in").click()

    is_at(page, "/boards/done")


def test_after_logging_out_neither_the_boards_nor_the_back_button_show_anything(page: Page, desk: Desk) -> None:
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    log_out(page)
    is_at(page, "/login")
    page.go_back()
    is_at(page, "/login")
    page.goto(f"{desk.url}/boards/needs-action")

    is_at(page, "/login")
