"""Who may ask for what, how lists are walked, and what every refusal looks like."""

import json
import urllib.error
import urllib.request

import pytest

from tests.journeys.conftest import Desk
from tickets.people import Scope

TICKET = {
    *("id", "number", "status", "subject", "requester", "mailbox", "category", "priority", "language", "sentiment"),
    *("summary", "confidence", "assignee", "created_at", "updated_at"),
    *("tags", "snooze", "came_back", "first_approved_by"),
}
DRAFT = {"revision", "subject", "body", "to", "cc", "sources", "flags", "content_hash", "written_by"}
NOBODYS = "0a6f4f0e-5b1e-4c52-9f0a-3d1c2b4a5e6f"  # the id of no ticket
APPROVAL = {"revision": 1, "content_hash": "0" * 64}


def refusal(desk: Desk, method: str, path: str, body: bytes | None = None, **headers: str):
    """(status, media type, document) of a request that is refused."""
    request = urllib.request.Request(desk.at_once.url + path, method=method, data=body, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value as error:
        return error.code, error.headers, json.loads(error.read())


def test_a_ticket_has_every_documented_field(desk: Desk):
    case = desk.opened()

    (line,) = desk.about(case.mail)

    assert set(line) == TICKET
    assert set(case.ticket) >= TICKET | {"messages", "triage", "plan", "draft", "delivery"}
    assert set(case.ticket["draft"]) >= DRAFT
    assert set(case.ticket["delivery"]) == {"state", "undo_until", "detail"}


def test_a_list_is_walked_page_by_page_to_its_end(desk: Desk):
    for _ in range(3):
        desk.opened()
    everything = {ticket["id"] for ticket in desk.rest.tickets()}

    seen, path = [], "/tickets?limit=2"
    while path:
        page = desk.rest.get(path)
        assert len(page["items"]) <= 2
        seen += [ticket["id"] for ticket in page["items"]]
        path = page["next_cursor"] and f"/tickets?limit=2&cursor={page['next_cursor']}"

    assert len(seen) == len(set(seen))
    assert set(seen[:100]) <= everything | set(seen)
    assert len(seen) >= len(everything)


def test_a_list_holds_only_the_status_that_was_asked_for(desk: Desk):
    open_case, (answered, _) = desk.opened(), desk.answered()

    waiting = desk.rest.tickets(status="WAITING_OTHERS")

    assert {ticket["status"] for ticket in waiting} == {"WAITING_OTHERS"}
    assert answered.id in {ticket["id"] for ticket in waiting}
    assert open_case.id not in {ticket["id"] for ticket in waiting}


@pytest.mark.parametrize(
    ("lacking", "method", "path", "body"),
    [
        (Scope.READ, "GET", "", None),
        (Scope.READ, "GET", "/{id}", None),
        (Scope.READ, "GET", "/{id}/events", None),
        (Scope.DRAFT, "POST", "/{id}/draft", {}),
        (Scope.DRAFT, "POST", "/{id}/assign", {"assignee": None}),
        (Scope.DRAFT, "POST", "/{id}/status", {"status": "DONE"}),
        (Scope.DRAFT, "POST", "/{id}/reject", {"reason": "no"}),
        (Scope.APPROVE, "POST", "/{id}/approve_send", APPROVAL),
        (Scope.APPROVE, "POST", "/{id}/undo", {}),
    ],
)
def test_a_token_does_only_what_its_scopes_allow(desk: Desk, lacking: Scope, method: str, path: str, body):
    case = desk.opened()
    others = desk.token_for(*(scope for scope in Scope if scope not in (lacking, Scope.ADMIN)))

    answer = others.call(method, f"/tickets{path}".format(id=case.id), body)

    assert (answer.status, answer.body["status"]) == (403, 403)
    assert lacking in answer.body["detail"]
    assert desk.current(case) == case.ticket


def test_a_sync_needs_its_own_scope(desk: Desk):
    script = desk.token_for(Scope.READ, Scope.DRAFT, Scope.APPROVE)

    assert script.post("/sync/run").status == 403
    assert desk.token_for(Scope.SYNC).post("/sync/run").status == 200


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer ca_unknown"}, {"Authorization": "Basic YTpi"}])
def test_without_a_valid_token_nothing_is_answered(desk: Desk, header: dict[str, str]):
    status, headers, problem = refusal(desk, "GET", "/tickets", **header)

    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert headers.get_content_type() == "application/problem+json"
    assert problem["status"] == 401


@pytest.mark.parametrize(
    ("status", "method", "path", "body"),
    [
        (404, "GET", f"/tickets/{NOBODYS}", None),
        (404, "GET", f"/tickets/{NOBODYS}/events", None),
        (404, "POST", f"/tickets/{NOBODYS}/approve_send", json.dumps(APPROVAL).encode()),
        (404, "POST", f"/tickets/{NOBODYS}/undo", b"{}"),
        (404, "POST", f"/tickets/{NOBODYS}/draft", b"{}"),
        (400, "GET", "/tickets?status=LOST", None),
        (400, "GET", "/tickets?limit=0", None),
        (400, "POST", f"/tickets/{NOBODYS}/approve_send", b"{"),
        (400, "POST", f"/tickets/{NOBODYS}/approve_send", b"{}"),
        (400, "POST", f"/tickets/{NOBODYS}/reject", b"{}"),
        (405, "DELETE", "/tickets", None),
    ],
)
def test_every_refusal_is_a_problem_document(desk: Desk, status: int, method: str, path: str, body: bytes | None):
    token = {"Authorization": f"Bearer {desk.token}", "Content-Type": "application/json"}

    answered, headers, problem = refusal(desk, method, path, body, **token)

    assert answered == status
    assert headers.get_content_type() == "application/problem+json"
    assert problem["status"] == status
    assert all(problem[name] for name in ("type", "title", "detail"))
