"""What people read of a category is its title, and its target decides what is due."""

from datetime import time

from adapters.memory import MemoryKnowledge, MemoryModel
from tests.web.site import Site
from tickets.agent import Agent
from tickets.categories import Categories
from tickets.desk_settings import BusinessHours, Change, Section, ServiceLevels, Target
from tickets.people import CONSOLE
from tickets.ticket import Ticket

ROUND_THE_CLOCK = BusinessHours("UTC", (0, 1, 2, 3, 4, 5, 6), time(), time())


async def read(site: Site, *sections: Section) -> Ticket:
    """A ticket that triage has read, once these settings hold."""
    services = site.services
    for value in sections:
        stored = await services.desk_settings.stored(type(value))
        await services.desk_settings.write(Change(value, stored.version), by=CONSOLE, now=site.clock.now())
    ticket = await site.ticket("Inverter shows error 403")
    agent = Agent(services.store, MemoryModel(), MemoryKnowledge(()), site.clock, settings=services.desk_settings)
    await agent.triage(ticket.id, ticket.work_seq)
    return await services.store.ticket(ticket.id)


async def test_ticket_search_and_board_say_the_title_of_a_category_also_of_a_retired_one(site: Site) -> None:
    plain = await read(site)
    assert plain.category
    named = Categories().changed(plain.category, "Under the Sun", "").retired(plain.category)
    await read(site, named)

    async with await site.browser() as browser:
        page = (await browser.get(f"/boards/tickets/{plain.id}")).text
        found = (await browser.get("/boards/search?q=Inverter")).text
        board = (await browser.get("/boards/new")).text

    assert '<span class="tag">Under the Sun</span>' in page
    assert "Why Under the Sun," in page
    assert "Read as Under the Sun," in page
    assert '<span class="tag">Under the Sun</span>' in found
    assert '<span class="kind">Under the Sun</span>' in board


async def test_the_target_of_its_category_makes_a_ticket_late_on_the_board_and_on_its_page(site: Site) -> None:
    first = await read(site, ROUND_THE_CLOCK)
    assert first.category
    levels = ServiceLevels({"normal": Target(6000)}, {first.category: Target(60)})
    stored = await site.services.desk_settings.stored(ServiceLevels)
    change: Change[Section] = Change(levels, stored.version)
    await site.services.desk_settings.write(change, by=CONSOLE, now=site.clock.now())
    site.clock.advance(30)
    async with await site.browser() as browser:
        early = (await browser.get(f"/boards/tickets/{first.id}")).text
    site.clock.advance(3 * 3600)

    async with await site.browser() as browser:
        page = (await browser.get(f"/boards/tickets/{first.id}")).text
        board = (await browser.get("/boards/new")).text

    assert "answer due" in early
    assert "answer 2h 00m late" in page
    assert "2h 00m late" in board
