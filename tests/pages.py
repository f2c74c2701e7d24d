"""Every page of the desk, once: for the tests that look at all of them, and for the pictures in docs/screenshots."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Fetch = Callable[[str], str]
"""The HTML at a path of the desk, for somebody who is logged in."""


@dataclass(frozen=True)
class Shown:
    """A page: its route, its picture's name and the sentence below that picture.

    `at` is its address where the route has holes that everybody knows; `via` is a page with a link to such an address.
    """

    route: str
    name: str
    about: str
    at: str = ""
    via: str = ""
    status: int = 200

    def address(self, fetch: Fetch) -> str:
        """Where to find one such page. Fails when no link leads there."""
        if not self.via:
            return self.at or self.route
        if self.via == "TICKET":
            ticket = A_TICKET.address(fetch)
            rest = self.route.removeprefix(TICKET)
            return ticket + rest if "{" not in rest else self._linked(fetch, ticket)
        return self._linked(fetch, self.via)

    def _linked(self, fetch: Fetch, page: str) -> str:
        open_route = re.escape(self.route).replace(r"\:", ":")
        open_route = re.sub(r"\\\{\w+:uuid\\\}", r"[0-9a-f-]{36}", open_route)
        hole = re.sub(r"\\\{\w+:\w+\\\}", r"[^/?#\"]+", open_route)
        found = re.search(rf'(?:href|action)="({hole}(?:\?[^"]*)?)["#]', fetch(page))
        assert found, f"no link on {page} leads to {self.route}"
        return found[1].replace("&amp;", "&")


BOARD: Final = "/boards/{board:str}"
TICKET: Final = "/boards/tickets/{ticket_id:uuid}"
TODO: Final = "/boards/needs-action"

A_TICKET: Final = Shown(
    TICKET, "ticket", "A ticket: the conversation, the draft, and exactly what will leave.", via=TODO
)

PAGES: Final = (
    Shown(BOARD, "board-needs-action", "The board that needs people: who waits longest comes first.", at=TODO),
    Shown(BOARD, "board-new", "Mail that the agent is still reading.", at="/boards/new"),
    Shown(BOARD, "board-waiting", "Our reply has left; it is the customer's turn.", at="/boards/waiting"),
    Shown(BOARD, "board-done", "What is closed.", at="/boards/done"),
    Shown(BOARD, "board-mine", "The tickets that are yours.", at="/boards/mine"),
    Shown(BOARD, "board-unassigned", "The tickets that nobody has.", at="/boards/unassigned"),
    Shown(BOARD, "board-snoozed", "What is put off until a date or an answer.", at="/boards/snoozed"),
    A_TICKET,
    Shown(TICKET + "/merge", "merge", "Two tickets about one thing become one.", via="TICKET"),
    Shown(TICKET + "/split", "split", "Two things in one ticket become two.", via="TICKET"),
    Shown(TICKET + "/revisions", "revisions", "Every text that the draft had, compared word by word.", via="TICKET"),
    Shown(TICKET + "/changes", "changes", "The agent's draft and the operator's, word by word.", via="TICKET"),
    Shown(TICKET + "/customer", "customer", "What else this customer wrote.", via="TICKET"),
    Shown(TICKET + "/workflow", "workflow", "What the agent did, step by step.", via="TICKET"),
    Shown(TICKET + "/mails/{mail_id:uuid}/headers", "headers", "A mail's headers as they came.", via="TICKET"),
    Shown("/boards/search", "search", "Search over mails, notes and tickets.", at="/boards/search?q=inverter"),
    Shown("/boards/mentions", "mentions", "Where colleagues called you."),
    Shown("/boards/quarantine", "quarantine", "Mail that could not be read safely; its bytes are kept."),
    Shown("/boards/automatic", "automatic", "Automatic mail that is on no ticket, and may become one."),
    Shown("/boards/mailboxes", "mailboxes", "Every mail that came in is in exactly one place, day by day."),
    Shown("/boards/mailboxes/connect", "mailbox-connect", "Connecting a Gmail account."),
    Shown("/boards/mailboxes/guide", "mailbox-guide", "The way from nothing to a connected Gmail account."),
    Shown(
        "/boards/mailboxes/{mailbox_id:uuid}", "mailbox", "A mailbox's sender and signature.", via="/boards/mailboxes"
    ),
    Shown("/boards/settings", "settings", "The settings, section by section."),
    Shown("/boards/settings/categories", "settings-categories", "Categories, with the words the agent knows them by."),
    Shown("/boards/settings/hours", "settings-hours", "Business hours, and how soon an answer is due."),
    Shown("/boards/settings/rules", "settings-rules", "Routing rules, tried on past tickets before they hold."),
    Shown("/boards/settings/two-people", "settings-two-people", "Which replies need a second approval."),
    Shown("/boards/settings/knowledge", "settings-knowledge", "Articles and ready texts that drafts quote."),
    Shown("/boards/settings/knowledge/+", "settings-knowledge-new", "A new article, in Markdown."),
    Shown("/boards/settings/operators", "settings-operators", "Who works here, and what each may do."),
    Shown(
        "/boards/settings/operators/{operator_id:uuid}",
        "settings-operator",
        "One person: role, sessions, ways in.",
        via="/boards/settings/operators",
    ),
    Shown("/boards/settings/tokens", "settings-tokens", "API tokens with scopes and an end."),
    Shown("/boards/settings/notifications", "settings-notifications", "Who is told when a customer waits too long."),
    Shown("/boards/settings/webhooks", "settings-webhooks", "Webhooks out: what is told to whom, and what came of it."),
    Shown("/boards/settings/retention", "settings-retention", "How long things are kept, counted before it is saved."),
    Shown("/boards/settings/knowledge/import", "settings-import", "Articles from Markdown files, all or none."),
    Shown("/boards/settings/model", "settings-model", "The language model, what it costs and its budget."),
    Shown("/boards/reports", "reports", "Volume, backlog, answer times and what the agent is worth."),
    Shown("/boards/reports/digest", "digest", "A week in words and figures, to be sent around as a mail."),
    Shown(
        "/boards/reports/readiness",
        "readiness",
        "By category, what decisions say of triage and drafts, with plain advice.",
    ),
    Shown("/boards/me/security", "me-security", "Your password, second step and sessions."),
    Shown("/boards/me", "me", "Your language, time zone and signature."),
    Shown("/boards/api", "api", "The REST API, described by the desk itself."),
    Shown("/boards/nowhere", "not-found", "An address where there is nothing.", status=404),
)

# Answers to GET that are no page of their own, by what they are.
NO_PAGES: Final = {
    "leads elsewhere": {"/", "/boards", "/boards/mailboxes/callback", "/schema", "/schema/{path:str}"},
    "before somebody is logged in": {
        "/login",
        "/login/code",
        "/login/google/callback",
        "/setup",
        "/join/{secret:str}",
        "/reset/{secret:str}",
    },
    "needs an article; framed like a new one": {"/boards/settings/knowledge/articles/{article_id:str}"},
    "a download": {
        "/boards/reports/{name:str}/csv",
        "/boards/reports/digest/mail",
        "/boards/automatic/{mail_id:uuid}/raw",
        "/boards/quarantine/{quarantine_id:uuid}/raw",
        TICKET + "/attachments/{sha256:str}",
        TICKET + "/attachments/{sha256:str}/picture",
        TICKET + "/mails/{mail_id:uuid}/raw",
        "/schema/openapi.json",
        "/static/{name:path}",
    },
    "shown inside a frame": {
        TICKET + "/preview",
        TICKET + "/mails/{mail_id:uuid}/document",
        TICKET + "/mails/{mail_id:uuid}/html",
    },
    "a part of a ticket, framed like its headers": {TICKET + "/sources/{source:str}"},
    "needs a webhook; framed like their list": {"/boards/settings/webhooks/{webhook_id:uuid}"},
    "for programs": {"/boards/news", "/boards/stream", "/health/live", "/health/ready"},
}
