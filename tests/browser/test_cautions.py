"""A doubtful sender stands in the way of approving until somebody has confirmed it, and a phone has a way out."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.desk import Desk, button, is_at, log_in, row
from tests.service import a_mail

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 844}


def test_a_look_alike_sender_is_confirmed_before_the_reply_leaves(page: Page, desk: Desk) -> None:
    address = desk.rest.tickets()[0]["mailbox"] if desk.rest.tickets() else "support@helios.example"
    look_alike = f"billing@{address.rpartition('@')[2].replace('l', '1', 1)}"
    ticket = desk.drafted(a_mail("Lookalike invoice", sender=f"Billing <{look_alike}>"), word="Lookalike")
    log_in(page, desk.url)
    row(page, "Lookalike invoice").click()
    box = page.get_by_role("checkbox", name="Look-alike sender.")

    button(page, "Approve and send").click()
    expect(box).to_be_focused()
    expect(page.get_by_text("Look at each marked point")).to_be_visible()
    assert desk.rest.ticket(ticket["id"])["delivery"]["state"] == "none"

    page.keyboard.press("Space")
    button(page, "Approve and send").click()

    expect(page.get_by_text("Approved.")).to_be_visible()
    assert desk.rest.ticket(ticket["id"])["delivery"]["state"] == "approved"


def test_two_tickets_are_merged_by_their_number(page: Page, desk: Desk) -> None:
    into = desk.drafted(a_mail("Mergetarget of mine"), word="Mergetarget")
    desk.drafted(a_mail("Mergesource of mine"), word="Mergesource")
    log_in(page, desk.url)
    row(page, "Mergesource of mine").click()

    page.get_by_role("link", name="Merge…").click()
    page.get_by_label("Number of the ticket that takes the mails").fill(str(into["number"]))
    button(page, "Look at it").click()
    expect(page.get_by_role("link", name="Mergetarget of mine")).to_be_visible()
    button(page, f"Merge into #{into['number']}").click()

    is_at(page, f"/boards/tickets/{into['id']}")
    expect(page.locator("article.mail")).to_have_count(2)


def test_the_preview_shows_the_draft_in_a_frame(page: Page, desk: Desk) -> None:
    ticket = desk.drafted(a_mail("Previewed roof"), word="Previewed")
    log_in(page, desk.url)
    row(page, "Previewed roof").click()

    page.get_by_text("Preview", exact=True).click()

    words = ticket["draft"]["body"].split("\n")[0]
    expect(page.frame_locator("iframe.preview").get_by_text(words)).to_be_visible()


def test_one_can_log_out_on_a_phone_without_knowing_where_to_swipe(browser: Browser, desk: Desk) -> None:
    page = browser.new_page(viewport={"width": PHONE["width"], "height": PHONE["height"]})
    log_in(page, desk.url)

    way_out = button(page, "Log out")
    expect(way_out).to_be_in_viewport(ratio=1)
    way_out.click()

    is_at(page, "/login")
    page.close()
