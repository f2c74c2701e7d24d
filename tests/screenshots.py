"""Pictures of every page from the running demo: `make screenshots` writes docs/screenshots/ and docs/pages.md."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import chromium
from tests.pages import A_TICKET, PAGES, Shown
from tests.repository import ROOT
from tests.running_demo import PROGRAM, Demo, newcomers_environment, running
from tests.service import eventually

OPERATOR: Final = "ada@helios.example"
FOLDER: Final = ROOT / "docs" / "screenshots"
BOOK: Final = ROOT / "docs" / "pages.md"
WIDE: Final = {"width": 1000, "height": 620}
PHONE: Final = {"width": 375, "height": 740}
MAIN: Final = ("board-needs-action", "ticket", "search", "settings", "mailboxes")
LARGEST_BYTES: Final = 200_000
ALL_BYTES: Final = 4_000_000


def main() -> None:
    """Write the pictures and the page that shows them; exits with a message when something is missing or too large."""
    path = chromium.installed()
    if path is None:
        sys.exit("No Chromium: install it, or name it with CA_CHROMIUM.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        command = (*PROGRAM, "--port", "{port}", "--data-dir", str(home / "demo"))
        environ = newcomers_environment(PYTHONPATH=str(ROOT))
        with running(command, home, home / "demo", environ) as demo, sync_playwright() as playwright:
            _busy(demo)
            browser = playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
            taken = set(_take(browser, demo))
            browser.close()
    BOOK.write_text(_book(taken))
    _weigh()


def _busy(demo: Demo) -> None:
    """A desk on which somebody has worked: one ticket is answered, one is closed, a colleague was called."""
    rest = demo.at_rest()
    tickets = [ticket for ticket in rest.tickets(status="NEEDS_ACTION") if ticket["category"] == "billing"][:3]
    for ticket, act in zip(tickets, ("approve", "close", "note"), strict=False):
        if act == "approve":
            rest.approve(rest.ticket(ticket["id"]))
        elif act == "close":
            rest.post(f"/tickets/{ticket['id']}/status", {"status": "DONE"})
        else:
            rest.post(f"/tickets/{ticket['id']}/notes", {"text": "@ada can you look at the refund before I answer?"})


def _worked_on(demo: Demo) -> None:
    """Tickets that somebody took, tagged or put off, and a mail that nobody can read."""
    rest = demo.rest()
    tickets = [ticket for ticket in rest.tickets(status="NEEDS_ACTION") if ticket["category"] != "billing"]
    some, one = [ticket["id"] for ticket in tickets[1:4]], tickets[4]["id"]
    rest.post("/tickets/bulk", {"tickets": some, "step": "assign", "assignee": OPERATOR})
    rest.post("/tickets/bulk", {"tickets": some, "step": "tag", "tags": ["roof visit"]})
    rest.post("/tickets/bulk", {"tickets": [one], "step": "snooze", "snooze": {"length": "answer"}})
    endless = b"From: Mailer <mailer@bulk.example>\r\nSubject: To all of you\r\nTo: " + b"a@b.example, " * 60_000
    name = "1.endless.bulk"
    (demo.folder / "mailbox" / "tmp" / name).write_bytes(endless + b"\r\n\r\nhello")
    (demo.folder / "mailbox" / "tmp" / name).rename(demo.folder / "mailbox" / "new" / name)
    eventually(lambda: rest.get("/quarantine")["items"])


def _administered(page: Page, demo: Demo) -> str:
    """A rule and a webhook are set; the link for a colleague who was invited."""
    page.goto(f"{demo.url}/boards/settings/rules")
    page.get_by_label("Name of the rule").fill("Stopped inverters first")
    page.get_by_label("Subject has one of").fill("inverter, Wechselrichter")
    page.get_by_label("Set the priority").select_option("high")
    page.get_by_role("button", name="Add", exact=True).click()
    page.goto(f"{demo.url}/boards/settings/webhooks")
    page.get_by_label("Address").fill("https://hooks.helios.example/desk")
    page.get_by_label("ticket.created").check()
    page.get_by_label("sent").check()
    page.get_by_role("button", name="Add", exact=True).click()
    page.goto(f"{demo.url}/boards/settings/operators")
    page.get_by_label("E-mail").fill("bo@helios.example")
    page.get_by_role("button", name="Make the invitation").click()
    return page.get_by_label("Link", exact=True).input_value()


def _colleague(browser: Browser, link: str) -> Page:
    """Who has just joined."""
    page = browser.new_page(locale="en-GB", viewport=WIDE)
    page.goto(link)
    page.get_by_label("Your name").fill("Bo Ek")
    page.get_by_label("Password").fill("a password of Bo alone")
    page.get_by_role("button", name="Join and log in").click()
    expect(page.locator("[data-ticket]").first).to_be_visible()
    return page


def _take(browser: Browser, demo: Demo) -> Iterator[str]:
    page = _log_in(browser, demo, viewport=WIDE, color_scheme="light")
    _worked_on(demo)
    colleague = _colleague(browser, _administered(page, demo))
    colleague.goto(demo.url + _address(A_TICKET, page, demo))  # so that somebody else is seen to be there
    addresses = {shown.name: _address(shown, page, demo) for shown in PAGES if shown.status == 200}
    for name, address in addresses.items():
        yield _picture(page, demo, address, name)
    dark = _log_in(browser, demo, viewport=WIDE, color_scheme="dark")
    phone = _log_in(browser, demo, viewport=PHONE, color_scheme="light", has_touch=True, is_mobile=True)
    for name in MAIN:
        yield _picture(dark, demo, addresses[name], f"{name}-dark")
        yield _picture(phone, demo, addresses[name], f"{name}-phone")


def _address(shown: Shown, page: Page, demo: Demo) -> str:
    return shown.address(lambda path: page.request.get(f"{demo.url}{path}").text())


def _log_in(browser: Browser, demo: Demo, **options: Any) -> Page:
    page = browser.new_page(locale="en-GB", reduced_motion="reduce", **options)
    page.goto(f"{demo.url}/login")
    page.get_by_label("E-mail").fill(OPERATOR)
    page.get_by_label("Password").fill(demo.password())
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.locator("[data-ticket]").first).to_be_visible()
    return page


def _picture(page: Page, demo: Demo, address: str, name: str) -> str:
    page.goto(f"{demo.url}{address}")
    page.wait_for_load_state("load")
    page.mouse.move(0, 0)
    page.screenshot(path=FOLDER / f"{name}.png")
    return name


def _book(taken: set[str]) -> str:
    """The page of all pictures, each with its sentence."""
    parts = ["# The pages\n\nTaken from the running demo by `make screenshots`.\n"]
    for shown in PAGES:
        if shown.name not in taken:
            continue
        parts.append(
            f"## {shown.name.replace('-', ' ').capitalize()}\n\n{shown.about}\n\n{_image(shown.name, shown.about)}\n"
        )
        more = [f"{shown.name}-{kind}" for kind in ("dark", "phone") if f"{shown.name}-{kind}" in taken]
        parts += [f"{_image(name, f'The same, {name.rpartition(chr(45))[2]}')}\n" for name in more]
    return "\n".join(parts)


def _image(name: str, about: str) -> str:
    return f"![{about}](screenshots/{name}.png)"


def _weigh() -> None:
    sizes = {file.name: file.stat().st_size for file in FOLDER.glob("*.png")}
    large = [name for name, size in sizes.items() if size > LARGEST_BYTES]
    if large or sum(sizes.values()) > ALL_BYTES:
        sys.exit(f"Too large: {large or sum(sizes.values())}. A page of the docs should load in a moment.")
    print(f"{len(sizes)} pictures, {sum(sizes.values()) // 1000} kB")


if __name__ == "__main__":
    main()
