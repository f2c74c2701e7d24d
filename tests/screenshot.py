"""Makes the README's picture from the running product: `python -m tests.screenshot docs/board.png`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import chromium
from tests.repository import ROOT
from tests.running_demo import PROGRAM, Demo, newcomers_environment, running

OPERATOR = "ada@helios.example"
TICKET = "Inverter shows E07"
WIDTH, HEIGHT = 1440, 900
LARGEST_BYTES = 300_000


def main() -> None:
    """Write the picture; exits with a message when Chromium is missing or the picture came out too large."""
    path = chromium.installed()
    if len(sys.argv) != 2 or path is None:
        sys.exit("Use: python -m tests.screenshot FILE.png (Chromium on the path, or named by CA_CHROMIUM)")
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        command = (*PROGRAM, "--port", "{port}", "--data-dir", str(home / "demo"))
        environ = newcomers_environment(PYTHONPATH=str(ROOT))
        with running(command, home, home / "demo", environ) as demo, sync_playwright() as playwright:
            demo.at_rest()
            browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light", locale="en-GB")
            _open(page, demo)
            page.screenshot(path=target)
            browser.close()
    if (size := target.stat().st_size) > LARGEST_BYTES:
        sys.exit(f"{target} has {size} bytes; the README should not load more than {LARGEST_BYTES}.")
    print(f"{target}: {WIDTH}x{HEIGHT}, {size} bytes")


def _open(page: Page, demo: Demo) -> None:
    """One customer's conversation, with the draft that waits for an approval."""
    page.goto(f"{demo.url}/login")
    page.get_by_label("E-mail").fill(OPERATOR)
    page.get_by_label("Password").fill(demo.password())
    page.get_by_role("button", name="Log in").click()
    page.locator("[data-ticket]").filter(has_text=TICKET).click()
    expect(page.locator("[data-approve]")).to_be_visible()
    page.mouse.move(0, 0)


if __name__ == "__main__":
    main()
