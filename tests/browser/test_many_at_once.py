"""One step for many tickets: chosen by mouse, key and range; what could not be done is named."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import Desk, button, is_at, log_in, row, rows
from tests.service import a_mail
from tickets.tags import MAX_TAGS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def worker(browser: Browser, desk: Desk) -> Iterator[Page]:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")
    yield page
    context.close()


def board_of(page: Page, desk: Desk, word: str, tickets: int, board: str = "needs-action") -> None:
    """The board with that many tickets, all with the word in their subjects."""
    page.goto(f"{desk.url}/boards/{board}?q={word}")
    page.wait_for_load_state("load")
    expect(rows(page)).to_have_count(tickets)


def test_a_range_chosen_by_key_and_mouse_is_assigned_and_tagged(worker: Page, desk: Desk) -> None:
    for number in ("primus", "secundus", "tertius"):
        desk.drafted(a_mail(f"Lichen {number}"), word=number)
    board_of(worker, desk, "Lichen", tickets=3)

    worker.keyboard.press("j")
    expect(rows(worker).first).to_be_focused()
    worker.keyboard.press("x")
    expect(worker.get_by_text("1 chosen")).to_be_visible()
    worker.locator(".pick-one input").last.click(modifiers=["Shift"])
    expect(worker.get_by_text("3 chosen")).to_be_visible()
    button(worker, "Close").click(trial=True)
    worker.get_by_text("Assign…").click()
    worker.get_by_role("button", name="Assign", exact=True).click()

    is_at(worker, "/boards/needs-action")
    expect(rows(worker).filter(has_text="assigned to ada@helios.example")).to_have_count(3)
    worker.get_by_role("link", name="Choose all on this page").click()
    worker.get_by_text("Tag…").click()
    worker.get_by_label("Tags, separated by commas").last.fill("roof")
    button(worker, "Put on").click()
    is_at(worker, "/boards/needs-action")
    expect(rows(worker).locator(".tag.own", has_text="roof")).to_have_count(3)


def test_a_ticket_is_put_off_by_key_and_brought_back(worker: Page, desk: Desk) -> None:
    desk.drafted(a_mail("Stonecrop on the ridge"), word="Stonecrop")
    board_of(worker, desk, "Stonecrop", tickets=1)

    worker.keyboard.press("j")
    expect(row(worker, "Stonecrop")).to_be_focused()
    worker.keyboard.press("s")
    expect(worker.get_by_role("radio").first).to_be_focused()
    worker.get_by_role("radio", name="The customer answers").check()
    worker.get_by_role("button", name="Snooze", exact=True).press("Enter")

    is_at(worker, "/boards/needs-action")
    expect(row(worker, "Stonecrop")).to_have_count(0)
    board_of(worker, desk, "Stonecrop", tickets=1, board="snoozed")
    expect(row(worker, "Stonecrop")).to_contain_text("until answered")
    worker.locator(".pick-one input").check()
    button(worker, "Back on the boards").click()
    board_of(worker, desk, "Stonecrop", tickets=1)


def test_what_could_not_be_done_with_the_others_is_named_and_can_be_tried_again(worker: Page, desk: Desk) -> None:
    full = desk.drafted(a_mail("Bindweed laden"), word="laden")
    desk.drafted(a_mail("Bindweed light"), word="light")
    many = [f"tag {number}" for number in range(MAX_TAGS)]
    desk.rest.post("/tickets/bulk", {"tickets": [full["id"]], "step": "tag", "tags": many})
    board_of(worker, desk, "Bindweed", tickets=2)

    worker.get_by_role("link", name="Choose all on this page").click()
    worker.get_by_text("Tag…").click()
    worker.get_by_label("Tags, separated by commas").last.fill("roof")
    button(worker, "Put on").click()
    expect(worker.get_by_text("1 ticket was changed as you asked.")).to_be_visible()
    expect(worker.get_by_role("link", name="Bindweed laden")).to_be_visible()
    desk.rest.post("/tickets/bulk", {"tickets": [full["id"]], "step": "untag", "tags": many[:1]})
    button(worker, "Try these again").click()

    is_at(worker, "/boards/needs-action")
    expect(row(worker, "Bindweed light")).to_contain_text("roof")
    assert "roof" in desk.rest.ticket(full["id"])["tags"]
