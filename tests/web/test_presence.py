"""Who is at a ticket, through the web: what pages say of themselves and are told of others."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import httpx

from persistence.engine import open_database
from persistence.presence import SqlPresence
from tests.web.browsing import page_of
from tests.web.site import Site
from tests.web.test_stream import listening, served
from tickets.people import Role
from tickets.presence import TTL
from tickets.ticket import Ticket

SAYS = {"page": "0123-4567-89ab", "editing": "0"}


async def said(site: Site, ticket: Ticket, role: Role = Role.ADMIN, **changes: str) -> httpx.Response:
    async with await site.browser(role) as browser:
        return await browser.post(page_of(ticket, "presence"), data=SAYS | changes)


async def shown(site: Site, path: str, role: Role = Role.OPERATOR) -> str:
    async with await site.browser(role) as browser:
        return unescape((await browser.get(path)).text)


async def test_the_others_see_who_is_there_and_oneself_does_not(site: Site) -> None:
    ticket = await site.ticket()

    answer = await said(site, ticket)

    assert answer.status_code == 204
    assert "Admin is viewing" in await shown(site, page_of(ticket))
    assert "Admin is viewing" in await shown(site, "/boards/new")
    assert "Admin is viewing" not in await shown(site, page_of(ticket), Role.ADMIN)


async def test_who_edits_is_warned_of_beside_approve_and_hinders_nobody(site: Site) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    await said(site, ticket, editing="1")

    page = await shown(site, page_of(ticket))
    assert "Admin is editing this reply now" in page
    assert "data-approve" in page


async def test_who_went_or_fell_silent_is_gone(site: Site) -> None:
    ticket = await site.ticket()
    await said(site, ticket)
    await said(site, ticket, gone="1")
    gone = await shown(site, page_of(ticket))
    await said(site, ticket)

    site.clock.advance(TTL.total_seconds())

    assert "Admin is viewing" not in gone
    assert "Admin is viewing" not in await shown(site, page_of(ticket))


async def test_a_page_without_a_name_is_refused(site: Site) -> None:
    ticket = await site.ticket()

    assert (await said(site, ticket, page="<x>")).status_code == 400


async def test_an_open_page_hears_who_comes_through_another_process(site: Site) -> None:
    ticket, admin = await site.ticket(), await site.operator(Role.ADMIN)
    other = open_database(site.database.url.render_as_string(hide_password=False))
    async with served(site) as (_, address, _), listening(site, address) as lines:
        await SqlPresence(other).here("other-page", ticket.id, admin, is_editing=True, at=site.clock.now())

        heard = await asyncio.wait_for(_next_presence(lines), 20)
    await other.close()

    (person,) = heard[str(ticket.id)]
    assert (person["name"], person["editing"], person["initials"]) == ("Admin", True, "AD")


async def test_scripts_see_who_is_there(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await said(site, ticket, editing="1")

    (person,) = (await script.get(f"/tickets/{ticket.id}/presence")).json()["items"]

    until = (site.clock.now() + timedelta(seconds=TTL.total_seconds())).isoformat()
    assert person == {"email": "admin@desk.example", "name": "Admin", "state": "editing", "until": until}


async def _next_presence(lines: AsyncIterator[str]) -> dict[str, list[dict[str, object]]]:
    is_next = False
    async for line in lines:
        if is_next:
            told: dict[str, list[dict[str, object]]] = json.loads(line.removeprefix("data: "))
            return told
        is_next = line == "event: presence"
    raise AssertionError("the stream ended")
