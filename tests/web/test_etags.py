"""What is read carries a tag; what is changed may name the tag that its author saw."""

import httpx
import pytest

from tests.web.asking import problem
from tests.web.site import Site
from tickets.audit import EventKind


@pytest.mark.parametrize("part", ["", "/draft", "/events"])
async def test_who_has_it_already_is_spared_the_answer(part: str, site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    address = f"/tickets/{ticket.id}{part}"
    tag = (await script.get(address)).headers["etag"]

    again = await script.get(address, headers={"If-None-Match": f'"other", W/{tag}'})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert again.headers["cache-control"] == "private, no-cache"


async def test_the_tag_changes_with_the_ticket(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    tag = (await script.get(f"/tickets/{ticket.id}")).headers["etag"]
    await site.draft(ticket)

    fresh = await script.get(f"/tickets/{ticket.id}", headers={"If-None-Match": tag})

    assert fresh.status_code == 200
    assert fresh.headers["etag"] != tag


@pytest.mark.parametrize("part", ["", "/draft"])
async def test_an_edit_of_what_its_author_saw_is_done(part: str, site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    tag = (await script.get(f"/tickets/{ticket.id}{part}")).headers["etag"]
    written = {"subject": "Re: Inverter", "body": "Better words.", "revision": 1}

    answer = await script.post(f"/tickets/{ticket.id}/draft", json=written, headers={"If-Match": tag})

    now = await script.get(f"/tickets/{ticket.id}")
    assert answer.status_code == 200
    assert answer.headers["etag"] == now.headers["etag"]
    assert answer.headers["content-location"] == f"/tickets/{ticket.id}"


async def test_an_edit_of_something_older_is_refused_and_changes_nothing(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    tag = (await script.get(f"/tickets/{ticket.id}")).headers["etag"]
    await site.draft(ticket)

    answer = await script.post(f"/tickets/{ticket.id}/status", json={"status": "DONE"}, headers={"If-Match": tag})

    assert problem(answer, 412)["type"].endswith(":outdated")
    assert await site.recorded(EventKind.CLOSED) == []


@pytest.mark.parametrize(("condition", "status"), [("*", 200), ('"none"', 412), ("nonsense", 400)])
async def test_any_version_or_none(condition: str, status: int, site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    answer = await script.post(f"/tickets/{ticket.id}/assign", json={"assignee": None}, headers={"If-Match": condition})

    assert answer.status_code == status
