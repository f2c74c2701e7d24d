"""Which ticket a mail goes to: what ties it to one, who may come in, and what stays apart."""

from dataclasses import replace
from uuid import UUID

import pytest

from tests.agent.arriving import (
    CUSTOMER,
    FAILED,
    OWN_IDS,
    STRANGER,
    VERIFIED,
    a_second_mailbox,
    arrives,
    conversation,
    last,
    opened,
    own_id,
    with_policy,
)
from tests.agent.hands import an_answered_ticket
from tests.agent.world import World
from tickets.ticket import Ticket, TicketId


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def first_id(world: World, ticket: Ticket) -> str:
    return (await conversation(world, ticket)).messages[0].mail.message_id


# --- a customer's answer never opens a new ticket ---------------------------------------------------------------------


async def test_an_answer_to_our_own_id_finds_its_ticket_though_no_table_knows_that_id(world: World) -> None:
    ticket = await opened(world)

    report = await arrives(world, sender=CUSTOMER, subject="A new subject", In_Reply_To=own_id(ticket))

    assert (report.appended, report.ticket_ids) == (1, (ticket.id,))


async def test_our_own_id_further_back_in_the_references_finds_it_too(world: World) -> None:
    ticket = await opened(world)

    report = await arrives(world, sender=CUSTOMER, References=f"{own_id(ticket)} <a@x.example> <b@x.example>")

    assert report.ticket_ids == (ticket.id,)


async def test_our_own_id_counts_more_than_other_references(world: World) -> None:
    ticket, other = await opened(world), await opened(world, subject="Another matter")

    report = await arrives(world, sender=CUSTOMER, In_Reply_To=await first_id(world, other), References=own_id(ticket))

    assert report.ticket_ids == (ticket.id,)


async def test_the_nearest_of_several_references_decides(world: World) -> None:
    old, new = await opened(world), await opened(world, subject="Another matter")
    ids = f"{await first_id(world, old)} {await first_id(world, new)}"

    report = await arrives(world, sender=CUSTOMER, References=ids)

    assert report.ticket_ids == (new.id,)


async def test_an_answer_without_references_is_found_by_the_number_in_its_subject(world: World) -> None:
    ticket = await opened(world)

    report = await arrives(world, sender=CUSTOMER, subject=f"about [#{ticket.number}]")

    assert report.ticket_ids == (ticket.id,)


async def test_an_answer_in_the_providers_thread_is_found_by_it(world: World) -> None:
    await arrives(world, sender=CUSTOMER, subject="Inverter error", thread="t1")

    report = await arrives(world, sender=CUSTOMER, subject="Re: Inverter error", thread="t1")

    assert report.appended == 1


async def test_a_new_subject_in_the_providers_thread_is_a_new_matter(world: World) -> None:
    await arrives(world, sender=CUSTOMER, subject="Inverter error", thread="t1")

    report = await arrives(world, sender=CUSTOMER, subject="Invoice 7", thread="t1")

    assert report.opened == 1


async def test_whom_the_customer_put_into_cc_may_answer_on_the_ticket(world: World) -> None:
    ticket = await opened(world, Cc="Ben <ben@example.net>")

    report = await arrives(world, sender="ben@example.net", In_Reply_To=await first_id(world, ticket))

    assert report.ticket_ids == (ticket.id,)


async def test_a_reply_goes_to_the_writer_of_the_last_mail_alone(world: World) -> None:
    ticket = await opened(world, Cc="Ben <ben@example.net>")
    await arrives(world, sender="ben@example.net", In_Reply_To=await first_id(world, ticket))
    await world.work()

    draft = await world.store.current_draft(ticket.id)

    assert draft is not None
    assert ([each.address for each in draft.to], draft.cc) == (["ben@example.net"], ())


# --- a stranger never lands in somebody's ticket ----------------------------------------------------------------------


async def test_a_stranger_gets_a_ticket_of_their_own_whatever_they_quote(world: World) -> None:
    ticket = await opened(world)
    known = await first_id(world, ticket)

    for mail in (
        {"In_Reply_To": known, "References": known},
        {"subject": f"Re: Inverter error [#{ticket.number}]"},
        {"In_Reply_To": own_id(ticket)},
        {"Message_ID": own_id(ticket)},
    ):
        report = await arrives(world, sender=STRANGER, **mail)
        assert (report.opened, report.appended) == (1, 0), mail

    assert len((await conversation(world, ticket)).messages) == 1


async def test_a_stranger_in_the_providers_thread_stays_a_stranger(world: World) -> None:
    await arrives(world, sender=CUSTOMER, subject="Inverter error", thread="t1")

    report = await arrives(world, sender=STRANGER, subject="Re: Inverter error", thread="t1")

    assert report.opened == 1


async def test_who_answers_a_mail_of_ours_that_was_handed_on_is_linked_to_it_and_sees_nothing_of_it(
    world: World,
) -> None:
    ticket = await opened(world, text="My bank account is DE00 1234.")

    await arrives(world, sender="Spouse <spouse@example.org>", subject="Re: Inverter", In_Reply_To=own_id(ticket))

    new = (await world.tickets())[-1]
    assert new.follows == ticket.id
    assert [message.mail.sender.address for message in (await conversation(world, new)).messages] == [
        "spouse@example.org"
    ]


async def test_quoting_an_id_of_the_customers_links_nothing(world: World) -> None:
    ticket = await opened(world)

    await arrives(world, sender=STRANGER, In_Reply_To=await first_id(world, ticket))

    assert (await world.tickets())[-1].follows is None


async def test_an_id_that_looks_like_ours_but_is_not_counts_for_nothing(world: World) -> None:
    ticket = await opened(world)
    forged = replace(OWN_IDS, key=b"x" * 32).message_id(ticket.id, ticket.id, "helios.example")

    report = await arrives(world, sender=CUSTOMER, subject="Another matter", In_Reply_To=forged)

    assert report.opened == 1


async def test_an_own_id_of_a_ticket_that_was_lost_with_the_database_does_no_harm(world: World) -> None:
    ticket = await opened(world)
    lost = OWN_IDS.message_id(TicketId(UUID(int=7)), ticket.id, "helios.example")

    report = await arrives(world, sender=CUSTOMER, subject="Another matter", In_Reply_To=lost)

    assert report.opened == 1


async def test_a_guessed_number_is_worth_nothing_when_the_provider_denies_the_sender(world: World) -> None:
    ticket = await opened(world)

    spoofed = await arrives(
        world, sender=CUSTOMER, subject=f"Pay to my new account [#{ticket.number}]", Authentication_Results=FAILED
    )
    genuine = await arrives(world, sender=CUSTOMER, subject=f"[#{ticket.number}]", Authentication_Results=VERIFIED)

    assert (spoofed.opened, genuine.ticket_ids) == (1, (ticket.id,))


async def test_a_forged_sender_brings_nobody_along(world: World) -> None:
    ticket = await opened(world)
    known = await first_id(world, ticket)
    await arrives(world, sender=CUSTOMER, In_Reply_To=known, Cc="eve@elsewhere.example", Authentication_Results=FAILED)

    report = await arrives(world, sender=STRANGER, In_Reply_To=known)

    assert report.opened == 1


async def test_a_machines_mail_brings_nobody_along(world: World) -> None:
    ticket = await opened(world)
    known = await first_id(world, ticket)
    await arrives(world, sender=CUSTOMER, In_Reply_To=known, Cc="eve@elsewhere.example", Auto_Submitted="auto-replied")

    report = await arrives(world, sender=STRANGER, In_Reply_To=known)

    assert report.opened == 1


async def test_a_new_subject_from_another_person_is_a_new_ticket(world: World) -> None:
    await opened(world)

    report = await arrives(world, sender="Carl <carl@example.org>", subject="Inverter error")

    assert report.opened == 1


# --- two mailboxes ----------------------------------------------------------------------------------------------------


async def test_the_same_mail_to_two_mailboxes_is_one_ticket(world: World) -> None:
    second = await a_second_mailbox(world)
    mail = {"sender": CUSTOMER, "Message_ID": "<both@example.net>", "text": "It beeps."}
    await arrives(world, **mail)

    report = await arrives(world, into=second, **mail)

    assert (report.opened, report.skipped) == (0, 1)
    assert len(await world.tickets()) == 1


async def test_an_answer_to_another_mailbox_is_found_by_our_own_id_alone(world: World) -> None:
    second = await a_second_mailbox(world)
    ticket = await opened(world)

    by_own_id = await arrives(world, into=second, sender=CUSTOMER, In_Reply_To=own_id(ticket))
    by_reference = await arrives(world, into=second, sender=CUSTOMER, In_Reply_To=await first_id(world, ticket))

    assert (by_own_id.ticket_ids, by_reference.opened) == ((ticket.id,), 1)


async def test_an_answer_to_our_reply_is_found_from_another_mailbox_though_its_provider_replaced_our_id(
    world: World,
) -> None:
    second = await a_second_mailbox(world)
    ticket = await an_answered_ticket(world)
    replaced = (await last(world, ticket)).mail.message_id
    assert OWN_IDS.ticket_of(replaced) is None
    customer = ticket.requester.address

    by_customer = await arrives(world, into=second, sender=customer, subject="Oh", In_Reply_To=replaced)
    by_stranger = await arrives(world, into=second, sender=STRANGER, subject="Oh", In_Reply_To=replaced)

    assert (by_customer.ticket_ids, by_stranger.opened) == ((ticket.id,), 1)


async def test_the_reply_to_such_an_answer_names_no_thread_of_the_other_mailbox(world: World) -> None:
    second = await a_second_mailbox(world)
    await arrives(world, sender=CUSTOMER, thread="t1")
    (ticket,) = await world.tickets()

    await arrives(world, into=second, thread="foreign", sender=CUSTOMER, In_Reply_To=own_id(ticket))

    assert await world.store.provider_thread(ticket.id) == "t1"
