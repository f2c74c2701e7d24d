"""What scripts do to tickets: drafts, approvals, undo, and the ticket's own moves."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import Site
from tickets.people import CONSOLE, Role
from tickets.ticket import Flag


def seen(draft: dict[str, Any], **more: object) -> dict[str, object]:
    return {"revision": draft["revision"], "content_hash": draft["content_hash"], **more}


# --- drafts -----------------------------------------------------------------------------------------------------------


async def test_words_of_ones_own_are_a_new_revision(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    written = {"subject": "Re: Inverter", "body": "Better words.", "revision": 1}
    answer = await script.post(f"/tickets/{ticket.id}/draft", json=written)

    assert answer.status_code == 200
    assert (answer.json()["revision"], answer.json()["draft"]["revision"]) == (2, 2)
    assert answer.json()["draft"]["body"] == "Better words."


async def test_words_for_a_draft_that_was_replaced_are_refused(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    written = {"subject": "Re: Inverter", "body": "Better words.", "revision": 1}
    await script.post(f"/tickets/{ticket.id}/draft", json=written)

    told = problem(await script.post(f"/tickets/{ticket.id}/draft", json=written), 409)

    assert told["revision"] == 2
    assert told["type"].endswith(":stale-draft")


@pytest.mark.parametrize("body", [{}, {"feedback": "Shorter, please."}])
async def test_a_redraft_is_taken_on(body: dict[str, str], site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    answer = await script.post(f"/tickets/{ticket.id}/draft", json=body)

    decision = await site.services.store.pending_decision(ticket.id)
    assert answer.status_code == 202
    assert decision
    assert decision.feedback == body.get("feedback")


@pytest.mark.parametrize(("comes_to_rest", "status"), [(True, 200), (False, 202)])
async def test_one_may_wait_for_the_redraft(
    comes_to_rest: bool, status: int, site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await site.ticket()
    site.waiting.comes_to_rest = comes_to_rest

    answer = await script.post(f"/tickets/{ticket.id}/draft?wait_s=30", json={"feedback": "Shorter."})

    assert answer.status_code == status
    assert site.waiting.asked == [([ticket.id], 30.0)]


@pytest.mark.parametrize(
    "body",
    [
        {"subject": "Only a subject"},
        {"body": "Only a text"},
        {"subject": "S", "body": "B", "feedback": "And feedback"},
        {"subject": "", "body": ""},
        {"subject": "Two\nlines", "body": "B"},
        {"feedback": "x" * 4001},
        {"feedbak": "misspelt"},
        {"feedback": "\x00"},
        {"subject": "S", "body": "B", "revision": -1},
        ["no", "object"],
    ],
)
async def test_a_draft_request_that_cannot_be_used_changes_nothing(
    body: object, site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await site.ticket()

    problem(await script.post(f"/tickets/{ticket.id}/draft", json=body), 400)

    assert await site.services.store.current_draft(ticket.id) is None
    assert await site.services.store.pending_decision(ticket.id) is None


# --- approve and undo -------------------------------------------------------------------------------------------------


async def test_an_approval_of_what_was_seen_is_accepted(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    draft = (await script.get(f"/tickets/{ticket.id}")).json()["draft"]

    answer = await script.post(f"/tickets/{ticket.id}/approve_send", json=seen(draft))

    assert answer.status_code == 202
    assert answer.json()["id"] == str(ticket.id)
    assert answer.json()["delivery"] == {"state": "approved", "undo_until": "2026-03-02T09:00:10Z", "detail": None}


async def test_the_same_approval_again_has_the_same_answer(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    draft = (await script.get(f"/tickets/{ticket.id}")).json()["draft"]

    first = await script.post(f"/tickets/{ticket.id}/approve_send", json=seen(draft))
    second = await script.post(f"/tickets/{ticket.id}/approve_send", json=seen(draft))

    assert (second.status_code, second.json()) == (first.status_code, first.json())


async def test_an_approval_of_an_older_draft_names_the_current_one(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    before = (await script.get(f"/tickets/{ticket.id}")).json()["draft"]
    await site.services.desk.edit(ticket.id, 1, "Re: Inverter", "Other words.", by=CONSOLE)

    told = problem(await script.post(f"/tickets/{ticket.id}/approve_send", json=seen(before)), 409)

    assert told["revision"] == 2
    assert "Review draft 2" in told["detail"]


async def test_an_approval_with_open_flags_lists_them(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket, "Call +49 30 1234567.")
    flagged = replace(draft, revision=2, made_for="test", flags=(Flag("f1", "phone", "+49 30 1234567", "no source"),))
    async with site.services.store.begin() as tx:
        await tx.add_draft(flagged)
    shown = (await script.get(f"/tickets/{ticket.id}")).json()["draft"]

    refused = problem(await script.post(f"/tickets/{ticket.id}/approve_send", json=seen(shown)), 409)
    confirmed = seen(shown, confirm_flags=refused["flags"])
    accepted = await script.post(f"/tickets/{ticket.id}/approve_send", json=confirmed)

    assert shown["flags"] == [{"id": "f1", "kind": "phone", "text": "+49 30 1234567", "reason": "no source"}]
    assert refused["flags"] == ["f1"]
    assert accepted.status_code == 202


async def test_an_undone_approval_offers_the_draft_again(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    draft = (await script.get(f"/tickets/{ticket.id}")).json()["draft"]
    await script.post(f"/tickets/{ticket.id}/approve_send", json=seen(draft))

    answer = await script.post(f"/tickets/{ticket.id}/undo", json={})

    assert answer.status_code == 200
    assert answer.json()["delivery"]["state"] == "cancelled"
    assert answer.json()["draft"]["state"] == "open"


async def test_there_is_nothing_to_undo_without_an_approval(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    problem(await script.post(f"/tickets/{ticket.id}/undo", json={}), 409)


# --- the ticket -------------------------------------------------------------------------------------------------------


async def test_a_rejection_closes_the_ticket_with_its_reason(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    answer = await script.post(f"/tickets/{ticket.id}/reject", json={"reason": "Spam"})

    events = (await script.get(f"/tickets/{ticket.id}/events")).json()["items"]
    assert (answer.status_code, answer.json()["status"]) == (200, "DONE")
    assert (events[-1]["kind"], events[-1]["fields"]) == ("rejected", {"reason": "Spam"})


async def test_a_ticket_is_given_to_somebody_and_to_nobody(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.operator(Role.OPERATOR)

    given = await script.post(f"/tickets/{ticket.id}/assign", json={"assignee": "operator@desk.example"})
    taken = await script.post(f"/tickets/{ticket.id}/assign", json={"assignee": None})

    assert (given.json()["assignee"], taken.json()["assignee"]) == ("operator@desk.example", None)


async def test_a_ticket_is_not_given_to_a_stranger(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    told = problem(await script.post(f"/tickets/{ticket.id}/assign", json={"assignee": "eve@evil.example"}), 409)

    assert "Choose one of the operators" in told["detail"]


async def test_a_status_is_closed_and_reopened(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    closed = await script.post(f"/tickets/{ticket.id}/status", json={"status": "DONE"})
    reopened = await script.post(f"/tickets/{ticket.id}/status", json={"status": "NEEDS_ACTION"})

    assert (closed.json()["status"], reopened.json()["status"]) == ("DONE", "NEEDS_ACTION")


async def test_a_status_that_only_mail_can_bring_is_refused_with_what_is_possible(
    site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await site.ticket()

    told = problem(await script.post(f"/tickets/{ticket.id}/status", json={"status": "WAITING_OTHERS"}), 409)

    assert "Possible now" in told["detail"]


@pytest.mark.parametrize(
    ("what", "body", "field"),
    [
        ("approve_send", {}, "body"),
        ("approve_send", {"revision": 1, "content_hash": 7}, "content_hash"),
        ("reject", {"reason": None}, "reason"),
        ("assign", {}, "body"),
        ("status", {"status": "OPEN"}, "status"),
    ],
)
async def test_a_body_that_cannot_be_used_names_its_field(
    what: str, body: object, field: str, site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await site.ticket()

    told = problem(await script.post(f"/tickets/{ticket.id}/{what}", json=body), 400)

    assert told["errors"][0]["field"] == field


@pytest.mark.parametrize("content", [b"{", b"\xff", b'{"feedback": "\\ud800"}'])
async def test_what_is_no_json_is_refused(content: bytes, site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    problem(await script.post(f"/tickets/{ticket.id}/draft", content=content), 400)


async def test_a_body_larger_than_a_megabyte_is_refused(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    problem(await script.post(f"/tickets/{ticket.id}/draft", content=b"x" * 1_100_000), 413)


async def test_a_method_that_is_not_offered_is_told_with_those_that_are(script: httpx.AsyncClient) -> None:
    answer = await script.delete("/tickets")

    problem(answer, 405)
    assert "GET" in answer.headers["allow"]
