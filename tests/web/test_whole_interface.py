"""What a person does on a page, a script does over REST; and every operation keeps the promises of docs/api.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from api.api_docs import document as described
from api.errors import PROBLEM_MEDIA_TYPE
from api.problems import kinds_of_problems
from tests.repository import ROOT
from tests.web.asking import problem
from tests.web.routes import declared_routes
from tests.web.site import Site

TICKET = "/tickets/{ticket_id}"
ONE_OPERATOR, ONE_WEBHOOK = "/operators/{operator_id}", "/webhooks/{webhook_id}"
ONE_DELIVERY = "/webhooks/{webhook_id}/deliveries/{delivery_id}"

# Each form of the pages, and what a script sends for the same.
COUNTERPARTS = {
    "/automatic/{mail_id}/take_up": "POST /mails/{mail_id}/take_up",
    "/bulk": "POST /tickets/bulk",
    "/mailboxes/{mailbox_id}": "PATCH /mailboxes/{mailbox_id}",
    "/mailboxes/{mailbox_id}/disconnect": "POST /mailboxes/{mailbox_id}/disconnect",
    "/mailboxes/{mailbox_id}/pause": "PATCH /mailboxes/{mailbox_id}",
    "/mailboxes/{mailbox_id}/resume": "POST /mailboxes/{mailbox_id}/resume",
    "/mailboxes/{mailbox_id}/sync": "POST /sync/run",
    "/me/security/password": "PUT /me/password",
    "/me/security/second_factor": "POST /me/second_factor/confirm",
    "/me/security/second_factor/codes": "POST /me/second_factor/codes",
    "/me/security/second_factor/offer": "POST /me/second_factor",
    "/me/security/second_factor/remove": "POST /me/second_factor/remove",
    "/mentions/read": "POST /mentions/read",
    "/quarantine/{quarantine_id}/dismiss": "POST /quarantine/{quarantine_id}/dismiss",
    "/quarantine/{quarantine_id}/retry": "POST /quarantine/{quarantine_id}/retry",
    "/settings/categories": "POST /settings/categories",
    "/settings/categories/{key}": "PATCH /settings/categories/{key}",
    "/settings/hours": "PUT /settings/business-hours",
    "/settings/invitations/{key_hash}/withdraw": "DELETE /invitations/{key_hash}",
    "/settings/knowledge/+": "POST /settings/knowledge",
    "/settings/knowledge/articles/{article_id}": "PUT /settings/knowledge/{article_id}",
    "/settings/knowledge/import": "POST /settings/knowledge/import",
    "/settings/model": "PUT /settings/model-budget",
    "/settings/model/try": "POST /settings/model/try",
    "/settings/notifications": "PUT /settings/notifications",
    "/settings/notifications/notices/{notice_id}": "POST /settings/notifications/notices/{notice_id}/retry",
    "/settings/notifications/test": "POST /settings/notifications/test",
    "/settings/operators": "POST /invitations",
    "/settings/operators/{operator_id}": f"PATCH {ONE_OPERATOR}",
    "/settings/operators/{operator_id}/disable": f"PATCH {ONE_OPERATOR}",
    "/settings/operators/{operator_id}/enable": f"PATCH {ONE_OPERATOR}",
    "/settings/operators/{operator_id}/reset_link": f"POST {ONE_OPERATOR}/reset_link",
    "/settings/operators/{operator_id}/second_factor/remove": f"DELETE {ONE_OPERATOR}/second_factor",
    "/settings/operators/{operator_id}/sessions/end": f"DELETE {ONE_OPERATOR}/sessions",
    "/settings/operators/{operator_id}/sessions/{handle}/end": f"DELETE {ONE_OPERATOR}/sessions/{{handle}}",
    "/settings/retention": "PUT /settings/retention",
    "/settings/rules": "PUT /settings/rules",
    "/settings/rules/{number}": "PUT /settings/rules",
    "/settings/tokens": "POST /tokens",
    "/settings/tokens/{token_id}/revoke": "DELETE /tokens/{token_id}",
    "/settings/two-people": "PUT /settings/two-people",
    "/settings/webhooks": "POST /webhooks",
    "/settings/webhooks/{webhook_id}": f"PATCH {ONE_WEBHOOK}",
    f"/settings{ONE_DELIVERY}": f"POST {ONE_DELIVERY}/redeliver",
    f"{TICKET}/approve": f"POST {TICKET}/approve_send",
    f"{TICKET}/assign": f"POST {TICKET}/assign",
    f"{TICKET}/category": f"POST {TICKET}/category",
    f"{TICKET}/close": f"POST {TICKET}/status",
    f"{TICKET}/draft": f"POST {TICKET}/draft",
    f"{TICKET}/macro": f"GET {TICKET}/macros",
    f"{TICKET}/merge": f"POST {TICKET}/merge",
    f"{TICKET}/merge/undo": f"POST {TICKET}/merge/undo",
    f"{TICKET}/notes": f"POST {TICKET}/notes",
    f"{TICKET}/notes/{{note_id}}": f"PATCH {TICKET}/notes/{{note_id}}",
    f"{TICKET}/notes/{{note_id}}/delete": f"DELETE {TICKET}/notes/{{note_id}}",
    f"{TICKET}/redraft": f"POST {TICKET}/draft",
    f"{TICKET}/reject": f"POST {TICKET}/reject",
    f"{TICKET}/reopen": f"POST {TICKET}/status",
    f"{TICKET}/retry": f"POST {TICKET}/retry",
    f"{TICKET}/revisions/{{revision}}/take": f"POST {TICKET}/draft",
    f"{TICKET}/settle": f"POST {TICKET}/settle",
    f"{TICKET}/snooze": f"POST {TICKET}/snooze",
    f"{TICKET}/split": f"POST {TICKET}/split",
    f"{TICKET}/split/undo": f"POST {TICKET}/split/undo",
    f"{TICKET}/tags": f"POST {TICKET}/tags",
    f"{TICKET}/undo": f"POST {TICKET}/undo",
    f"{TICKET}/wake": f"POST {TICKET}/wake",
    f"{TICKET}/work_copy": f"PUT {TICKET}/work_copy",
    f"{TICKET}/work_copy/drop": f"DELETE {TICKET}/work_copy",
    f"{TICKET}/work_copy/take_over": f"PUT {TICKET}/work_copy",
    "/views": "POST /views",
    "/views/{view_id}": "PATCH /views/{view_id}",
    "/views/{view_id}/delete": "DELETE /views/{view_id}",
}

# What only a person in a browser may do, and why.
OF_A_PERSON = {
    "/logout": "ends the session that asks",
    "/mailboxes/connect": "the account's owner consents at Google, in the browser that began it",
    "/me": "how one person signs and reads; a token is no person",
    "/me/reading": "how one person reads; a token is no person",
    "/me/security/sessions/end": "spares the session that asks; administrators have another way",
    "/me/security/sessions/{handle}/end": "one's own; administrators have another way",
    f"{TICKET}/presence": "says that a browser shows the ticket",
}

# Their answer is a secret that is told once and kept nowhere, not even for a repetition.
TOLD_ONCE = {
    *("/invitations", "/tokens", "/webhooks", f"{ONE_OPERATOR}/reset_link"),
    *("/me/second_factor", "/me/second_factor/confirm", "/me/second_factor/codes"),
}


@dataclass(frozen=True)
class Said:
    """What the document says of one operation."""

    method: str
    path: str
    operation: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def headers(self) -> set[str]:
        return {one["name"] for one in self.operation["parameters"] if one["in"] == "header"}


@pytest.fixture
def document(site: Site) -> dict[str, Any]:
    return described(site.app, "/")


def operations(document: Mapping[str, Any]) -> Iterator[Said]:
    """Those that take a token; the rest is for machines that look whether the desk lives."""
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            if said.get("security"):
                yield Said(method.upper(), path, said)


def test_what_a_page_changes_a_script_can_change(site: Site, document: dict[str, Any]) -> None:
    forms = {
        _named(route.path.removeprefix("/boards"))
        for route in declared_routes(site.app)
        if route.is_change and not route.is_rest and not route.is_public
    }
    there = {str(said) for said in operations(document)}

    assert forms == COUNTERPARTS.keys() | OF_A_PERSON.keys()
    assert set(COUNTERPARTS.values()) - there == set()


def _named(path: str) -> str:
    """The address as the document writes it, without the types of its holes."""
    return "".join(part.split(":")[0] + "}" if ":" in part else part for part in _pieces(path))


def _pieces(path: str) -> list[str]:
    return [piece for part in path.split("{") for piece in (("{" + part).split("}") if "}" in part else [part])]


def test_each_operation_takes_the_headers_that_the_conventions_promise(document: dict[str, Any]) -> None:
    promised = {"GET": {"If-None-Match"}, "POST": {"Idempotency-Key", "If-Match"}}
    wrong = []
    for said in operations(document):
        wanted = set(promised.get(said.method, {"If-Match"}))
        if said.method == "POST" and said.path in TOLD_ONCE:
            wanted.discard("Idempotency-Key")
        if said.headers != wanted:
            wrong.append(f"{said}: {sorted(said.headers)}")

    assert wrong == []


def test_each_operation_documents_its_refusals_as_problems(document: dict[str, Any]) -> None:
    wrong = []
    for said in operations(document):
        answers = said.operation["responses"]
        always = {"400", "401", "403", "429"} | ({"404"} if "{" in said.path else set())
        lacking = always | ({"304"} if said.method == "GET" else {"412"})
        wrong += [f"{said}: no {status}" for status in sorted(lacking - answers.keys())]
        wrong += [
            f"{said}: {status} is no problem"
            for status, answer in answers.items()
            if status >= "400" and list(answer["content"]) != [PROBLEM_MEDIA_TYPE]
        ]

    assert wrong == []


def test_whatever_is_read_bears_a_tag_in_the_document(document: dict[str, Any]) -> None:
    untagged = [
        str(said)
        for said in operations(document)
        if said.method == "GET" and "ETag" not in said.operation["responses"]["200"].get("headers", {})
    ]

    assert untagged == []


def test_what_is_changed_in_place_can_be_read_first(document: dict[str, Any]) -> None:
    """Without an address that gives its tag, `If-Match` would be an empty promise."""
    read = {said.path for said in operations(document) if said.method == "GET"}
    unread = [
        str(said)
        for said in operations(document)
        if said.method in ("PUT", "PATCH") and read.isdisjoint({said.path, said.path.rpartition("/")[0]})
    ]

    assert unread == []


def test_every_operation_is_on_the_page_about_the_interface(document: dict[str, Any]) -> None:
    written = (ROOT / "docs" / "api.md").read_text()
    untold = [str(said) for said in operations(document) if _last_word(said.path) not in written]

    assert untold == []


def _last_word(path: str) -> str:
    return next(part for part in reversed(path.split("/")) if part and "{" not in part)


def test_every_kind_of_problem_a_script_meets_is_documented() -> None:
    written = (ROOT / "docs" / "api.md").read_text()
    only_pages = {"foreign-form"}

    assert {kind.slug for kind in kinds_of_problems() if f"`{kind.slug}`" not in written} == only_pages


async def test_a_stranger_hears_401_whatever_else_is_wrong(site: Site) -> None:
    conditions = {"If-Match": '"old"', "If-None-Match": "nonsense", "Idempotency-Key": "not one"}

    async with site.visitor(conditions) as stranger:
        edited = await stranger.put("/settings/rules", json={})
        told_once = await stranger.post("/tokens", json={})
        read = await stranger.get("/tickets")

    assert [answer.status_code for answer in (edited, told_once, read)] == [401, 401, 401]


async def test_a_condition_that_is_none_is_refused(script: httpx.AsyncClient) -> None:
    answer = await script.get("/tickets", headers={"If-None-Match": "nonsense"})

    assert "quotes" in problem(answer, 400)["detail"]
