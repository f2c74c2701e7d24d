"""One ticket becomes two and two become one, and all of it is taken back."""

from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import READY_S, Desk, body, button, is_at, log_in
from tests.service import a_mail, eventually

pytestmark = pytest.mark.slow

NORA = "Nora Lind <nora.lind@example.net>"


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A browser with or without JavaScript: neither journey needs it."""
    context = browser.new_context(locale="en-GB", java_script_enabled=request.param)
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


def test_a_ticket_is_split_and_one_again(page: Page, desk: Desk) -> None:
    word = _word("Gentian")
    parent = f"<{word}@example.net>"
    ticket = desk.drafted(a_mail(f"{word} on the roof", sender=NORA, Message_ID=parent), word=word)
    desk.maildir.deliver(a_mail(f"Invoice for {word}", "Where is it?", NORA, In_Reply_To=parent))
    ticket = eventually(lambda: _with(desk, ticket["id"], mails=2), READY_S)
    log_in(page, desk.url)

    page.goto(f"{desk.url}/boards/tickets/{ticket['id']}")
    page.get_by_role("link", name="Split…").click()
    page.get_by_role("checkbox", name=f"Invoice for {word}").check()
    button(page, "Split off what is ticked").click()
    expect(page.get_by_role("heading", name=f"Invoice for {word}", level=1)).to_be_visible()
    page.get_by_role("link", name=f"{word} on the roof").first.click()
    is_at(page, f"/boards/tickets/{ticket['id']}")
    expect(page.get_by_text("1 mail was split off into")).to_be_visible()
    button(page, "Undo the split").click()
    is_at(page, f"/boards/tickets/{ticket['id']}")

    expect(page.locator("article.mail")).to_have_count(2)
    expect(button(page, "Undo the split")).to_have_count(0)


def test_two_tickets_are_merged_and_two_again(page: Page, desk: Desk) -> None:
    word = _word("Lupin")
    first = desk.drafted(a_mail(f"{word} by the fence", sender=NORA), word=word)
    other = desk.drafted(a_mail(f"Second{word} by the gate", sender=NORA), word=f"Second{word}")
    log_in(page, desk.url)

    page.goto(f"{desk.url}/boards/tickets/{other['id']}")
    written = body(page).input_value()
    page.get_by_role("link", name="Merge…").click()
    page.get_by_label("Number of the ticket").fill(str(first["number"]))
    button(page, "Look at it").click()
    button(page, f"Merge into #{first['number']}").click()
    is_at(page, f"/boards/tickets/{first['id']}")
    expect(page.get_by_text("was merged into this ticket: 1 mail")).to_be_visible()
    button(page, "Undo the merge").click()
    is_at(page, f"/boards/tickets/{other['id']}")

    expect(body(page)).to_have_value(written)
    expect(button(page, "Approve and send")).to_be_visible()


def _word(word: str) -> str:
    """In the subjects of one run alone: the desk is shared."""
    return f"{word}{token_hex(3)}"


def _with(desk: Desk, ticket_id: str, mails: int) -> dict[str, Any] | None:
    ticket = desk.rest.ticket(ticket_id)
    is_ready = len(ticket["messages"]) == mails and ticket["revision"] == mails
    return ticket if is_ready else None
