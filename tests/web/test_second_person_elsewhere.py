"""Two people approve, whichever way the approvals come: nothing else of the desk lets a reply leave with one."""

from decimal import Decimal
from secrets import token_urlsafe

import httpx
import pytest

from api.accounts_use import create_token
from graph.approvals import Approvals
from graph.inbox import ApprovalInbox
from tests.web.asking import problem
from tests.web.site import Site
from tickets.desk_settings import Change, TwoPerson
from tickets.people import CONSOLE, Role, Scope
from tickets.ticket import Draft, DraftState, Ticket

SCOPES = (Scope.READ, Scope.DRAFT, Scope.APPROVE)


@pytest.fixture
async def site(site: Site) -> Site:
    """The desk with Agent Inbox, from which replies may be approved; above 500 EUR two people approve."""
    services = site.services
    approvals = Approvals(services.store, services.desk, site.clock, "http://desk.example/boards/tickets", True)
    await services.desk_settings.write(
        Change(TwoPerson(amount_above=Decimal(500)), 0), by=CONSOLE, now=site.clock.now()
    )
    return site.with_services(inbox=ApprovalInbox(approvals))


@pytest.fixture
async def waiting(site: Site) -> tuple[Ticket, Draft]:
    ticket = await site.ticket()
    return ticket, await site.draft(ticket, "We refund 620 EUR.")


async def token_of(site: Site, role: Role | None) -> httpx.AsyncClient:
    """A script with the token of that person, or of nobody."""
    owner = (await site.operator(role)).id if role else None
    name, now = f"inbox {token_urlsafe(4)}", site.clock.now()
    secret = await create_token(site.accounts, name, SCOPES, by=CONSOLE, now=now, owner_id=owner)
    return site.visitor({"X-Api-Key": secret})


async def accepts(site: Site, ticket: Ticket, role: Role | None, verb: str = "runs") -> httpx.Response:
    answer = {"assistant_id": "ticket", "command": {"resume": [{"type": "accept", "args": None}]}}
    async with await token_of(site, role) as inbox:
        return await inbox.post(f"/agent-inbox/threads/{ticket.id}/{verb}", json=answer)


async def stands(site: Site, ticket: Ticket) -> tuple[DraftState, bool, bool]:
    """The draft's state, whether a reply is in the outbox, and whether one of two has approved."""
    store = site.services.store
    draft = await store.current_draft(ticket.id)
    assert draft
    first = await store.first_approval(ticket.id)
    return draft.state, await store.latest_outgoing(ticket.id) is not None, first is not None


@pytest.mark.parametrize("verb", ["runs", "runs/stream"])
async def test_the_first_who_accepts_in_agent_inbox_sends_nothing(
    site: Site, waiting: tuple[Ticket, Draft], verb: str
) -> None:
    ticket, _ = waiting

    answers = [await accepts(site, ticket, Role.OPERATOR, verb) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert ("one of two people" in answers[0].text) is (verb == "runs/stream")
    assert await stands(site, ticket) == (DraftState.OPEN, False, True)


async def test_a_second_person_in_agent_inbox_approves_it(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, _ = waiting

    await accepts(site, ticket, Role.OPERATOR)
    await accepts(site, ticket, Role.ADMIN)

    assert await stands(site, ticket) == (DraftState.APPROVED, True, False)


async def test_a_page_and_agent_inbox_count_the_same_person_once(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, draft = waiting
    form = {"revision": str(draft.revision), "content_hash": draft.content_hash, "subject": draft.subject}
    async with await site.browser(Role.OPERATOR) as browser:
        await browser.post(f"/boards/tickets/{ticket.id}/approve", data=form | {"body": draft.body})

    await accepts(site, ticket, Role.OPERATOR)

    assert await stands(site, ticket) == (DraftState.OPEN, False, True)


async def test_a_token_of_nobody_is_no_person_in_agent_inbox(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, _ = waiting

    await accepts(site, ticket, None)

    assert await stands(site, ticket) == (DraftState.OPEN, False, False)


async def test_words_that_the_second_changes_in_agent_inbox_start_over(
    site: Site, waiting: tuple[Ticket, Draft]
) -> None:
    ticket, draft = waiting
    await accepts(site, ticket, Role.OPERATOR)
    edited = {"action": "send_reply", "args": {"subject": draft.subject, "body": "We refund 9,000 EUR."}}
    answer = {"assistant_id": "ticket", "command": {"resume": [{"type": "edit", "args": edited}]}}

    async with await token_of(site, Role.ADMIN) as inbox:
        await inbox.post(f"/agent-inbox/threads/{ticket.id}/runs", json=answer)

    first = await site.services.store.first_approval(ticket.id)
    assert await stands(site, ticket) == (DraftState.OPEN, False, True)
    assert first is not None
    assert (first.person_id, first.revision) == ((await site.operator(Role.ADMIN)).id, draft.revision + 1)


async def test_no_state_that_is_written_from_outside_approves(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, _ = waiting
    async with await token_of(site, Role.OPERATOR) as inbox:
        for state in (
            {"as_node": "human_approval", "values": {}},
            {"as_node": "__end__", "values": {"outcome": "sent"}},
        ):
            refused = await inbox.post(f"/agent-inbox/threads/{ticket.id}/state", json=state)
            assert refused.status_code == 409

    assert await stands(site, ticket) == (DraftState.OPEN, False, False)


@pytest.mark.parametrize("step", ["approve", "approve_send", "send", "undo"])
async def test_no_step_on_many_tickets_approves(site: Site, waiting: tuple[Ticket, Draft], step: str) -> None:
    ticket, _ = waiting
    await accepts(site, ticket, Role.OPERATOR)

    async with await site.browser(Role.ADMIN) as browser:
        page = await browser.post("/boards/bulk", data={"ticket": [str(ticket.id)], "step": step})
    async with await site.script(*SCOPES) as script:
        problem(await script.post("/tickets/bulk", json={"tickets": [str(ticket.id)], "step": step}), 400)

    assert page.status_code == 400
    assert await stands(site, ticket) == (DraftState.OPEN, False, True)


async def test_closing_many_voids_the_first_approval(site: Site, waiting: tuple[Ticket, Draft]) -> None:
    ticket, _ = waiting
    await accepts(site, ticket, Role.OPERATOR)

    async with await site.browser(Role.ADMIN) as browser:
        await browser.post("/boards/bulk", data={"ticket": [str(ticket.id)], "step": "close"})

    assert await stands(site, ticket) == (DraftState.SUPERSEDED, False, False)
