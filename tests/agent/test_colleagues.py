"""Colleagues who write without the desk: they answer customers, hand mails on, or are somebody who says so."""

import pytest

from tests.agent.arriving import (
    CUSTOMER,
    FAILED,
    VERIFIED,
    again,
    an_operator,
    arrives,
    closed,
    conversation,
    last,
    opened,
    own_id,
    with_policy,
)
from tests.agent.world import ADDRESS, World
from tests.service import a_mail
from tickets.mail import MailKind, SenderVerdict
from tickets.status import Status

FORWARDED = (
    "Can somebody answer this?\n\n---------- Forwarded message ---------\nFrom: Carl Roth <carl@example.org>\n"
    "Date: Mon, 2 Mar 2026\nSubject: Inverter beeps\nTo: <bea@helios-staff.example>\n\nIt beeps at night.\n"
)


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


# --- forwards ---------------------------------------------------------------------------------------------------------


async def forwards(world: World, sender: str, results: str) -> None:
    await arrives(world, sender=sender, subject="Fwd: Inverter beeps", text=FORWARDED, Authentication_Results=results)
    await world.work()


async def test_a_mail_that_an_operator_forwards_is_the_customers(world: World) -> None:
    await forwards(world, await an_operator(world), VERIFIED)

    (ticket,) = await world.tickets()
    draft = await world.store.current_draft(ticket.id)
    assert draft is not None
    assert (ticket.requester.label, ticket.subject) == ("Carl Roth", "Inverter beeps")
    assert [each.address for each in draft.to] == ["carl@example.org"]


async def test_nobody_has_checked_the_customer_of_a_forwarded_mail(world: World) -> None:
    await forwards(world, await an_operator(world), VERIFIED)

    (ticket,) = await world.tickets()
    assert list((await world.store.verdicts(ticket.id)).values()) == [SenderVerdict.UNVERIFIED]
    assert "Forwarded by bea@helios-staff.example" in (await last(world, ticket)).mail.defects


async def test_the_customer_answers_on_the_ticket_of_their_forwarded_mail(world: World) -> None:
    await forwards(world, await an_operator(world), VERIFIED)
    (ticket,) = await world.tickets()

    report = await arrives(world, sender="carl@example.org", In_Reply_To=own_id(ticket))

    assert report.ticket_ids == (ticket.id,)


@pytest.mark.parametrize("results", ["", FAILED, "mx.attacker.example; dmarc=pass"])
async def test_a_forward_by_who_only_claims_to_be_an_operator_is_their_own_mail(world: World, results: str) -> None:
    operator = await an_operator(world)

    await forwards(world, operator, results)

    (ticket,) = await world.tickets()
    assert ticket.requester.address == operator


async def test_a_forward_by_anybody_else_is_their_own_mail(world: World) -> None:
    await forwards(world, "eve@elsewhere.example", VERIFIED)

    (ticket,) = await world.tickets()
    assert ticket.requester.address == "eve@elsewhere.example"


# --- answers without the desk -----------------------------------------------------------------------------------------


async def test_an_operators_answer_from_their_own_address_settles_the_ticket(world: World) -> None:
    operator = await an_operator(world)
    ticket = await opened(world, Cc=operator)
    await world.work()

    await arrives(
        world,
        sender=operator,
        to=f"anna@example.net, {ADDRESS}",
        In_Reply_To=own_id(ticket),
        Authentication_Results=VERIFIED,
    )

    assert (await last(world, ticket)).kind is MailKind.HUMAN_REPLY
    assert (await again(world, ticket)).status is Status.WAITING_OTHERS


async def test_an_operators_word_to_the_desk_alone_is_kept_and_moves_nothing(world: World) -> None:
    operator = await an_operator(world)
    ticket = await opened(world, Cc=operator)
    await world.work()

    await arrives(world, sender=operator, In_Reply_To=own_id(ticket), Authentication_Results=VERIFIED)

    told = await again(world, ticket)
    assert ((await last(world, ticket)).kind, told.status, told.work_seq) == (
        MailKind.HUMAN_REPLY,
        Status.NEEDS_ACTION,
        1,
    )


async def test_who_only_claims_to_be_an_operator_settles_nothing(world: World) -> None:
    operator = await an_operator(world)
    ticket = await opened(world, Cc=operator)
    await world.work()

    await arrives(world, sender=operator, to=f"anna@example.net, {ADDRESS}", In_Reply_To=own_id(ticket))

    told = await again(world, ticket)
    assert ((await last(world, ticket)).kind, told.status) == (MailKind.CUSTOMER, Status.NEEDS_ACTION)


async def test_an_operator_who_is_the_customer_is_a_customer(world: World) -> None:
    operator = await an_operator(world)
    ticket = await opened(world, sender=operator)

    await arrives(world, sender=operator, In_Reply_To=own_id(ticket), Authentication_Results=VERIFIED)

    assert (await again(world, ticket)).work_seq == 2


async def test_an_answer_from_a_mailbox_without_threads_is_recognised(world: World) -> None:
    ticket = await opened(world)
    known = (await conversation(world, ticket)).messages[0].mail.message_id

    sent = a_mail("Re: Inverter", sender=ADDRESS, to=CUSTOMER, In_Reply_To=known)
    world.mailbox.receive(sent.as_bytes(), is_sent=True)
    await world.sync.run()

    assert (await again(world, ticket)).status is Status.WAITING_OTHERS


async def test_handing_a_mail_on_to_a_supplier_is_no_answer_to_the_customer(world: World) -> None:
    ticket = await opened(world)
    await world.work()
    known = (await conversation(world, ticket)).messages[0].mail.message_id

    sent = a_mail("Fwd: Inverter", sender=ADDRESS, to="parts@supplier.example", References=known)
    world.mailbox.receive(sent.as_bytes(), is_sent=True)
    await world.sync.run()

    assert (await last(world, ticket)).kind is MailKind.HUMAN_REPLY
    assert (await again(world, ticket)).status is Status.NEEDS_ACTION


async def test_an_answer_on_a_closed_ticket_leaves_it_closed(world: World) -> None:
    ticket = await closed(world, await opened(world))
    known = (await conversation(world, ticket)).messages[0].mail.message_id

    sent = a_mail("Re: Inverter", sender=ADDRESS, to=CUSTOMER, In_Reply_To=known)
    world.mailbox.receive(sent.as_bytes(), is_sent=True)
    await world.sync.run()

    assert (await again(world, ticket)).status is Status.DONE
