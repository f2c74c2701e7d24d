"""Chromium, and a desk to visit.

The browser lives as long as one module and no longer: Playwright's own event loop occupies the thread while it runs,
and the asynchronous tests of other modules need theirs.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.desk import EMAIL, PASSWORD, Desk
from tests.databases import lacking
from tests.service import Home, Service, rest

PATIENCE_MS = 30_000


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = chromium.installed()
    if path is None:
        lacking("Chromium is not installed (or name it with CA_CHROMIUM): no browser tests")
    assert path is not None
    return path


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium_path, args=chromium.FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser of its own: nobody is logged in, nothing is remembered."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk for all tests that can share it; each brings mails of its own."""
    home = Home.at(tmp_path_factory.mktemp("desk"), CA_SYNC_EVERY_S="1", CA_UNDO_WINDOW_S="600")
    home.command("operator", "add", EMAIL, "--role", "admin", "--password-stdin", stdin=PASSWORD)
    maildir, token = home.maildir(), home.token()
    with Service(home) as service:
        yield Desk(service, maildir, rest(service, token))
