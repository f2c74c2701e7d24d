"""What holds on every page: nobody is shut out, nothing is cut off or moves, and nothing comes from elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import Desk, log_in, row
from tests.browser.looks import MOVING, WIDE, faults
from tests.pages import PAGES, Shown
from tests.service import a_mail

pytestmark = pytest.mark.slow

SUBJECT = "Horsetail grows through the array"


@pytest.fixture(scope="module")
def visitor(browser: Browser, desk: Desk) -> Iterator[Page]:
    """An administrator in front of a desk on which something lies."""
    desk.drafted(a_mail(SUBJECT), word="Horsetail")
    # Colours that fade over to others would be measured on their way.
    context = browser.new_context(locale="en-GB", viewport=WIDE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    log_in(page, desk.url)
    row(page, SUBJECT).wait_for()
    yield page
    context.close()


@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_shuts_nobody_out_fits_every_window_and_asks_no_other_host(
    visitor: Page, desk: Desk, shown: Shown
) -> None:
    asked: list[str] = []
    complaints: list[str] = []

    def ask(request: Any) -> None:
        asked.append(request.url)

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error" and "404 (Not Found)" not in message.text:
            complaints.append(message.text)

    address = address_of(shown, visitor, desk)
    visitor.on("request", ask)
    visitor.on("console", complain)
    try:
        visitor.set_viewport_size(WIDE)
        answer = visitor.goto(f"{desk.url}{address}")
        visitor.wait_for_load_state("load")
        found = faults(visitor)
    finally:
        visitor.remove_listener("request", ask)
        visitor.remove_listener("console", complain)

    assert answer is not None
    assert answer.status == shown.status
    assert found == []
    assert [url for url in asked if not url.startswith((desk.url, "data:", "blob:"))] == []
    assert complaints == []


def test_the_login_shuts_nobody_out(page: Page, desk: Desk) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{desk.url}/login")

    assert faults(page) == []


def test_what_moves_does_so_only_where_motion_is_welcome(page: Page, desk: Desk) -> None:
    page.emulate_media(reduced_motion="no-preference")
    page.goto(f"{desk.url}/login")

    assert page.evaluate(MOVING) != []


def address_of(shown: Shown, page: Page, desk: Desk) -> str:
    def fetch(path: str) -> str:
        return page.request.get(f"{desk.url}{path}").text()

    return shown.address(fetch)
