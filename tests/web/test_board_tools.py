"""Filters, pages, saved views and many tickets at once, on the boards and over REST."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest

from tests.web.arriving import a_plain_mail, arrives
from tests.web.asking import problem
from tests.web.browsing import page_of
from tests.web.site import Site, a_mail
from tickets.people import Actor, Role, Scope
from tickets.putting_off import PuttingOff
from tickets.snoozing import UNTIL_ANSWER
from tickets.status import Status
from tickets.ticket import Ticket


async def kept(site: Site, ticket: Ticket, **changes: object) -> Ticket:
    async with site.services.store.begin() as tx:
        changed = replace(await tx.ticket(ticket.id), **changes)  # type: ignore[arg-type]
        await tx.save(changed)
    return changed


async def operator(site: Site) -> Actor:
    return Actor.operator(await site.operator(Role.OPERATOR))


async def shown(site: Site, path: str, role: Role = Role.OPERATOR) -> str:
    async with await site.browser(role) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


async def sent(site: Site, path: str, role: Role = Role.OPERATOR, **fields: object) -> httpx.Response:
    async with await site.browser(role) as browser:
        return await browser.post(path, data=fields)


def count_in_rail(page: str, board: str) -> str:
    found = re.search(rf'href="/boards/{board}".*?<span class="num">(\d+)</span>', page, re.DOTALL)
    assert found, board
    return found[1]


# --- boards and filters -----------------------------------------------------------------------------------------------


async def test_the_rail_counts_what_is_mine_nobodys_and_put_off(site: Site) -> None:
    mine, put_off = await site.ticket("Mine"), await site.ticket("Put off")
    await site.ticket("Nobody's")
    await sent(site, page_of(mine, "assign"), assignee="operator@desk.example")
    await sent(site, page_of(put_off, "snooze"), length="answer")

    page = await shown(site, "/boards/new")

    counts = {board: count_in_rail(page, board) for board in ("new", "mine", "unassigned", "snoozed")}
    assert counts == {"new": "2", "mine": "1", "unassigned": "1", "snoozed": "1"}


@pytest.mark.parametrize(
    ("board", "subjects"), [("mine", {"Mine"}), ("unassigned", {"Nobody's"}), ("snoozed", {"Put off"})]
)
async def test_a_ticket_is_on_the_board_across_statuses_that_it_belongs_to(
    site: Site, board: str, subjects: set[str]
) -> None:
    mine, put_off = await site.ticket("Mine"), await site.ticket("Put off")
    await site.ticket("Nobody's")
    await sent(site, page_of(mine, "assign"), assignee="operator@desk.example")
    await sent(site, page_of(put_off, "snooze"), length="tomorrow")

    page = await shown(site, f"/boards/{board}")

    assert set(re.findall(r'<span class="what"><b>(.*?)</b>', page)) == subjects


async def test_filters_are_in_the_address_and_each_chip_takes_one_off(site: Site) -> None:
    fits = await kept(site, await site.ticket("Fits"), category="billing", priority="urgent")
    await kept(site, await site.ticket("Other"), category="billing")

    page = await shown(site, "/boards/new?category=billing&priority=urgent&assignee=unassigned")

    assert str(fits.id) in page
    assert page.count(" data-ticket>") == 1
    without = re.findall(r'class="chip set" href="([^"]+)"', page)
    assert without == [
        "/boards/new?priority=urgent&assignee=unassigned",
        "/boards/new?category=billing&assignee=unassigned",
        "/boards/new?category=billing&priority=urgent",
    ]


async def test_the_form_of_the_filters_leads_to_an_address_without_its_empty_fields(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get("/boards/new?category=&priority=urgent&tag=VIP%2C+refund&age=&sort=")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/boards/new?priority=urgent&tag=vip&tag=refund"


async def test_an_age_filters_by_how_long_the_customer_waits(site: Site) -> None:
    ticket = await site.ticket("Old")
    await kept(site, ticket, waiting_since=site.clock.now() - timedelta(hours=5))
    await kept(site, await site.ticket("Young"), waiting_since=site.clock.now() - timedelta(hours=3))

    page = await shown(site, "/boards/new?age=4h")

    assert re.findall(r'<span class="what"><b>(.*?)</b>', page) == ["Old"]


@pytest.mark.parametrize(
    "query", ["age=long", "age=0", "sort=sideways", "sort=wakes", "tag=" + "x" * 50, "q=" + "x" * 201]
)
async def test_a_filter_that_cannot_be_meant_is_told_and_not_ignored(site: Site, query: str) -> None:
    async with await site.browser() as browser:
        answer = await browser.get(f"/boards/new?{query}")

    assert answer.status_code == 400


async def test_pages_are_turned_on_and_back(site: Site) -> None:
    for number in range(51):
        site.mailbox.receive(a_mail(f"Mail {number}", f"Anna <anna{number}@keller.example>"))
    await site.services.sync.run()
    first = await shown(site, "/boards/new")

    onwards = re.search(r'rel="next" href="([^"]+)"', first)
    assert onwards
    second = await shown(site, onwards[1])
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back
    again = await shown(site, back[1])

    ids = re.compile(r'id="row-(\d+)"')
    assert (len(ids.findall(first)), len(ids.findall(second))) == (50, 1)
    assert ids.findall(again) == ids.findall(first)


async def test_what_only_reads_has_nothing_to_tick(site: Site) -> None:
    await site.ticket()

    page = await shown(site, "/boards/new", Role.VIEWER)

    assert " data-ticket>" in page
    assert 'type="checkbox" name="ticket"' not in page


async def test_without_a_script_all_tickets_of_a_page_can_be_chosen(site: Site) -> None:
    await site.ticket()

    page = await shown(site, "/boards/new?pick=all")

    assert re.search(r'name="ticket" value="[^"]+" form="bulk" checked', page)


# --- many at once -----------------------------------------------------------------------------------------------------


async def test_one_step_is_taken_on_every_chosen_ticket(site: Site) -> None:
    chosen = [await site.ticket(f"Mail {number}") for number in range(3)]
    store, ids = site.services.store, [str(ticket.id) for ticket in chosen]

    answers = [
        await sent(
            site, "/boards/bulk", ticket=ids, step="assign", assignee="operator@desk.example", back="/boards/new"
        ),
        await sent(site, "/boards/bulk", ticket=ids, step="tag", tags="VIP, storm  damage"),
        await sent(site, "/boards/bulk", ticket=ids, step="untag", tags="vip"),
        await sent(site, "/boards/bulk", ticket=ids, step="snooze", length="answer"),
    ]

    after = [await store.ticket(ticket.id) for ticket in chosen]
    assert [answer.status_code for answer in answers] == [303] * 4
    assert answers[0].headers["location"] == "/boards/new?did=assign&count=3"
    assert {ticket.assignee for ticket in after} == {"operator@desk.example"}
    assert {ticket.tags for ticket in after} == {("storm damage",)}
    assert {ticket.snoozed_until for ticket in after} == {UNTIL_ANSWER}


async def test_what_could_not_be_done_is_told_with_its_reason_and_the_rest_is_done(site: Site) -> None:
    fine, done = await site.ticket("Fine"), await site.ticket("Done already")
    await site.services.desk.close(done.id, by=await operator(site))

    answer = await sent(
        site, "/boards/bulk", ticket=[str(fine.id), str(done.id)], step="snooze", length="week", back="/boards/new"
    )

    assert answer.status_code == 409
    assert "1 ticket was changed" in answer.text
    assert f"#{done.number}" in answer.text
    assert "Reopen it first" in answer.text
    assert f"<b>#{fine.number}</b>" not in answer.text
    assert (await site.services.store.ticket(fine.id)).snoozed_until is not None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"step": "close"}, "No ticket is chosen"),
        ({"step": "dance", "ticket": "ID"}, "Choose what is to be done"),
        ({"step": "tag", "ticket": "ID", "tags": " , "}, "Type the tags"),
        ({"step": "close", "ticket": "nonsense"}, "cannot be read"),
        ({"step": "snooze", "ticket": "ID", "length": "date", "until": "tomorrow"}, "no date and time"),
        ({"step": "snooze", "ticket": "ID", "length": "date", "until": "2001-01-01T09:00"}, "That time is over"),
    ],
)
async def test_a_step_that_cannot_be_meant_changes_nothing(site: Site, fields: dict[str, str], says: str) -> None:
    ticket = await site.ticket()
    fields = {name: str(ticket.id) if value == "ID" else value for name, value in fields.items()}

    answer = await sent(site, "/boards/bulk", **fields)

    assert answer.status_code in (400, 409)
    assert says in unescape(answer.text)
    assert await site.services.store.ticket(ticket.id) == ticket


async def test_the_way_back_from_a_step_stays_on_the_desk(site: Site) -> None:
    ticket = await site.ticket()

    answer = await sent(site, "/boards/bulk", ticket=str(ticket.id), step="close", back="//elsewhere.example/")

    assert answer.headers["location"].startswith("/boards/needs-action?did=close&count=1")


async def test_a_closing_is_told_and_taken_back_except_where_somebody_touched_the_ticket_since(site: Site) -> None:
    kept, touched = await site.ticket("Kept"), await site.ticket("Touched since")
    ids = [str(kept.id), str(touched.id)]
    async with await site.browser(Role.OPERATOR) as browser:
        closed = await browser.post("/boards/bulk", data={"ticket": ids, "step": "close", "back": "/boards/new?tag=x"})
        page = unescape((await browser.get(closed.headers["location"])).text)
        await site.services.desk.assign(touched.id, "operator@desk.example", by=await operator(site))

        numbers = re.search(r'name="of" value="([^"]+)"', page)
        assert numbers
        undone = await browser.post("/boards/bulk", data={"of": numbers[1], "step": "undo_close"})

    after = [await site.services.store.ticket(ticket.id) for ticket in (kept, touched)]
    assert closed.headers["location"].startswith("/boards/new?tag=x&did=close&count=2")
    assert "2 tickets closed" in page
    assert undone.status_code == 409
    assert f"#{touched.number}" in undone.text
    assert "changed since you closed it" in undone.text
    assert [ticket.status for ticket in after] == [Status.NEEDS_ACTION, Status.DONE]
    assert after[0].waiting_since == kept.waiting_since


async def test_nobody_takes_back_what_somebody_else_closed(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    await site.services.desk.close(ticket.id, by=await operator(site))

    answer = await script.post("/tickets/bulk", json={"tickets": [str(ticket.id)], "step": "undo_close"})

    assert answer.json()["done"] == []
    assert "changed since you closed it" in answer.json()["refused"][0]["reason"]


@pytest.mark.parametrize("query", ["did=dance&count=3", "did=close&count=x", "did=close&count=3&of=1-9999999"])
async def test_an_address_that_no_step_led_to_tells_nothing(site: Site, query: str) -> None:
    page = await shown(site, f"/boards/new?{query}")

    assert "bulk-told" not in page


async def test_more_than_a_page_can_be_chosen_for_one_step(site: Site) -> None:
    for number in range(52):
        site.mailbox.receive(a_mail(f"Mail {number}", f"Anna <anna{number}@keller.example>"))
    await site.services.sync.run()
    first = await shown(site, "/boards/new")

    page = await shown(site, "/boards/new?pick=matching")
    chosen = re.findall(r'name="ticket" value="([^"]+)"', page)
    answer = await sent(site, "/boards/bulk", ticket=chosen, step="close", back="/boards/new")

    assert 'href="/boards/new?pick=matching"' in first
    assert "All 52 that match are chosen." in page
    assert len(set(chosen)) == 52
    assert answer.headers["location"].startswith("/boards/new?did=close&count=52")
    assert (await site.services.boards.counts()).new == 0


async def test_scripts_take_a_step_on_many_tickets_and_are_told_of_each(site: Site, script: httpx.AsyncClient) -> None:
    fine = await site.ticket("Fine")
    gone = "00000000-0000-4000-8000-000000000000"

    answer = await script.post("/tickets/bulk", json={"tickets": [str(fine.id), gone], "step": "close"})

    told = answer.json()
    assert answer.status_code == 200
    assert told["done"] == [str(fine.id)]
    assert [(each["id"], each["number"]) for each in told["refused"]] == [(gone, None)]
    assert (await site.services.store.ticket(fine.id)).status is Status.DONE


# --- tags and snoozes -------------------------------------------------------------------------------------------------


async def test_a_tag_is_put_on_and_taken_off_on_the_ticket_s_page(site: Site) -> None:
    ticket = await site.ticket()

    await sent(site, page_of(ticket, "tags"), add="Refund, VIP")
    await sent(site, page_of(ticket, "tags"), remove="vip")

    page = await shown(site, page_of(ticket))
    assert (await site.services.store.ticket(ticket.id)).tags == ("refund",)
    assert "Took off the tag vip" in page
    assert "Tagged refund, vip" in page


async def test_a_put_off_ticket_says_until_when_and_by_whom(site: Site) -> None:
    ticket = await site.ticket()
    await sent(site, page_of(ticket, "snooze"), length="date", until="2026-03-04T10:30")

    page, board = await shown(site, page_of(ticket), Role.ADMIN), await shown(site, "/boards/snoozed", Role.ADMIN)

    assert "Snoozed until 4 Mar, 10:30 UTC" in page
    assert "operator@desk.example put it off." in page
    assert "4 Mar, 10:30 UTC" in board


async def test_a_snooze_that_cannot_be_says_why_on_the_ticket_s_page(site: Site) -> None:
    ticket = await site.ticket()

    answer = await sent(site, page_of(ticket, "snooze"), length="date", until="2020-01-01T00:00")

    assert answer.status_code == 400
    assert "That time is over" in answer.text


async def test_scripts_tag_put_off_and_take_back(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    address = f"/tickets/{ticket.id}"

    tagged = await script.post(f"{address}/tags", json={"add": ["vip", "refund"], "remove": ["refund"]})
    put_off = await script.post(f"{address}/snooze", json={"length": "monday", "time_zone": "Europe/Berlin"})
    listed = await script.get("/tickets", params={"snoozed": "true", "tag": "vip"})
    counts = await script.get("/tickets/counts")
    woken = await script.post(f"{address}/wake")

    assert tagged.json()["tags"] == ["vip"]
    assert put_off.json()["snooze"]["until"] == "2026-03-09T08:00:00Z"
    assert [each["id"] for each in listed.json()["items"]] == [str(ticket.id)]
    assert (counts.json()["snoozed"], counts.json()["new"]) == (1, 0)
    assert woken.json()["snooze"] is None
    assert (await script.get("/tags")).json() == {"items": ["vip"]}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"length": "monday", "until": "2026-03-09T08:00:00Z"},
        {"until": "2026-03-09T08:00:00"},
        {"until": "2020-03-09T08:00:00Z"},
        {"until": "2036-03-09T08:00:00Z"},
        {"length": "monday", "time_zone": "Mars/Base"},
    ],
)
async def test_a_snooze_that_cannot_be_meant_is_a_problem(
    site: Site, script: httpx.AsyncClient, body: dict[str, str]
) -> None:
    ticket = await site.ticket()

    told = problem(await script.post(f"/tickets/{ticket.id}/snooze", json=body), 400)

    assert told["detail"]


async def test_scripts_sort_and_turn_pages_back(site: Site, script: httpx.AsyncClient) -> None:
    tickets = [await site.ticket(f"Mail {number}") for number in range(3)]
    for number, ticket in enumerate(tickets):
        await kept(site, ticket, waiting_since=site.clock.now() + timedelta(minutes=number))

    first = (await script.get("/tickets", params={"sort": "-waiting", "limit": 2})).json()
    second = (
        await script.get("/tickets", params={"sort": "-waiting", "limit": 2, "cursor": first["next_cursor"]})
    ).json()
    back = await script.get("/tickets", params={"sort": "-waiting", "limit": 2, "cursor": second["previous_cursor"]})

    assert [item["number"] for item in first["items"] + second["items"]] == [3, 2, 1]
    assert back.json()["items"] == first["items"]


# --- views ------------------------------------------------------------------------------------------------------------


async def test_a_view_is_kept_in_the_rail_renamed_and_deleted(site: Site) -> None:
    saved = await sent(site, "/boards/views", board="new", filters="tag=vip&category=billing", name="VIP bills")
    address = saved.headers["location"]
    page = await shown(site, address)
    view = re.search(r'action="(/boards/views/[0-9a-f-]+)"', page)
    assert view

    renamed = await sent(site, view[1], name="Bills of VIPs")
    after = await shown(site, address)
    await sent(site, f"{view[1]}/delete")

    assert address == "/boards/new?category=billing&tag=vip"
    assert "<h1>VIP bills" in page
    assert renamed.status_code == 303
    assert ">Bills of VIPs" in after
    assert "Bills of VIPs" not in await shown(site, address)


async def test_a_view_is_seen_by_others_only_once_it_is_shared(site: Site) -> None:
    await sent(site, "/boards/views", board="new", filters="tag=a", name="My own")
    await sent(site, "/boards/views", board="new", filters="tag=b", name="For all", shared="1")

    page = await shown(site, "/boards/new", Role.VIEWER)

    assert "For all" in page
    assert "My own" not in page


async def test_a_view_is_in_the_rail_of_a_ticket_s_page_too(site: Site) -> None:
    ticket = await site.ticket()
    await sent(site, "/boards/views", board="new", filters="tag=a", name="My own")

    assert ">My own" in await shown(site, page_of(ticket))


async def test_a_shared_view_is_changed_by_its_owner_or_an_administrator(site: Site) -> None:
    await sent(site, "/boards/views", board="new", filters="tag=b", name="For all", shared="1")
    assert site.services.views
    (view,) = await site.services.views.seen_by("operator:operator@desk.example")
    address = f"/boards/views/{view.id}"

    by_viewer = await sent(site, address, Role.VIEWER, name="Mine now")
    by_admin = await sent(site, address, Role.ADMIN, name="For everybody", shared="1")

    assert (by_viewer.status_code, by_admin.status_code) == (403, 303)
    (after,) = await site.services.views.seen_by("anybody")
    assert after.name == "For everybody"


async def test_scripts_keep_rename_and_delete_views(site: Site) -> None:
    async with await site.script(Scope.READ, Scope.DRAFT) as script:
        made = await script.post("/views", json={"name": "Late", "board": "needs-action", "filters": "age=1d"})
        again = await script.post("/views", json={"name": "late", "board": "done"})
        address = f"/views/{made.json()['id']}"
        changed = await script.patch(address, json={"name": "Very late", "is_shared": True})
        listed = await script.get("/views")
        gone = await script.delete(address)
        missing = await script.delete(address)

    assert (made.status_code, made.json()["filters"]) == (201, "age=1d")
    assert problem(again, 409)["detail"].startswith("You have a view of that name")
    assert (changed.json()["name"], changed.json()["is_shared"]) == ("Very late", True)
    assert [each["name"] for each in listed.json()["items"]] == ["Very late"]
    assert (gone.status_code, missing.status_code) == (204, 404)


async def test_a_ticket_back_from_a_snooze_says_why(site: Site) -> None:
    ticket = await site.ticket()
    await kept(site, ticket, status=Status.NEEDS_ACTION)
    putting_off = PuttingOff(site.services.store, site.clock)
    await putting_off.snooze(ticket.id, UNTIL_ANSWER, by=await operator(site))
    first = (await site.services.store.conversation(ticket.id)).messages[0].mail
    await arrives(site, a_plain_mail(f"Re: {ticket.subject}", In_Reply_To=first.message_id))

    page, board = await shown(site, page_of(ticket), Role.ADMIN), await shown(site, "/boards/needs-action")

    assert "Back from a snooze: the customer wrote." in page
    assert "operator@desk.example had put it off." in page
    assert "back from snooze" in board
