"""Two people approve: what the first approval is worth, what voids it, and who counts."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.agent.hands import (
    a_drafted_ticket,
    answer,
    draft_of,
    events_of,
    outgoing_of,
    question,
    rebuilt,
    said,
)
from tests.agent.world import ANNA as ADMIN
from tests.agent.world import World
from tickets.audit import EventKind
from tickets.desk_settings import TwoPerson
from tickets.errors import Conflict, StaleDraft
from tickets.outbox import OutboxState
from tickets.people import SCOPES_OF, Actor, OperatorId, Role
from tickets.second_person import PersonNeeded
from tickets.ticket import Draft, Seen, Ticket


def person(name: str) -> Actor:
    return Actor(f"operator:{name}@helios.example", SCOPES_OF[Role.OPERATOR], OperatorId(uuid4()))


ANNA, BO = person("anna"), person("bo")


@pytest.fixture
def two(world: World) -> World:
    """A desk on which two people approve every technical matter."""
    return with_policy(world, TwoPerson(categories=("technical",)))


def with_policy(world: World, policy: TwoPerson) -> World:
    async def read() -> TwoPerson:
        return policy

    world.desk = replace(world.desk, two_person=read)
    return rebuilt(world, studio_may_approve=True)


def seen(draft: Draft) -> Seen:
    return Seen(draft.revision, draft.content_hash, frozenset(flag.id for flag in draft.flags))


async def approve(world: World, ticket: Ticket, by: Actor) -> Ticket:
    return await world.desk.approve_send(ticket.id, seen(await draft_of(world, ticket)), by=by)


async def sent(world: World) -> int:
    """How many mails leave once every undo window is over."""
    await world.work()
    world.clock.advance(60)
    await world.work()
    return len(world.mailbox.sent)


async def test_the_reply_leaves_when_a_second_person_approves_the_same(two: World) -> None:
    ticket = await a_drafted_ticket(two)

    await approve(two, ticket, ANNA)
    waiting = await two.desk.show(ticket.id)
    after_one = await sent(two)
    await approve(two, ticket, BO)

    assert waiting.two_needed
    assert waiting.two_needed.first
    assert waiting.two_needed.first.actor == ANNA.name
    assert waiting.ticket.first_approved_by == ANNA.name
    assert waiting.outgoing is None
    assert after_one == 0
    assert await sent(two) == 1
    (approved,) = await events_of(two, ticket, EventKind.APPROVED)
    assert (approved.actor, said(approved, "first_approved_by")) == (BO.name, ANNA.name)
    assert (await two.store.ticket(ticket.id)).first_approved_by is None


async def test_the_same_person_twice_is_one_person(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    as_token = Actor("token:nightly", ANNA.scopes, ANNA.person_id)

    await approve(two, ticket, ANNA)
    await approve(two, ticket, ANNA)
    await approve(two, ticket, as_token)

    assert await sent(two) == 0
    assert len(await events_of(two, ticket, EventKind.APPROVED_FIRST)) == 1


async def test_a_token_counts_as_its_owner(two: World) -> None:
    ticket = await a_drafted_ticket(two)

    await approve(two, ticket, ANNA)
    await approve(two, ticket, Actor("token:erp", BO.scopes, BO.person_id))

    assert await sent(two) == 1


@pytest.mark.parametrize("by", [ADMIN, Actor("token:nobodys", BO.scopes), Actor("studio", BO.scopes)])
async def test_who_is_nobody_in_particular_is_neither_first_nor_second(two: World, by: Actor) -> None:
    ticket = await a_drafted_ticket(two)

    with pytest.raises(PersonNeeded):
        await approve(two, ticket, by)
    await approve(two, ticket, ANNA)
    with pytest.raises(PersonNeeded):
        await approve(two, ticket, by)

    assert await sent(two) == 0


async def test_studio_is_told_that_two_people_are_needed(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)

    await answer(two, ticket, [{"type": "accept", "args": None}])

    assert "two people" in (await question(two, ticket))["description"]
    assert await sent(two) == 0


async def test_an_edit_voids_the_first_approval(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)
    old = await draft_of(two, ticket)

    await two.desk.edit(ticket.id, old.revision, old.subject, "Other words.", by=BO)
    with pytest.raises(StaleDraft):
        await two.desk.approve_send(ticket.id, seen(old), by=BO)
    await approve(two, ticket, BO)

    (voided,) = await events_of(two, ticket, EventKind.APPROVAL_VOIDED)
    assert (said(voided, "approved_by"), said(voided, "reason")) == (ANNA.name, "the draft was edited")
    assert await sent(two) == 0


async def test_words_that_come_back_as_they_were_are_approved_anew(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)
    old = await draft_of(two, ticket)
    await two.desk.edit(ticket.id, old.revision, old.subject, "Other words.", by=ADMIN)
    await two.desk.edit(ticket.id, old.revision + 1, old.subject, old.body, by=ADMIN)

    await approve(two, ticket, BO)

    assert (await draft_of(two, ticket)).content_hash == old.content_hash
    assert await sent(two) == 0


async def test_a_file_more_voids_it(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)

    await two.desk.attach(ticket.id, 1, "offer.txt", "text/plain", b"42", by=BO)

    assert await two.store.first_approval(ticket.id) is None


async def test_the_customers_next_mail_voids_it(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)

    await two.customer_answers(ticket)
    await two.work()
    await approve(two, ticket, BO)

    assert await sent(two) == 0
    (voided,) = await events_of(two, ticket, EventKind.APPROVAL_VOIDED)
    assert said(voided, "reason") == "the customer wrote again"


async def test_a_redraft_voids_it(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)

    await two.desk.redraft(ticket.id, "Shorter", by=BO)
    await two.work()

    assert await two.store.first_approval(ticket.id) is None


async def test_closing_voids_it(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)

    await two.desk.close(ticket.id, by=BO)

    assert await two.store.first_approval(ticket.id) is None
    assert (await two.store.ticket(ticket.id)).first_approved_by is None


async def test_the_first_approval_can_be_taken_back(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)

    await two.desk.undo(ticket.id, by=ANNA)
    with pytest.raises(Conflict):
        await two.desk.undo(ticket.id, by=ANNA)
    await approve(two, ticket, BO)

    assert await sent(two) == 0


async def test_after_an_undo_both_approve_again(two: World) -> None:
    ticket = await a_drafted_ticket(two)
    await approve(two, ticket, ANNA)
    await approve(two, ticket, BO)

    await two.desk.undo(ticket.id, by=BO)
    await approve(two, ticket, BO)

    assert await sent(two) == 0
    assert (await outgoing_of(two, ticket)).state is OutboxState.CANCELLED


async def test_an_amount_above_the_limit_asks_for_two_and_another_does_not(world: World) -> None:
    limited = with_policy(world, TwoPerson(amount_above=Decimal(500)))
    dear, cheap = await a_drafted_ticket(limited), await a_drafted_ticket(limited)
    await limited.desk.edit(dear.id, 1, "Re: Refund", "We refund 620 EUR.", by=ANNA)
    await limited.desk.edit(cheap.id, 1, "Re: Refund", "We refund 62 EUR.", by=ANNA)

    await approve(limited, dear, ANNA)
    await approve(limited, cheap, ANNA)

    assert await sent(limited) == 1
    assert (await limited.store.ticket(dear.id)).first_approved_by == ANNA.name
