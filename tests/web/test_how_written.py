"""A ticket's page tells who made each step, and which version of the instructions the model had."""

from dataclasses import replace

from tests.ports.conversations import a_plan, a_triage
from tests.web.browsing import page_of
from tests.web.site import Site

STAMP = "triage@1 8e24faa3, common@1 3ba8a8ba"


async def test_the_page_names_model_and_instructions_of_each_step(site: Site) -> None:
    ticket = await site.ticket()
    async with site.services.store.begin() as tx:
        await tx.keep_triage(ticket.id, 1, replace(a_triage(), written_by="test:large", prompt=STAMP))
        await tx.keep_plan(ticket.id, 1, a_plan())
    await site.draft(ticket)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text

    told = page.split("How this was written")[1].split("</details>")[0]
    assert f"instructions {STAMP}" in told
    assert "written by large" in told
    assert "A person wrote or changed this draft." in told
