"""Replies that wait or have ended, as the tables list them, and the correction of what left under another id."""

from dataclasses import replace

import pytest

from tests.ports.store_builders import NOW, SECOND, Desk, a_mail, new_mailbox
from tickets.mail import MailKind
from tickets.outbox import ENDED, IN_FLIGHT, OutboxState, Outgoing, Receipt
from tickets.ticket import Ticket

RECEIPT = Receipt("gmail-1", "<real@mail.gmail.com>", "thread-1")


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def replies(desk: Desk, ticket: Ticket, **changes) -> dict[OutboxState, Outgoing]:
    """One reply in each state."""
    return {
        state: await desk.approved(ticket, revision, state=state, **changes)
        for revision, state in enumerate(OutboxState, 1)
    }


async def sent_reply(desk: Desk, ticket: Ticket, provider_id: str = "by-hand") -> Outgoing:
    outgoing = await desk.approved(ticket, state=OutboxState.SENT, next_at=None)
    mail = a_mail(message_id=outgoing.message_id)
    await desk.received(ticket, mail, kind=MailKind.REPLY, provider_id=provider_id)
    return outgoing


async def test_only_replies_that_have_ended_are_cleared_up(desk):
    made = await replies(desk, await desk.opened(), next_at=None)

    found = await desk.store.untidy(desk.mailbox.id, NOW, 20)

    assert {outgoing.state for outgoing in found} == ENDED
    assert {outgoing.id for outgoing in found} == {made[state].id for state in ENDED}


async def test_a_reply_is_read_as_it_was_written_and_once_it_is_tidy_not_at_all(desk):
    outgoing = await desk.approved(await desk.opened(), state=OutboxState.FAILED, next_at=None)
    assert await desk.store.untidy(desk.mailbox.id, NOW, 20) == (outgoing,)

    async with desk.store.begin() as tx:
        assert await tx.move_outgoing(outgoing, replace(outgoing, is_tidy=True))

    assert await desk.store.untidy(desk.mailbox.id, NOW, 20) == ()


async def test_a_reply_that_was_put_off_comes_back_at_its_time(desk):
    await desk.approved(await desk.opened(), state=OutboxState.SENT, next_at=NOW + SECOND)

    assert await desk.store.untidy(desk.mailbox.id, NOW, 20) == ()
    assert len(await desk.store.untidy(desk.mailbox.id, NOW + SECOND, 20)) == 1


async def test_pages_follow_one_another_and_stay_in_their_mailbox(desk):
    ticket = await desk.opened()
    made = [await desk.approved(ticket, n, state=OutboxState.FAILED, next_at=None) for n in range(1, 6)]
    other = await new_mailbox(desk.database, "other@helios.example")

    first = await desk.store.untidy(desk.mailbox.id, NOW, 3)
    second = await desk.store.untidy(desk.mailbox.id, NOW, 3, first[-1].id)

    assert len(first) == 3
    assert {outgoing.id for outgoing in first + second} == {outgoing.id for outgoing in made}
    assert await desk.store.untidy(other.id, NOW, 3) == ()


async def test_what_waits_is_in_flight_put_off_and_in_nobodys_hands(desk):
    ticket = await desk.opened()
    await replies(desk, ticket, next_at=NOW + SECOND)
    await desk.approved(await desk.opened(), 1, state=OutboxState.DRAFTED, next_at=NOW + SECOND, claim="a run")
    await desk.approved(await desk.opened(), 1, state=OutboxState.DRAFTED, next_at=NOW)

    waiting = await desk.store.waiting(desk.mailbox.id, NOW)

    assert {outgoing.state for outgoing in waiting} == IN_FLIGHT
    assert len(waiting) == len(IN_FLIGHT)


async def test_the_mail_on_the_ticket_gets_the_id_under_which_it_left(desk):
    ticket = await desk.opened()
    outgoing = await sent_reply(desk, ticket)

    async with desk.store.begin() as tx:
        await tx.sent_as(outgoing, RECEIPT)

    (message,) = (await desk.store.conversation(ticket.id)).messages
    assert message.mail.message_id == RECEIPT.message_id
    assert await desk.store.unknown_provider_ids(desk.mailbox.id, ["gmail-1", "by-hand"]) == {"by-hand"}
    async with desk.store.begin() as tx:
        assert await tx.ticket_in_provider_thread(desk.mailbox.id, "thread-1") == ticket.id


@pytest.mark.parametrize("taken", [{"provider_id": "gmail-1"}, {"message_id": "<real@mail.gmail.com>"}])
async def test_a_mail_that_is_on_record_under_that_id_already_is_left_alone(desk, taken):
    ticket = await desk.opened()
    outgoing = await sent_reply(desk, ticket)
    message_id = taken.get("message_id", "<another@example.org>")
    provider_id = taken.get("provider_id", "gmail-2")
    await desk.received(ticket, a_mail(message_id=message_id), kind=MailKind.HUMAN_REPLY, provider_id=provider_id)

    async with desk.store.begin() as tx:
        await tx.sent_as(outgoing, RECEIPT)

    messages = (await desk.store.conversation(ticket.id)).messages
    assert {message.mail.message_id for message in messages} == {outgoing.message_id, message_id}
