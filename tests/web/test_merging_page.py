"""Merging by hand: the other ticket is shown first, and different people are merged only on purpose."""

import re
from dataclasses import replace
from html import unescape
from uuid import uuid4

import httpx
import pytest

from tests.web.arriving import a_plain_mail, arrives, shown
from tests.web.asking import problem
from tests.web.browsing import page_of
from tests.web.site import Site
from tickets.people import CONSOLE, Role
from tickets.status import Status
from tickets.ticket import Ticket, TicketId

BO = "Bo Lind <bo@solar.example>"


async def two(site: Site, sender: str = "Anna Keller <anna@keller.example>") -> tuple[Ticket, Ticket]:
    """Anna's ticket, and a second one of that sender."""
    first = await arrives(site, a_plain_mail("Inverter error"))
    return first, await arrives(site, a_plain_mail("The same again", sender))


async def merged(site: Site) -> tuple[Ticket, Ticket]:
    """Where the mails are now, and the emptied one."""
    first, second = await two(site)
    await site.services.desk.merge(second.id, first.id, by=CONSOLE)
    return first, await site.services.store.ticket(second.id)


async def test_the_other_ticket_is_shown_before_anything_moves(site: Site) -> None:
    first, second = await two(site)

    async with await site.browser() as browser:
        asked = await browser.get(page_of(second, "merge"))
        page = await browser.get(page_of(second, "merge"), params={"into": f"#{first.number}"})

    assert 'name="into"' in asked.text
    assert "Inverter error" in page.text
    assert "anna@keller.example" in page.text
    assert 'name="confirm"' not in page.text
    assert (await site.services.store.ticket(second.id)).merged_into is None


async def test_a_merge_leads_to_where_the_mails_are_now(site: Site) -> None:
    first, second = await two(site)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(second, "merge"), data={"into": str(first.number)})

    assert (answer.status_code, answer.headers["location"]) == (303, page_of(first))
    assert len((await site.services.store.conversation(first.id)).messages) == 2


async def test_different_people_are_merged_only_with_the_box_ticked(site: Site) -> None:
    first, second = await two(site, BO)

    async with await site.browser() as browser:
        page = await browser.get(page_of(second, "merge"), params={"into": str(first.number)})
        refused = await browser.post(page_of(second, "merge"), data={"into": str(first.number)})
        answer = await browser.post(page_of(second, "merge"), data={"into": str(first.number), "confirm": "on"})

    assert 'name="confirm"' in page.text
    assert refused.status_code == 409
    assert "Bo Lind" in refused.text
    assert 'name="confirm"' in refused.text
    assert answer.status_code == 303


@pytest.mark.parametrize(("typed", "status"), [("999", 404), ("2", 400), ("abc", 400), ("٣", 400), ("9" * 12, 400)])
async def test_a_number_that_cannot_be_used_is_said_beside_what_was_typed(site: Site, typed: str, status: int) -> None:
    _, second = await two(site)

    async with await site.browser() as browser:
        page = await browser.get(page_of(second, "merge"), params={"into": typed})

    assert page.status_code == status
    assert 'role="alert"' in page.text
    assert f'value="{typed}"' in page.text


async def test_a_merged_ticket_points_the_way_and_offers_nothing_to_do(site: Site) -> None:
    first, second = await merged(site)

    page = await shown(site, second.id)

    assert f'href="{page_of(first)}"' in page
    assert "Merged" in page
    assert 'class="go' not in page
    assert "<textarea" not in page


@pytest.mark.parametrize("verb", ["reopen", "assign", "merge"])
async def test_a_merged_ticket_cannot_be_changed(site: Site, verb: str) -> None:
    first, second = await merged(site)
    await site.operator(Role.OPERATOR)

    async with await site.browser() as browser:
        fields = {"assignee": "operator@desk.example", "into": str(first.number)}
        answer = await browser.post(page_of(second, verb), data=fields)

    assert answer.status_code == 409
    assert "merged into another one" in answer.text


async def test_a_viewer_is_offered_no_merge(site: Site) -> None:
    first, second = await two(site)

    async with await site.browser(Role.VIEWER) as viewer:
        page = await viewer.get(page_of(second))
        asked = await viewer.get(page_of(second, "merge"), params={"into": str(first.number)})

    assert "Merge…" not in page.text
    assert asked.status_code == 403


# --- scripts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["number", "id"])
async def test_a_script_merges_by_number_or_id(site: Site, script: httpx.AsyncClient, by: str) -> None:
    first, second = await two(site)
    into = first.number if by == "number" else str(first.id)

    answer = await script.post(f"/tickets/{second.id}/merge", json={"into": into})
    emptied = (await script.get(f"/tickets/{second.id}")).json()

    assert answer.status_code == 200
    assert (answer.json()["id"], len(answer.json()["messages"])) == (str(first.id), 2)
    assert emptied["merged_into"] == {"id": str(first.id), "number": first.number}
    assert emptied["status"] == Status.DONE


async def test_a_script_has_to_confirm_different_people(site: Site, script: httpx.AsyncClient) -> None:
    first, second = await two(site, BO)

    told = problem(await script.post(f"/tickets/{second.id}/merge", json={"into": first.number}), 409)
    answer = await script.post(f"/tickets/{second.id}/merge", json={"into": first.number, "confirm": True})

    assert told["type"].endswith(":other-requester")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"into": 999}, 404),
        ({"into": "6f1c2a52-0a8e-4b1e-9d3c-111111111111"}, 404),
        ({"into": 2}, 400),
        ({"into": 0}, 400),
        ({"into": "abc"}, 400),
        ({"into": 1, "confirmed": True}, 400),
        ({}, 400),
    ],
)
async def test_a_merge_that_cannot_be_is_told(
    site: Site, script: httpx.AsyncClient, body: dict[str, object], status: int
) -> None:
    _, second = await two(site)

    problem(await script.post(f"/tickets/{second.id}/merge", json=body), status)


# --- follow-ups -------------------------------------------------------------------------------------------------------


async def test_a_follow_up_and_the_ticket_it_carries_on_point_at_each_other(
    site: Site, script: httpx.AsyncClient
) -> None:
    old, new = await two(site)
    await site.services.desk.close(old.id, by=CONSOLE)
    async with site.services.store.begin() as tx:
        later = await tx.open_ticket(_following(new, old))

    before, after = unescape(await shown(site, old.id)), unescape(await shown(site, later.id))
    links = [(await script.get(f"/tickets/{each.id}")).json() for each in (old, later)]

    assert re.search(rf'Continued in <a href="{page_of(later)}">#{later.number} ', before)
    assert re.search(rf'Carries on from <a href="{page_of(old)}">#{old.number} [^<]*</a> \(closed\)', after)
    assert links[0]["followed_by"] == {"id": str(later.id), "number": later.number}
    assert links[1]["follows"] == {"id": str(old.id), "number": old.number}


def _following(ticket: Ticket, old: Ticket) -> Ticket:
    return replace(ticket, id=TicketId(uuid4()), follows=old.id)
