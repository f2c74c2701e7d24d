"""The tab counts what needs action, and the browser says what is new: once, in one tab, and only if asked to."""

from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import Desk, button, is_at, log_in, row
from tests.service import a_mail, eventually

pytestmark = pytest.mark.slow

# The browser's own notifications, remembered as they are made.
REMEMBER = """
if (window.Notification) {
  window.said = [];
  window.Notification = class extends Notification {
    constructor(title, options) { super(title, options); window.said.push({ title, body: options.body, it: this }); }
  };
}
"""
SAID = "(window.said ?? []).map(({ title, body }) => [title, body])"


@pytest.fixture
def allowed(browser: Browser, desk: Desk) -> Iterator[Page]:
    """A browser whose owner would allow notifications."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    context.grant_permissions(["notifications"], origin=desk.url)
    context.add_init_script(REMEMBER)
    yield context.new_page()
    context.close()


def a_new_mail(word: str) -> EmailMessage:
    return a_mail(f"{word} beeps at night")


def test_one_tab_says_what_is_new_counts_it_and_opens_it_on_a_click(allowed: Page, desk: Desk) -> None:
    desk.drafted(a_new_mail("Kelvin"), "Kelvin")  # waits before anybody asks: no news
    log_in(allowed, desk.url)
    is_at(allowed, "/boards/needs-action")
    allowed.goto(f"{desk.url}/boards/me")
    expect(allowed.locator("#notify-state")).to_have_text("They are off in this browser.")
    button(allowed, "Notify me in this browser").click()
    expect(allowed.locator("#notify-state")).to_have_text("They are on in this browser.")
    allowed.get_by_label("Show the ticket’s subject too").check()
    other = allowed.context.new_page()
    other.goto(f"{desk.url}/boards/needs-action")
    is_at(other, "/boards/needs-action")

    ticket = desk.drafted(a_new_mail("Ampere"), "Ampere")
    eventually(lambda: allowed.evaluate(SAID) + other.evaluate(SAID))

    expect(row(other, "Ampere beeps")).to_be_visible()
    both = allowed.evaluate(SAID) + other.evaluate(SAID)
    assert both == [[f"Ticket #{ticket['number']} needs action", "Ampere beeps at night"]]
    waiting = other.locator("[data-waiting]").get_attribute("data-waiting")
    for page in (allowed, other):
        expect(page.locator("[data-waiting]")).to_have_attribute("data-waiting", str(waiting))
        expect(page.locator("link[rel=icon]")).to_have_attribute("data-badge", str(waiting))
        assert page.title().startswith(f"({waiting}) ")

    with allowed.context.expect_page() as opened:
        allowed.evaluate("window.said[0].it.dispatchEvent(new Event('click'))")
    is_at(opened.value, f"/boards/tickets/{ticket['id']}")


def test_nobody_is_asked_unasked(page: Page, desk: Desk) -> None:
    page.add_init_script("Notification.requestPermission = async () => { window.asked = true; return 'denied'; }")
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.goto(f"{desk.url}/boards/me")
    page.wait_for_load_state("load")

    expect(page.locator("#notify-state")).not_to_have_text("Choosing them takes scripts, and scripts are off.")
    assert not page.evaluate("Boolean(window.asked)")
