"""The settings as an administrator uses them, from the first start of a desk: each change is seen where it acts."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import EMAIL, Desk, body, button, is_at, log_out, set_up
from tests.browser.looks import WIDE, faults
from tests.service import Home, Rest, Service, a_mail, eventually, rest
from tests.webhooks.receiver import receiving

pytestmark = pytest.mark.slow

COLLEAGUE = "bo@helios.example"


@dataclass(frozen=True)
class Own:
    """A desk of this module's own, set up by its administrator, whose page this is."""

    desk: Desk
    page: Page
    faults_of_setup: list[str]

    def go(self, path: str) -> None:
        self.page.goto(f"{self.desk.url}{path}")
        self.page.wait_for_load_state("load")


@pytest.fixture(scope="module")
def own(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("settings")
    home = Home.at(folder, CA_SYNC_EVERY_S="1", CA_UNDO_WINDOW_S="600", CA_WEBHOOK_ALLOW_PRIVATE="true")
    maildir, token = home.maildir(), home.token()
    with Service(home) as service:
        page = visitor(browser)
        page.goto(f"{service.url}/setup")
        seen = faults(page)
        page.set_viewport_size(WIDE)
        set_up(page, service.url, setup_code(service))
        is_at(page, "/boards/needs-action")
        yield Own(Desk(service, maildir, rest(service, token)), page, seen)
        page.context.close()


def visitor(browser: Browser) -> Page:
    context = browser.new_context(locale="en-GB", viewport=WIDE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


def setup_code(service: Service) -> str:
    def printed() -> str | None:
        found = (re.search(r"/setup and enter the code (\S+)", line) for line in list(service.lines))
        return next((match[1] for match in found if match), None)

    code: str = eventually(printed)
    return code


def tab_to(page: Page, control: Locator) -> None:
    """With the Tab key alone."""
    for _ in range(120):
        if control.evaluate("control => control === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{control} is not reached by the Tab key")


def test_the_first_page_of_all_shuts_nobody_out(own: Own) -> None:
    assert own.faults_of_setup == []


def test_a_category_is_added_from_the_keyboard_alone(own: Own) -> None:
    page = own.page
    own.go("/boards/needs-action")

    page.keyboard.press("Control+k")
    page.keyboard.type("categories")
    page.keyboard.press("Enter")
    is_at(page, "/boards/settings/categories")
    tab_to(page, page.get_by_label("Title").last)
    page.keyboard.type("Green roofs")
    page.keyboard.press("Tab")
    page.keyboard.type("sedum, greening")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()
    own.go("/boards/settings/hours")
    expect(page.get_by_role("rowheader", name="Green roofs")).to_be_visible()


def test_a_rule_is_tried_on_past_tickets_before_it_sorts_new_ones(own: Own) -> None:
    page, desk = own.page, own.desk
    desk.drafted(a_mail("Sundew in the gutter"), word="gutter")
    own.go("/boards/settings/rules")

    page.get_by_label("Name of the rule").fill("Sundew is urgent")
    page.get_by_label("Subject has one of").fill("sundew")
    page.get_by_label("Set the priority").select_option("urgent")
    button(page, "Try on past tickets").click()
    expect(page.get_by_role("link", name="Sundew in the gutter")).to_be_visible()
    expect(page.get_by_text("No rules yet")).to_be_visible()
    button(page, "Add").click()
    expect(page.get_by_text("Saved. It holds from now on.")).to_be_visible()

    assert desk.drafted(a_mail("Sundew again"), word="again")["priority"] == "urgent"
    assert desk.rest.tickets(q="gutter")[0]["priority"] != "urgent"


def test_an_article_is_looked_at_saved_and_changed(own: Own) -> None:
    page = own.page
    own.go("/boards/settings/knowledge")

    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Title", exact=True).fill("Cleaning of green roofs")
    page.get_by_label("Text, in Markdown").fill("Clean them **in spring**.")
    button(page, "Preview").click()
    expect(page.locator(".formatted strong")).to_have_text("in spring")
    button(page, "Save").click()
    page.get_by_role("link", name="Cleaning of green roofs").click()
    page.get_by_label("Text, in Markdown").fill("Clean them in autumn.")
    button(page, "Save").click()

    page.get_by_role("link", name="Cleaning of green roofs").click()
    expect(page.get_by_label("Text, in Markdown")).to_have_value("Clean them in autumn.")


def test_a_token_works_until_it_is_revoked(own: Own) -> None:
    page, url = own.page, own.desk.url
    own.go("/boards/settings/tokens")

    page.get_by_label("Name").fill("nightly")
    button(page, "Make the token").click()
    script = Rest(url, page.get_by_label("Token", exact=True).input_value())
    before = script.call("GET", "/tickets").status
    page.get_by_role("link", name="Done").last.click()
    page.get_by_role("button", name="Revoke nightly").click()
    expect(page.get_by_text("The token is revoked.")).to_be_visible()

    assert (before, script.call("GET", "/tickets").status) == (200, 401)


def test_a_webhook_is_added_tried_and_its_delivery_shown(own: Own) -> None:
    page = own.page
    own.go("/boards/settings/webhooks")

    with receiving() as receiver:
        page.get_by_label("Address").fill(receiver.url)
        page.get_by_label("ticket.created").check()
        button(page, "Add").click()
        secret = page.locator("code.secret").inner_text()
        button(page, "Send a test").click()
        eventually(lambda: receiver.got)
        eventually(lambda: page.reload() and page.get_by_role("cell", name="delivered").count())
        button(page, "Remove").click()
        expect(page.get_by_text("No webhook yet.")).to_be_visible()

    assert len(receiver.got) == 1
    assert receiver.is_genuine(secret)


def test_an_invited_colleague_joins_and_the_two_approve_what_needs_two(own: Own, browser: Browser) -> None:
    page, desk = own.page, own.desk
    ticket = desk.drafted(a_mail("Fern costs 900 EUR"), word="Fern")
    desk.rest.post(f"/tickets/{ticket['id']}/assign", {"assignee": EMAIL})
    own.go("/boards/settings/two-people")
    page.get_by_label(re.compile("^Replies that state an amount above")).fill("500")
    button(page, "Save").click()

    colleague = visitor(browser)
    colleague.goto(handed(own, "/boards/settings/operators", lambda: invite(page)))
    at_join = faults(colleague)
    colleague.get_by_label("Your name").fill("Bo Ek")
    colleague.get_by_label("Password").fill("a first password of Bo")
    button(colleague, "Join and log in").click()
    is_at(colleague, "/boards/needs-action")
    colleague.goto(handed(own, "/boards/settings/operators", lambda: link_for_bo(page)))
    at_reset = faults(colleague)
    colleague.get_by_label("New password").fill("a second password of Bo")
    button(colleague, "Save password").click()
    is_at(colleague, "/boards/needs-action")
    colleague.set_viewport_size(WIDE)
    log_out(colleague)
    colleague.get_by_label("E-mail").fill(COLLEAGUE)
    colleague.get_by_label("Password").fill("a second password of Bo")
    button(colleague, "Log in").click()
    is_at(colleague, "/boards/needs-action")
    assert (at_join, at_reset) == ([], [])

    own.go(f"/boards/tickets/{ticket['id']}")
    body(page).fill("Dear Ms Keller,\n\nthat will be 900 EUR.")
    button(page, "Save changes").click()
    expect(page.get_by_role("heading", name="Draft 2")).to_be_visible()
    for doubt in page.locator("[data-flag]").all():
        doubt.check()
    button(page, "Approve as the first of two").click()
    expect(page.get_by_text("You approved this reply.")).to_be_visible()
    colleague.goto(f"{desk.url}/boards/tickets/{ticket['id']}")
    for doubt in colleague.locator("[data-flag]").all():
        doubt.check()
    button(colleague, "Approve and send").click()

    expect(colleague.get_by_text("Approved.", exact=True)).to_be_visible()
    colleague.context.close()


def handed(own: Own, path: str, make: Callable[[], None]) -> str:
    """The link that a page shows once, to hand over."""
    own.go(path)
    make()
    address: str = own.page.get_by_label("Link", exact=True).input_value()
    return address


def invite(page: Page) -> None:
    page.get_by_label("E-mail").fill(COLLEAGUE)
    button(page, "Make the invitation").click()


def link_for_bo(page: Page) -> None:
    page.get_by_role("link", name="Bo Ek").click()
    button(page, "Link for a new password").click()
