"""A mail that attacks whoever reads it: nothing of it runs, and nothing is fetched for it."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.desk import Desk, log_in, row
from tests.service import a_mail

pytestmark = pytest.mark.slow

NAME = "\"<img src=x onerror=alert('name')>\" <mallory@example.net>"
FILE = "<img src=x onerror=alert('file')>.txt"
HTML = """<html><head>
<script>window.top.wasRun = true; alert("script")</script>
<script src="{trap}/script.js"></script>
<link rel="stylesheet" href="{trap}/style.css"><link rel="prefetch" href="{trap}/prefetch">
<style>@import url({trap}/import.css); body {{ background: url({trap}/sheet.png) }}</style>
<meta http-equiv="refresh" content="0; url={trap}/refresh"><base href="{trap}/">
</head><body onload="alert('load')" background="{trap}/background.png">
<p style="background-image: url({trap}/inline.png)">The inverter burns.</p>
<img src="{trap}/pixel.png"><img srcset="{trap}/srcset.png 1x"><img src="x" onerror="alert('onerror')">
<picture><source srcset="{trap}/picture.png"><img alt=""></picture>
<svg onload="alert('svg')"><image href="{trap}/svg.png"/></svg><video poster="{trap}/poster.png" autoplay></video>
<iframe src="{trap}/frame"></iframe><iframe srcdoc="<script>alert('srcdoc')</script>"></iframe>
<object data="{trap}/object"></object><embed src="{trap}/embed">
<form action="{trap}/form"><input autofocus onfocus="alert('focus')"><button>Press me</button></form>
<details open ontoggle="alert('toggle')"><summary>Unfold</summary></details>
<a href="javascript:alert('link')">Read our terms</a>
<math><mtext><table><mglyph><style><img src=x onerror=alert('mutation')></style></mglyph></table></mtext></math>
</body></html>"""


@dataclass
class Trap:
    """A server that a mail calls home to, and what it was asked."""

    url: str
    visits: list[str] = field(default_factory=list)


@pytest.fixture
def trap() -> Iterator[Trap]:
    visits: list[str] = []

    class Visit(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            visits.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Tests print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Visit) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Trap(f"http://127.0.0.1:{server.server_address[1]}", visits)
        server.shutdown()


def test_nothing_of_a_hostile_mail_runs_and_nothing_is_fetched_for_it(page: Page, desk: Desk, trap: Trap) -> None:
    subject = "Hostile <script>alert('subject')</script>"
    ticket = desk.drafted(_hostile(subject, trap), word="Hostile")
    spoken, fetched = _watched(page)

    log_in(page, desk.url)
    row(page, "Hostile").click()
    expect(page.get_by_role("heading", name=subject).first).to_be_visible()
    page.get_by_text("Show original HTML").click()
    frame = page.frame_locator("iframe.original")
    expect(frame.get_by_text("The inverter burns.")).to_be_visible()
    frame.get_by_text("Read our terms").click()
    page.goto(f"{desk.url}/boards/tickets/{ticket['id']}/mails/{ticket['messages'][0]['id']}/html")
    expect(page.frame_locator("iframe.original").get_by_text("The inverter burns.")).to_be_visible()

    assert spoken == []
    assert page.evaluate("window.wasRun") is None
    assert [address for address in fetched if not address.startswith((desk.url, "data:", "about:"))] == []
    assert trap.visits == []


def test_the_watch_would_notice_a_mail_that_is_shown_as_it_came(page: Page, trap: Trap) -> None:
    spoken, fetched = _watched(page)

    page.set_content(HTML.format(trap=trap.url), wait_until="commit")
    expect(page.get_by_text("The inverter burns.")).to_be_attached()

    assert "script" in spoken
    assert any(address.startswith(trap.url) for address in fetched)


def _hostile(subject: str, trap: Trap) -> EmailMessage:
    mail = a_mail(subject, text="The inverter burns.", sender=NAME)
    mail.add_alternative(HTML.format(trap=trap.url), subtype="html")
    mail.add_attachment(b"boo", maintype="text", subtype="plain", filename=FILE)
    return mail


def _watched(page: Page) -> tuple[list[str], list[str]]:
    """What dialogs say, and every address that the browser asks for."""
    spoken: list[str] = []
    fetched: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        spoken.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.context.on("request", lambda request: fetched.append(request.url))
    return spoken, fetched
