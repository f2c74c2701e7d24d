"""The main job as an operator lives it: from the first start of an empty desk to a reply in the Sent folder."""

import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import body, button, is_at, log_in, log_out, row, set_up
from tests.service import Home, Service, a_mail, eventually

pytestmark = pytest.mark.slow

UNDO_WINDOW_S = 10  # long enough to press Undo on a busy machine; the approval at the end waits it out


def test_from_an_empty_desk_to_a_reply_that_was_sent_once(page: Page, tmp_path: Path) -> None:
    complaints = _complaints(page)
    home = Home.at(tmp_path, CA_SYNC_EVERY_S="1", CA_UNDO_WINDOW_S=str(UNDO_WINDOW_S))
    maildir = home.maildir()
    mail = a_mail("Error 403 on my inverter")

    with Service(home) as service:
        set_up(page, service.url, _setup_code(service))
        is_at(page, "/boards/needs-action")
        log_out(page)
        log_in(page, service.url)
        expect(page.get_by_role("heading", name="All clear")).to_be_visible()
        page.evaluate("window.isStillTheSamePage = true")

        maildir.deliver(mail)
        row(page, "Error 403 on my inverter").click(trial=True)
        assert page.evaluate("window.isStillTheSamePage")

        row(page, "Error 403 on my inverter").click()
        body(page).fill("Dear Ms Keller,\n\nplease leave it switched off overnight.\n\nHelios Support")
        button(page, "Save changes").click()
        expect(page.get_by_role("heading", name="Draft 2")).to_be_visible()
        button(page, "Approve and send").click()
        expect(page.get_by_text("Approved.")).to_be_visible()
        button(page, "Undo").click()
        button(page, "Approve and send").click()
        expect(page.get_by_text("Approved.")).to_be_visible()

        page.get_by_role("link", name="Waiting on others").click()
        row(page, "Error 403 on my inverter").click()
        expect(page.get_by_text("approved and sent")).to_be_visible()

    (raw,) = maildir.sent()
    sent = message_from_bytes(raw, policy=policy.default)
    assert sent["In-Reply-To"] == mail["Message-ID"]
    assert sent["To"] == "Anna Keller <anna.keller@example.net>"
    text = sent.get_body(("plain",))
    assert text is not None
    assert "please leave it switched off overnight" in text.get_content()
    assert complaints == []


def _setup_code(service: Service) -> str:
    """As the console prints it."""

    def printed() -> str | None:
        found = (re.search(r"/setup and enter the code (\S+)", line) for line in list(service.lines))
        return next((match[1] for match in found if match), None)

    code: str = eventually(printed)
    return code


def _complaints(page: Page) -> list[str]:
    """What the browser finds wrong with our pages: script errors, and whatever their own policy has blocked."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    return found
