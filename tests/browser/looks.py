"""What can be wrong with how a page looks, whatever it shows: measured in the browser."""

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

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
MOVING = """() => [...document.querySelectorAll('*')].flatMap((element) => ['', '::before', '::after'].map((part) => {
    const style = getComputedStyle(element, part || undefined);
    const moves = style.animationName !== 'none' || style.transitionDuration.split(', ').some((time) => time !== '0s');
    return moves && `${element.outerHTML.slice(0, 90)}${part}`;
  })).filter(Boolean)"""


def faults(page: Page) -> list[str]:
    """Of the page that is open, for a reader who wants no motion. It is left at the width of a phone."""
    page.set_viewport_size(WIDE)
    found = violations(page, "light") + violations(page, "dark", "color-contrast")
    found += [f"moves: {what}" for what in page.evaluate(MOVING)]
    for size in (ZOOMED, PHONE):
        if wider := overhang(page, size):
            found.append(f"{wider} px wider than a window of {size['width']}")
    return found + list(page.evaluate(SMALL))


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
