"""What a person does with a ticket's page, and how far its draft or delivery has come."""

import re
from dataclasses import replace

from tests.web.site import Site
from tickets.outbox import OutboxState, Outgoing
from tickets.ticket import Draft, DraftState, Flag, Ticket


def page_of(ticket: Ticket, verb: str = "") -> str:
    return f"/boards/tickets/{ticket.id}" + (f"/{verb}" if verb else "")


def form_of(draft: Draft, **changes: str) -> dict[str, str]:
    """The draft's form as the page shows it; browsers send text with CRLF line ends."""
    fields = {
        "revision": str(draft.revision),
        "content_hash": draft.content_hash,
        "subject": draft.subject,
        "body": draft.body.replace("\n", "\r\n"),
    }
    return fields | changes


def footer_of(page: str) -> str:
    found = re.search(r'<footer class="go.*?</footer>', page, re.DOTALL)
    assert found, "the page has no action bar"
    return found.group()


async def current(site: Site, ticket: Ticket) -> tuple[Ticket, Draft | None, Outgoing | None]:
    store = site.services.store
    return (
        await store.ticket(ticket.id),
        await store.current_draft(ticket.id),
        await store.latest_outgoing(ticket.id),
    )


async def with_flags(site: Site, ticket: Ticket, *texts: str) -> Draft:
    """The agent's draft, which claims things that no source says."""
    plain = await site.draft(ticket)
    flags = tuple(Flag(f"flag-{n}", "amount", text, "is in no source.") for n, text in enumerate(texts))
    draft = replace(plain, revision=plain.revision + 1, body=" and ".join(texts), made_for="mail:1", flags=flags)
    async with site.services.store.begin() as tx:
        await tx.set_draft_state(ticket.id, plain.revision, DraftState.SUPERSEDED)
        await tx.add_draft(draft)
    return draft


async def with_delivery(site: Site, ticket: Ticket, state: OutboxState) -> None:
    """The ticket's reply is approved and its delivery has come as far as that."""
    draft = await site.draft(ticket)
    async with await site.browser() as browser:
        await browser.post(page_of(ticket, "approve"), data=form_of(draft))
    async with site.services.store.begin() as tx:
        outgoing = await tx.latest_outgoing(ticket.id)
        assert outgoing
        await tx.move_outgoing(outgoing, replace(outgoing, state=state, next_at=None))
