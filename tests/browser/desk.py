"""A desk that browsers visit, and what people do on its pages."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.service import MaildirOf, Rest, Service, eventually

EMAIL = "ada@helios.example"
PASSWORD = "correct horse battery staple"
READY_S = 60.0


@dataclass(frozen=True)
class Desk:
    """A running service with an operator, an empty mailbox and a script's token."""

    service: Service
    maildir: MaildirOf
    rest: Rest

    @property
    def url(self) -> str:
        return self.service.url

    def drafted(self, mail: EmailMessage, word: str) -> dict[str, Any]:
        """Deliver it; the full ticket once its draft waits. `word` is in its subject and in no other's."""
        self.maildir.deliver(mail)

        def ready() -> dict[str, Any] | None:
            waiting = self.rest.tickets(q=word, status="NEEDS_ACTION")
            ticket = self.rest.ticket(waiting[0]["id"]) if waiting else None
            return ticket if ticket and ticket["draft"] else None

        ticket: dict[str, Any] = eventually(ready, READY_S)
        return ticket


def set_up(page: Page, url: str, code: str) -> None:
    """Make the first administrator."""
    page.goto(f"{url}/setup")
    page.get_by_label("Setup code").fill(code)
    page.get_by_label("Your name").fill("Ada Lind")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Set up and log in").click()


def log_in(page: Page, url: str, password: str = PASSWORD) -> None:
    """From the login page onwards, wherever it then leads."""
    page.goto(f"{url}/login")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()


def is_at(page: Page, path: str) -> None:
    """The browser has come to that path, and the page's scripts listen: the address changes before they run."""
    expect(page).to_have_url(re.compile(rf"^http://[^/]+{re.escape(path)}(\?.*)?$"))
    page.wait_for_load_state("load")


def rows(page: Page) -> Locator:
    """The tickets on a board."""
    return page.locator("[data-ticket]")


def row(page: Page, subject: str) -> Locator:
    return rows(page).filter(has_text=subject)


def body(page: Page) -> Locator:
    """The text of the draft in its editor."""
    return page.get_by_label("Text of the reply")


def button(page: Page, name: str) -> Locator:
    """Matched from its beginning: a shortcut may stand beside the name."""
    return page.get_by_role("button", name=re.compile(f"^{re.escape(name)}"))
