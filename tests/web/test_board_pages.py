"""The boards in a browser, over a real database. Nothing here needs a script to run in the page."""

import re

import pytest

from tests.web.browsing import page_of, with_flags
from tests.web.site import ADDRESS, Site, a_mail
from tickets.boards import MailboxState
from tickets.people import Role

BOARDS = ("new", "needs-action", "waiting", "done")


async def test_the_boards_begin_with_what_needs_people(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get("/boards")

    assert (answer.status_code, answer.headers["location"]) == (303, "/boards/needs-action")


async def test_a_ticket_is_on_the_board_of_its_status_and_on_no_other(site: Site) -> None:
    ticket = await site.ticket("Wechselrichter & Zähler")

    async with await site.browser() as browser:
        shown_on = [board for board in BOARDS if str(ticket.id) in (await browser.get(f"/boards/{board}")).text]

    assert shown_on == ["new"]


async def test_a_customers_words_are_shown_as_words(site: Site) -> None:
    ticket = await site.ticket("<script>alert(1)</script>")

    async with await site.browser() as browser:
        pages = [(await browser.get(path)).text for path in ("/boards/new", page_of(ticket))]

    assert all("<script>alert" not in page and "&lt;script&gt;alert(1)" in page for page in pages)


async def test_an_empty_board_says_so_and_when_mail_was_last_synced(site: Site) -> None:
    await site.services.sync.run()

    async with await site.browser() as browser:
        page = (await browser.get("/boards/done")).text

    assert "All clear" in page
    assert "Mail was last synced 0 s ago" in page


async def test_a_board_that_does_not_exist_is_a_page_that_leads_back(site: Site) -> None:
    async with await site.browser() as browser:
        answer = await browser.get("/boards/lost")

    assert answer.status_code == 404
    assert "needs-action" in answer.text
    assert 'href="/boards"' in answer.text


async def test_scripts_on_a_board_get_the_parts_that_change_and_not_the_page_around_them(site: Site) -> None:
    ticket = await site.ticket()

    async with await site.browser() as browser:
        part = await browser.get("/boards/new", headers={"HX-Request": "true"})

    assert str(ticket.id) in part.text
    assert "<html" not in part.text
    assert part.headers["vary"] == "HX-Request"
    assert all(f'id="{name}"' in part.text for name in ("rail-live", "board-live", "banners-live", "version"))


async def test_a_search_looks_on_this_board_or_on_all(site: Site) -> None:
    ticket = await site.ticket("Garantie de l'onduleur")

    async with await site.browser() as browser:
        here = (await browser.get("/boards/done", params={"q": "onduleur"})).text
        everywhere = (await browser.get("/boards/done", params={"q": "onduleur", "everywhere": "1"})).text

    assert "Nothing found" in here
    assert str(ticket.id) in everywhere


async def test_the_filter_for_mine_shows_my_tickets_only(site: Site) -> None:
    mine, other = await site.ticket("Mine"), await site.ticket("Another one")

    async with await site.browser() as browser:
        await browser.post(page_of(mine, "assign"), data={"assignee": "operator@desk.example"})
        page = (await browser.get("/boards/new", params={"assignee": "mine"})).text

    assert str(mine.id) in page
    assert str(other.id) not in page


async def test_a_long_board_goes_on_on_the_next_page(site: Site) -> None:
    for number in range(51):
        site.mailbox.receive(a_mail(f"Mail {number}", f"Anna <anna{number}@keller.example>"))
    await site.services.sync.run()

    async with await site.browser() as browser:
        first = (await browser.get("/boards/new")).text
        next_page = re.search(r'rel="next" href="([^"]+)"', first)
        assert next_page
        second = (await browser.get(next_page[1].replace("&amp;", "&"))).text

    assert (first.count(" data-ticket>"), second.count(" data-ticket>")) == (50, 1)
    assert 'rel="next"' not in second


@pytest.mark.parametrize("board", BOARDS)
async def test_every_board_says_that_a_mailbox_is_disconnected_and_how_to_reconnect_it(board: str, site: Site) -> None:
    (mailbox,) = await site.services.store.mailboxes()
    async with site.services.store.begin() as tx:
        await tx.mailbox_is(mailbox.id, MailboxState.RECONNECT_REQUIRED, "The token was revoked.", site.clock.now())

    async with await site.browser() as browser:
        page = (await browser.get(f"/boards/{board}")).text

    assert f"<b>{ADDRESS}</b>" in page
    assert "is disconnected" in page
    assert "communication-agent connect gmail" in page


async def test_the_boards_say_that_answers_are_written_without_a_model(site: Site) -> None:
    told = site.with_settings(model_notice="No language model is configured.")

    async with await told.browser() as browser:
        page = (await browser.get("/boards/new")).text

    assert "No language model is configured." in page


async def test_links_stay_below_the_place_where_the_desk_is_mounted(site: Site) -> None:
    ticket = await site.ticket()
    cookie, _ = await site.session_of(Role.OPERATOR)

    async with site.visitor({"cookie": f"ca_session={cookie}"}, root_path="/app") as browser:
        pages = [(await browser.get(f"/app{path}")).text for path in ("/boards/new", page_of(ticket))]

    for page in pages:
        addresses = re.findall(r'(?:href|action|src|formaction|data-stream|data-url|hx-get)="(/[^"]*)"', page)
        assert addresses
        assert [address for address in addresses if not address.startswith("/app/")] == []


async def test_no_page_carries_a_style_or_a_script_of_its_own(site: Site) -> None:
    ticket = await site.ticket()
    await with_flags(site, ticket, "50 EUR")

    async with await site.browser() as browser:
        for path in ("/boards/new", "/boards/needs-action", "/boards/quarantine", page_of(ticket), "/boards/lost"):
            page = (await browser.get(path)).text

            assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page), path
            assert not re.search(r"<script(?![^>]*\ssrc=)", page), path


async def test_the_words_in_the_box_lead_on_to_the_search_over_all_mail(site: Site) -> None:
    async with await site.browser() as visitor:
        page = (await visitor.get("/boards/needs-action", params={"q": 'red "light" & more'})).text

    assert 'href="/boards/search?q=red%20%22light%22%20%26%20more">All mail and notes</a>' in page
    assert 'href="/boards/search?q=red%20%22light%22%20%26%20more">Search all mail and notes</a>' in page
