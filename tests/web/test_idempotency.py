"""A POST that is sent twice under one key is done once."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import Site
from tickets.audit import EventKind
from tickets.people import Scope

KEY = {"Idempotency-Key": "5f0c6f0e-7a4b-4b60-a9a2-1d6c1f2f6f11"}


async def test_the_same_request_again_gives_the_same_answer_and_does_nothing(
    site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await site.ticket()
    address, written = f"/tickets/{ticket.id}/draft", {"subject": "Re: Inverter", "body": "Switch it off."}

    first = await script.post(address, json=written, headers=KEY)
    again = await script.post(address, json=written, headers=KEY)

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.content == first.content
    assert again.headers["etag"] == first.headers["etag"]
    assert ("idempotency-replayed" in first.headers, again.headers["idempotency-replayed"]) == (False, "true")
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len(await site.recorded(EventKind.DRAFT_EDITED)) == 1


async def test_a_refusal_is_repeated_too(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    wrong = {"revision": 1, "content_hash": "none"}

    first = await script.post(f"/tickets/{ticket.id}/approve_send", json=wrong, headers=KEY)
    await site.draft(ticket)
    again = await script.post(f"/tickets/{ticket.id}/approve_send", json=wrong, headers=KEY)

    assert problem(first, 409) == problem(again, 409)
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("other", ["body", "address"])
async def test_a_key_belongs_to_one_request(other: str, site: Site, script: httpx.AsyncClient) -> None:
    ticket, elsewhere = await site.ticket(), await site.ticket("Another")
    await script.post(f"/tickets/{ticket.id}/reject", json={"reason": "by phone"}, headers=KEY)

    body = {"reason": "by letter" if other == "body" else "by phone"}
    target = elsewhere if other == "address" else ticket
    told = problem(await script.post(f"/tickets/{target.id}/reject", json=body, headers=KEY), 422)

    assert told["type"].endswith(":key-reused")
    assert len(await site.recorded(EventKind.REJECTED)) == 1


async def test_another_token_may_use_the_same_key(site: Site, script: httpx.AsyncClient) -> None:
    async with await site.script(Scope.SYNC) as other:
        await script.post("/sync/run", headers=KEY)
        answer = await other.post("/sync/run", headers=KEY)

    assert answer.status_code == 200
    assert "idempotency-replayed" not in answer.headers


async def test_many_at_once_are_carried_out_once(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    written = {"subject": "Re: Inverter", "body": "Switch it off."}

    answers = await asyncio.gather(
        *[script.post(f"/tickets/{ticket.id}/draft", json=written, headers=KEY) for _ in range(12)]
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert len(await site.recorded(EventKind.DRAFT_EDITED)) == 1


async def test_a_file_sent_again_under_another_boundary_is_the_same_request(
    site: Site, script: httpx.AsyncClient
) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    async def attach() -> httpx.Response:
        file: Any = {"file": ("visit.txt", b"Monday")}
        return await script.post(f"/tickets/{ticket.id}/attachments", files=file, data={"revision": "1"}, headers=KEY)

    first, again = await attach(), await attach()

    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_key_that_is_none_is_refused(site: Site, script: httpx.AsyncClient) -> None:
    answer = await script.post("/sync/run", headers={"Idempotency-Key": "two words"})

    assert "visible ASCII" in problem(answer, 400)["detail"]


async def test_who_may_not_learns_nothing_from_a_key(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    async with await site.script(Scope.READ) as reader:
        refused = await reader.post(f"/tickets/{ticket.id}/assign", json={"assignee": None}, headers=KEY)
        again = await reader.post(f"/tickets/{ticket.id}/assign", json={"assignee": None}, headers=KEY)

    assert (refused.status_code, again.status_code) == (403, 403)
    assert "idempotency-replayed" not in again.headers
