"""Writing on a ticket in a real browser: what is typed is kept, and earlier drafts come back."""

from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import Desk, body, button, is_at, log_in
from tests.service import a_mail

pytestmark = pytest.mark.slow


def a_script_writes(desk: Desk, ticket: Mapping[str, Any], words: str) -> None:
    theirs = {"subject": ticket["draft"]["subject"], "body": words, "revision": ticket["revision"]}
    assert desk.rest.post(f"/tickets/{ticket['id']}/draft", theirs).status == 200


def typed_and_kept(page: Page, words: str) -> None:
    with page.expect_response(lambda answer: answer.url.endswith("/work_copy") and answer.ok):
        body(page).press_sequentially(words)
    expect(page.locator("#kept-state")).to_contain_text("Kept at")


def test_what_is_typed_survives_a_reload_and_another_browser(desk: Desk, page: Page, browser: Browser) -> None:
    ticket = desk.drafted(a_mail("My inverter beeps at dawn"), "dawn")
    address = f"/boards/tickets/{ticket['id']}"
    log_in(page, desk.url)
    page.goto(desk.url + address)
    is_at(page, address)

    body(page).press("Control+End")
    typed_and_kept(page, " Kind wishes.")
    page.reload()
    is_at(page, address)

    expect(body(page)).to_have_value(f"{ticket['draft']['body'].strip()} Kind wishes.")
    with browser.new_context() as other:
        elsewhere = other.new_page()
        log_in(elsewhere, desk.url)
        elsewhere.goto(desk.url + address)
        expect(body(elsewhere)).to_have_value(f"{ticket['draft']['body'].strip()} Kind wishes.")


def test_unsaved_text_outlives_a_newer_draft_and_can_be_gone_on_with(desk: Desk, page: Page) -> None:
    ticket = desk.drafted(a_mail("My inverter hums at dusk"), "dusk")
    address = f"/boards/tickets/{ticket['id']}"
    log_in(page, desk.url)
    page.goto(desk.url + address)
    is_at(page, address)
    body(page).press("Control+End")
    typed_and_kept(page, " My own words.")

    a_script_writes(desk, ticket, "A script was faster.")
    page.reload()
    is_at(page, address)

    expect(body(page)).to_have_value("A script was faster.")
    expect(page.locator("#unsaved")).to_contain_text("My own words.")
    button(page, "Go on with it").click()
    is_at(page, address)
    expect(body(page)).to_have_value(f"{ticket['draft']['body'].strip()} My own words.")


def test_an_earlier_draft_is_compared_and_taken_back(desk: Desk, page: Page) -> None:
    ticket = desk.drafted(a_mail("My inverter clicks at noon"), "noon")
    address = f"/boards/tickets/{ticket['id']}"
    log_in(page, desk.url)
    a_script_writes(desk, ticket, "Quite other words.")
    page.goto(f"{desk.url}{address}/revisions?of=1")
    is_at(page, f"{address}/revisions")

    button(page, "Take this text").click()
    is_at(page, address)

    expect(body(page)).to_have_value(ticket["draft"]["body"].strip())
    expect(page.locator(".keptline")).to_be_visible()
