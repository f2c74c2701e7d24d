"""Two people on one draft, and hands that stay on the keyboard."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, body, button, is_at, log_in, row, rows
from tests.service import a_mail

pytestmark = pytest.mark.slow


def test_an_approval_of_a_draft_that_a_colleague_changed_is_refused_and_keeps_what_was_typed(
    page: Page, desk: Desk
) -> None:
    ticket = desk.drafted(a_mail("Stale words about my wallbox"), word="Stale")
    log_in(page, desk.url)
    row(page, "Stale words about my wallbox").click()
    body(page).fill("My own careful words.")

    draft = ticket["draft"]
    theirs = {"subject": draft["subject"], "body": "A colleague's words.", "revision": draft["revision"]}
    assert desk.rest.post(f"/tickets/{ticket['id']}/draft", theirs).status == 200
    expect(page.get_by_text("This ticket changed while you were writing.")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/approve")) as refused:
        button(page, "Approve and send").click()

    assert refused.value.status == 409
    expect(page.get_by_role("alert")).to_contain_text("Draft")
    expect(body(page)).to_have_value("A colleague's words.")
    expect(page.get_by_label("Text", exact=True)).to_have_value("My own careful words.")
    assert desk.rest.ticket(ticket["id"])["delivery"]["state"] == "none"


def test_what_was_typed_before_a_refusal_goes_back_into_the_editor_and_out(page: Page, desk: Desk) -> None:
    ticket = desk.drafted(a_mail("Refused words about my meter"), word="Refused")
    log_in(page, desk.url)
    row(page, "Refused words about my meter").click()
    body(page).fill("My own careful words.")
    theirs = {"subject": "Re: meter", "body": "A colleague's words.", "revision": ticket["draft"]["revision"]}
    assert desk.rest.post(f"/tickets/{ticket['id']}/draft", theirs).status == 200
    button(page, "Approve and send").click()

    button(page, "Put it into the editor").click()
    button(page, "Approve and send").click()

    expect(page.get_by_text("Approved.")).to_be_visible()
    approved = desk.rest.ticket(ticket["id"])
    assert approved["draft"]["body"].strip() == "My own careful words."
    assert approved["delivery"]["state"] == "approved"


def test_the_keyboard_walks_the_board_and_opens_a_ticket(page: Page, desk: Desk) -> None:
    for subject in ("Keyboard first", "Keyboard second"):
        desk.drafted(a_mail(subject), word=subject.split()[1])
    log_in(page, desk.url)
    page.goto(f"{desk.url}/boards/needs-action?q=Keyboard")
    expect(rows(page)).to_have_count(2)

    page.keyboard.press("j")
    expect(rows(page).nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows(page).nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows(page).nth(0)).to_be_focused()
    subject = rows(page).nth(0).locator("b").inner_text()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=subject)).to_be_visible()


def test_shortcuts_are_letters_again_inside_a_field(page: Page, desk: Desk) -> None:
    log_in(page, desk.url)
    is_at(page, "/boards/needs-action")

    page.keyboard.press("/")
    page.keyboard.type("jk?gw")

    expect(page.get_by_role("searchbox")).to_have_value("jk?gw")
    expect(page.get_by_role("dialog")).to_have_count(0)
