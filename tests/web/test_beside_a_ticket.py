"""What stands beside a ticket: ready texts, sources, similar tickets, the customer's others, the workflow, headers."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import httpx

from adapters.memory import MemoryKnowledge
from tests.web.arriving import a_plain_mail, arrives
from tests.web.asking import problem
from tests.web.browsing import current, form_of, page_of
from tests.web.site import Site
from tickets.people import CONSOLE
from tickets.ticket import Article, Category, Source, Ticket, TicketId
from tickets.time_travel import Step, StepState


def a_macro(name: str, body: str, language: str = "en") -> Article:
    return Article(f"macro-{name}", name.capitalize(), body, Category.TECHNICAL, language, is_macro=True)


RESTART = a_macro("restart", "Hello {{customer_name}}, ticket {{ticket_number}}: restart it on {{day}}.")
KNOWN = (
    RESTART,
    a_macro("neustart", "Bitte neu starten.", "de"),
    a_macro("technician", "We send a technician."),
    a_macro("lamp", "The red light blinks when it waits."),
    Article("codes", "Error codes", "403 means no grid.\n\nWait.", Category.TECHNICAL, "en"),
)


class Told:
    """A workflow's past that was written down beforehand."""

    async def steps(self, ticket_id: TicketId, limit: int = 100) -> Sequence[Step]:
        at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        return [
            Step("2", at, "human_approval", StepState.WAITING, 1),
            Step("1", at, "plan", StepState.FAILED, 1, error="TimeoutError"),
            Step("0", at, "classify", StepState.DONE, 1, {"category": "technical", "needs_reply": True}),
        ][:limit]


def furnished(site: Site) -> Site:
    return site.with_services(knowledge=MemoryKnowledge(KNOWN), past=Told())


async def test_three_ready_texts_are_offered_with_the_blanks_filled_that_the_desk_knows(site: Site) -> None:
    site = furnished(site)
    ticket = await site.ticket()
    await site.draft(ticket)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text

    assert page.count("data-insert=") == 3
    assert f"Hello Anna Keller, ticket {ticket.number}: restart it on {{{{day}}}}." in page


async def test_without_a_script_a_ready_text_goes_below_what_is_typed(site: Site) -> None:
    site = furnished(site)
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        form = form_of(draft, body="Typed with care.") | {"macro": "macro-technician"}
        answer = await browser.post(page_of(ticket, "macro"), data=form)
        page = (await browser.get(page_of(ticket))).text

    assert answer.status_code == 303
    assert "\nTyped with care.\n\nWe send a technician.</textarea>" in page


async def test_a_blank_that_is_still_open_blocks_the_approval_until_it_is_confirmed_or_filled(site: Site) -> None:
    site = furnished(site)
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        refused = await browser.post(page_of(ticket, "approve"), data=form_of(draft, body="Come on {{day}}."))
        _, blank, _ = await current(site, ticket)
        assert blank
        await browser.post(page_of(ticket, "approve"), data=form_of(blank, body="Come on Friday."))

    assert refused.status_code == 409
    assert "1 blank(s) of a ready text" in refused.text
    assert [flag.text for flag in blank.flags] == ["{{day}}"]
    assert (await current(site, ticket))[0].is_leaving


async def test_a_ready_text_that_is_gone_is_refused_and_nothing_typed_is_lost(site: Site) -> None:
    site = furnished(site)
    ticket = await site.ticket()
    draft = await site.draft(ticket)

    async with await site.browser() as browser:
        answer = await browser.post(page_of(ticket, "macro"), data=form_of(draft, body="Typed.") | {"macro": "gone"})

    assert answer.status_code == 404


async def test_a_source_is_read_in_place_or_on_a_page_of_its_own(site: Site) -> None:
    site = furnished(site)
    ticket = await site.ticket()
    draft = await site.draft(ticket)
    cited = replace(draft, revision=2, made_for="mail:1", sources=(Source("codes", "Error codes"),))
    async with site.services.store.begin() as tx:
        await tx.add_draft(cited)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text
        part = (await browser.get(page_of(ticket, "sources/codes"), headers={"HX-Request": "true"})).text
        whole = (await browser.get(page_of(ticket, "sources/codes"))).text
        gone = await browser.get(page_of(ticket, "sources/none"))

    assert f'href="{page_of(ticket, "sources/codes")}"' in page
    assert "403 means no grid." in part
    assert "<html" not in part
    assert "<html" in whole
    assert gone.status_code == 404


async def test_the_customers_other_tickets_are_listed_with_their_number(site: Site) -> None:
    first = await arrives(site, a_plain_mail("The first matter"))
    await arrives(site, a_plain_mail("Somebody else", "Bo Lind <bo@solar.example>"))
    second = await arrives(site, a_plain_mail("The second matter"))

    async with await site.browser() as browser:
        page = (await browser.get(page_of(second))).text
        whole = (await browser.get(page_of(second, "customer"))).text

    for each in (page, whole):
        assert f'href="{page_of(first)}"' in each
        assert "Somebody else" not in each
    assert "1 other ticket" in page


async def test_scripts_read_the_customers_tickets_page_by_page(site: Site, script: httpx.AsyncClient) -> None:
    tickets = [await arrives(site, a_plain_mail(f"Matter {n}")) for n in range(4)]
    address = f"/tickets/{tickets[0].id}/customer"

    one = (await script.get(address, params={"limit": 2})).json()
    two = (await script.get(address, params={"limit": 2, "below": one["next_below"]})).json()

    assert [each["number"] for each in one["items"]] == [tickets[3].number, tickets[2].number]
    assert [each["number"] for each in two["items"]] == [tickets[1].number]
    assert (one["counts"], two["next_below"]) == ({"NEW": 3}, None)


async def triaged(site: Site, subject: str, category: Category = Category.TECHNICAL) -> Ticket:
    ticket = await arrives(site, a_plain_mail(subject, f"{subject[:3]}@x.example"))
    async with site.services.store.begin() as tx:
        ticket = replace(await tx.ticket(ticket.id), category=category)
        await tx.save(ticket)
    return ticket


async def test_similar_tickets_share_the_category_and_telling_words(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await triaged(site, "Inverter shows error 403")
    same = await triaged(site, "Error 403 on the inverter again")
    await triaged(site, "Question about the app")
    await triaged(site, "Inverter error 403 invoice", Category.BILLING)

    found = (await script.get(f"/tickets/{ticket.id}/similar")).json()["items"]

    assert [each["number"] for each in found] == [same.number]


async def test_the_workflows_steps_are_told_in_words(site: Site, script: httpx.AsyncClient) -> None:
    site = furnished(site)
    ticket = await site.ticket()

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket, "workflow"))).text
    async with site.visitor(dict(script.headers)) as own:
        told = (await own.get(f"/tickets/{ticket.id}/history", params={"limit": 2})).json()["items"]

    assert "Asks for approval" in page
    assert "TimeoutError" in page
    assert [(each["node"], each["state"]) for each in told] == [("human_approval", "waiting"), ("plan", "failed")]


async def test_a_desk_without_a_workflow_says_so(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()

    assert problem(await script.get(f"/tickets/{ticket.id}/history"), 404)


async def test_the_header_of_a_mail_is_readable(site: Site, script: httpx.AsyncClient) -> None:
    ticket = await site.ticket()
    (message,) = (await site.services.store.conversation(ticket.id)).messages

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket, f"mails/{message.id}/headers"))).text
    told = (await script.get(f"/tickets/{ticket.id}/mails/{message.id}/headers")).json()

    assert "<dt>Message-ID</dt>" in page
    assert {"name": "From", "value": "Anna Keller <anna@keller.example>"} in told["items"]
    assert not told["cut"]


async def test_an_approval_of_the_agents_own_words_is_recorded_as_unchanged(site: Site) -> None:
    ticket = await site.ticket()
    draft = await site.draft(ticket)
    written = replace(draft, revision=2, made_for="mail:1", written_by="model")
    async with site.services.store.begin() as tx:
        await tx.add_draft(written)

    await site.services.desk.edit(ticket.id, 2, draft.subject, f"{draft.body} Thanks.", by=CONSOLE)
    _, changed, _ = await current(site, ticket)
    assert changed
    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket, "changes"), headers={"HX-Request": "true"})).text
        await browser.post(page_of(ticket, "approve"), data=form_of(changed))

    approved = (await site.services.store.events(ticket.id))[-1]
    assert "Thanks" in page.split("<ins>")[1].split("</ins>")[0]
    assert approved.fields
    assert (approved.fields["unchanged"], approved.fields["words_added"]) == (False, 2)


async def test_without_a_draft_of_the_agents_no_comparison_is_offered_and_none_is_an_error(site: Site) -> None:
    ticket = await site.ticket()
    await site.services.desk.edit(ticket.id, 0, "Hello", "All of it mine.", by=CONSOLE)
    await site.services.desk.edit(ticket.id, 1, "Hello", "All of it mine, twice.", by=CONSOLE)

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text
        whole = await browser.get(page_of(ticket, "changes"))
        part = await browser.get(page_of(ticket, "changes"), headers={"HX-Request": "true"})

    assert "What was changed of the agent" not in page
    assert (whole.status_code, part.status_code) == (200, 200)
    assert "The agent wrote no draft here" in part.text


async def test_older_mails_of_a_long_conversation_are_folded(site: Site) -> None:
    first = a_plain_mail("A long story")
    ticket = await arrives(site, first)
    for number in range(8):
        await arrives(site, a_plain_mail("Re: A long story", text=f"Part {number}", In_Reply_To=first["Message-ID"]))

    async with await site.browser() as browser:
        page = (await browser.get(page_of(ticket))).text

    assert page.count('<article class="mail ') == 9
    assert page.count('<details class="older"') == 4
    assert "4 older mails are folded." in page
