"""What holds on every page: nobody is shut out, nothing is cut off, and nothing comes from elsewhere."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import Desk, log_in, row
from tests.pages import PAGES, Shown
from tests.service import a_mail

pytestmark = pytest.mark.slow

SUBJECT = "Horsetail grows through the array"
PHONE = {"width": 375, "height": 812}
ZOOMED = {"width": 720, "height": 450}  # a window of 1440 by 900 at 200%
WIDE = {"width": 1440, "height": 900}

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# Mail is shown in sandboxed frames, into which no script reaches.
RUN = "only => axe.run({iframes: false, resultTypes: ['violations'], ...(only ? {runOnly: only} : {})})"
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll(
    'button, .button, summary, select, textarea, nav a, input:not([type=checkbox], [type=radio], [type=hidden])')]
  .filter((target) => target.checkVisibility({visibilityProperty: true}) && !target.closest('.sr'))
  .map((target) => [target, target.getBoundingClientRect()])
  .filter(([target, box]) => box.height > 1 && box.height < 43.5)
  .map(([target, box]) => `${target.outerHTML.slice(0, 90)} is ${Math.round(box.height)} px high`)"""


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
        light = violations(visitor, "light")
        dark = violations(visitor, "dark", "color-contrast")
        zoomed = overhang(visitor, ZOOMED)
        phone = overhang(visitor, PHONE)
        small = visitor.evaluate(SMALL)
    finally:
        visitor.remove_listener("request", ask)
        visitor.remove_listener("console", complain)

    assert answer is not None
    assert answer.status == shown.status
    assert light == []
    assert dark == []
    assert (zoomed, phone) == (0, 0)
    assert small == []
    assert [url for url in asked if not url.startswith((desk.url, "data:", "blob:"))] == []
    assert complaints == []


def test_the_login_shuts_nobody_out(page: Page, desk: Desk) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{desk.url}/login")

    light, dark = violations(page, "light"), violations(page, "dark", "color-contrast")
    zoomed, phone = overhang(page, ZOOMED), overhang(page, PHONE)

    assert (light, dark, zoomed, phone, page.evaluate(SMALL)) == ([], [], 0, 0, [])


def address_of(shown: Shown, page: Page, desk: Desk) -> str:
    def fetch(path: str) -> str:
        return page.request.get(f"{desk.url}{path}").text()

    return shown.address(fetch)


def violations(page: Page, scheme: Any, only: str | None = None) -> list[str]:
    """What axe finds, one line each with the first place."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AXE)
    found = page.evaluate(RUN, [only] if only else None)["violations"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}" for one in found]


def overhang(page: Page, size: Any) -> int:
    """By how many pixels the page is wider than the window."""
    page.set_viewport_size(size)
    width: int = page.evaluate(OVERHANG)
    return width
