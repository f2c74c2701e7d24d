"""What stands beside a ticket: links to others, a ticket by its number, names and domains that the desk knows."""

from uuid import uuid4

import pytest

from persistence.accounts import SqlAccounts
from tests.ports.store_builders import ADA, NOW, Desk, a_mail
from tickets.audit import AuditEvent, EventKind
from tickets.errors import NotFound
from tickets.mail import Address, MailKind
from tickets.people import Role
from tickets.related import Related
from tickets.status import Status
from tickets.ticket import DraftState, TicketId


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def answered(desk, address):
    ticket = await desk.opened(requester=Address("", address))
    async with desk.store.begin() as tx:
        await tx.add_mail(desk.mail(ticket, a_mail(message_id=f"<{uuid4()}@x>"), kind=MailKind.REPLY))
    return ticket


async def test_a_ticket_on_its_own_has_no_links(desk):
    ticket = await desk.opened()

    assert await desk.store.related(ticket) == Related()


async def test_links_name_the_tickets_they_lead_to(desk):
    old = await desk.opened(status=Status.DONE, subject="The old matter")
    into = await desk.opened()
    ticket = await desk.opened(follows=old.id, merged_into=into.id)

    found = await desk.store.related(ticket)

    assert found.merged_into
    assert found.follows
    assert (found.merged_into.id, found.merged_into.number) == (into.id, into.number)
    assert (found.follows.id, found.follows.subject, found.follows.status) == (old.id, "The old matter", Status.DONE)
    assert found.follows.requester == ADA
    assert found.followed_by is None


async def test_a_closed_ticket_knows_the_newest_that_carries_it_on(desk):
    old = await desk.opened(status=Status.DONE)
    await desk.opened(follows=old.id)
    newest = await desk.opened(follows=old.id)

    found = (await desk.store.related(old)).followed_by

    assert found
    assert found.id == newest.id


async def test_a_ticket_is_found_by_its_number(desk):
    ticket = await desk.opened()

    assert (await desk.store.ticket_numbered(ticket.number)).id == ticket.id
    with pytest.raises(NotFound, match="#999"):
        await desk.store.ticket_numbered(999)


async def test_the_domains_of_answered_customers_are_known_but_not_the_tickets_own(desk):
    await answered(desk, "jo@sonnenhof.example")
    await desk.opened(requester=Address("", "eve@never-answered.example"))
    own = await answered(desk, "bo@solar.example")

    known = await desk.store.familiar(own.id)
    from_elsewhere = await desk.store.familiar(TicketId(uuid4()))

    assert known.customer_domains == ("sonnenhof.example",)
    assert from_elsewhere.customer_domains == ("solar.example", "sonnenhof.example")


async def test_the_names_of_operators_are_known(desk):
    event = AuditEvent(EventKind.OPERATOR_ADDED, "console", NOW)
    await SqlAccounts(desk.database).add_operator("bea@desk.example", "Bea Lind", Role.OPERATOR, "-", event)
    await SqlAccounts(desk.database).add_operator("al@desk.example", "", Role.OPERATOR, "-", event)

    assert (await desk.store.familiar(TicketId(uuid4()))).operator_names == ("Bea Lind",)


async def test_a_customers_other_tickets_come_newest_first_page_by_page_with_counts(desk):
    older = [await desk.opened(status=Status.DONE), await desk.opened()]
    ticket = await desk.opened()
    for number, each in enumerate((*older, ticket)):
        await desk.received(each, a_mail(message_id=f"<{number}@x>", sender=ADA))
    await desk.received(await desk.opened(), a_mail(sender=Address("", "bo@example.org")))

    first = await desk.store.customers_tickets(ticket, limit=1)
    second = await desk.store.customers_tickets(ticket, limit=1, below=first.after)

    assert [each.number for each in (*first.tickets, *second.tickets)] == [older[1].number, older[0].number]
    assert (first.counts, first.total, second.after) == ({Status.DONE: 1, Status.NEW: 1}, 2, None)


async def test_tickets_of_the_same_kind_tell_how_they_ended(desk):
    ticket = await desk.opened(category="billing")
    same = await desk.opened(category="billing")
    await desk.drafted(same, 1, state=DraftState.SENT)
    await desk.opened(category="sales")
    await desk.opened(category="billing", merged_into=same.id)

    (found,) = await desk.store.of_the_same_kind(ticket, 10)

    assert (found.id, found.outcome) == (same.id, "sent")
    assert await desk.store.of_the_same_kind(await desk.opened(), 10) == ()


async def test_tickets_with_a_telling_word_of_the_subject_are_found_however_old_they_are(desk):
    old = await desk.opened(category="billing", subject="Prüfung der Sammelrechnungen")
    await desk.received(old, a_mail(subject=old.subject))
    for number in range(3):
        newer = await desk.opened(category="billing", subject="Something else")
        await desk.received(newer, a_mail(message_id=f"<{number}@x>", subject=newer.subject))
    elsewhere = await desk.opened(category="sales", subject="Sammelrechnung")
    await desk.received(elsewhere, a_mail(message_id="<sales@x>", subject=elsewhere.subject))
    ticket = await desk.opened(category="billing", subject="Re: Sammelrechnung fehlt")

    found = await desk.store.with_words_of(ticket, 10)

    assert [each.id for each in found] == [old.id]
    assert await desk.store.with_words_of(await desk.opened(category="billing", subject=":-)"), 10) == ()
