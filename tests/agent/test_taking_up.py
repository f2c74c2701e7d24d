"""An automatic mail that is a customer's after all: it gets its ticket, once, and the agent works on it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from persistence.accounting import SqlAccounting
from tests.agent.arriving import CUSTOMER, FAILED, arrives, conversation, kinds, opened, own_id, with_policy
from tests.agent.world import ADDRESS, ANNA, World
from tickets.accounting import DayAccount
from tickets.audit import EventKind
from tickets.automatic_mail import AutomaticLine
from tickets.boards import BoardFilter
from tickets.errors import Conflict, DeskError, NotAllowed, NotFound
from tickets.mail import MailId, MailKind
from tickets.people import Actor, Scope
from tickets.status import Status

ALL = BoardFilter()
FORM = {"sender": CUSTOMER, "subject": "Offer for a roof", "Auto_Submitted": "auto-generated"}


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def listed(world: World) -> Sequence[AutomaticLine]:
    return (await world.store.automatic_mails(50, None)).lines


async def a_form(world: World, **headers: Any) -> MailId:
    """The mail of a web form, which its server marks as automatic."""
    report = await arrives(world, **(FORM | headers))
    assert report.automatic == 1
    return (await listed(world))[0].id


async def account(world: World) -> DayAccount:
    accounting = SqlAccounting(world.database)
    (day,) = await accounting.days((world.clock.now() - timedelta(days=1)).date())
    return day


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-generated"}, ("automatic reply",)),
        ({"X_Auto_Response_Suppress": "OOF"}, ("automatic reply",)),
        ({"Return_Path": "<>"}, ("asks for no automatic answer",)),
        ({"Precedence": "bulk"}, ("sent to a list",)),
        ({"Precedence": "bulk", "Auto_Submitted": "auto-replied"}, ("automatic reply", "sent to a list")),
    ],
)
async def test_what_belongs_to_no_ticket_is_listed_with_the_reason(
    world: World, headers: dict[str, Any], why: tuple[str, ...]
) -> None:
    await arrives(world, sender=CUSTOMER, text="My roof\n\nis flat. " + "x" * 300, **headers)

    (line,) = await listed(world)

    assert (line.why, line.mailbox, line.sender.label) == (why, ADDRESS, "Anna Keller")
    assert line.text == "My roof is flat. " + "x" * 183
    assert await world.tickets() == []


async def test_automatic_mail_on_a_ticket_is_not_listed(world: World) -> None:
    ticket = await opened(world)
    await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket), Auto_Submitted="auto-replied")

    assert await kinds(world, ticket) == [MailKind.CUSTOMER, MailKind.AUTOMATIC]
    assert await listed(world) == ()


async def test_the_ticket_is_that_of_a_customer_who_wrote(world: World) -> None:
    mail_id = await a_form(world, to=f"{ADDRESS}, Partner <partner@example.org>")

    ticket_id = await world.desk.take_up(mail_id, by=ANNA)
    ticket = await world.store.ticket(ticket_id)
    message = (await conversation(world, ticket)).messages[0]
    async with world.store.begin() as tx:
        people = await tx.participants(ticket_id)

    assert (ticket.number, ticket.status, ticket.subject) == (1, Status.NEW, "Offer for a roof")
    assert (ticket.requester.address, ticket.snippet[:5]) == ("anna@example.net", "Hello")
    assert (message.id, message.kind) == (mail_id, MailKind.CUSTOMER)
    assert people == {"anna@example.net", "partner@example.org", ADDRESS}
    assert [line.mails for line in (await world.boards.page(ALL, limit=5, cursor=None)).lines] == [1]


async def test_the_agent_drafts_an_answer_to_it(world: World) -> None:
    ticket_id = await world.desk.take_up(await a_form(world), by=ANNA)

    await world.work()

    assert await world.store.current_draft(ticket_id) is not None
    assert (await world.store.ticket(ticket_id)).status is Status.NEEDS_ACTION


async def test_the_customers_next_mail_lands_on_it(world: World) -> None:
    mail_id = await a_form(world, Message_ID="<form@example.net>")
    ticket_id = await world.desk.take_up(mail_id, by=ANNA)

    await arrives(world, sender=CUSTOMER, subject="Re: Offer for a roof", In_Reply_To="<form@example.net>")

    assert await kinds(world, await world.store.ticket(ticket_id)) == [MailKind.CUSTOMER, MailKind.CUSTOMER]


async def test_the_account_moves_it_from_automatic_to_on_tickets_and_still_adds_up(world: World) -> None:
    mail_id = await a_form(world)
    before = await account(world)

    await world.desk.take_up(mail_id, by=ANNA)
    after = await account(world)

    assert (before.automatic, before.on_tickets, before.unaccounted) == (1, 0, 0)
    assert (after.automatic, after.on_tickets, after.unaccounted) == (0, 1, 0)
    assert await listed(world) == ()


async def test_the_record_says_who_made_the_ticket(world: World) -> None:
    mail_id = await a_form(world)

    ticket_id = await world.desk.take_up(mail_id, by=ANNA)
    (event,) = [each for each in await world.store.events(ticket_id) if each.kind is EventKind.MAIL_TAKEN_UP]

    assert (event.actor, event.fields) == (ANNA.name, {"mail_id": str(mail_id)})


async def test_a_mail_that_is_on_a_ticket_is_refused_with_the_tickets_number(world: World) -> None:
    mail_id = await a_form(world)
    await world.desk.take_up(mail_id, by=ANNA)

    with pytest.raises(Conflict, match="on ticket #1 already"):
        await world.desk.take_up(mail_id, by=ANNA)

    assert len(await world.tickets()) == 1


async def test_of_two_who_take_it_up_at_once_one_is_told_that_it_is_done(world: World) -> None:
    mail_id = await a_form(world)

    both = [world.desk.take_up(mail_id, by=ANNA) for _ in range(2)]
    ends = await asyncio.gather(*both, return_exceptions=True)

    assert [type(end) for end in ends if isinstance(end, DeskError)] == [Conflict]
    assert [ticket.number for ticket in await world.tickets()] == [1]


async def test_a_sender_that_failed_the_check_stays_marked(world: World) -> None:
    mail_id = await a_form(world, Authentication_Results=FAILED)

    await world.desk.take_up(mail_id, by=ANNA)

    assert [line.sender_failed for line in (await world.boards.page(ALL, limit=5, cursor=None)).lines] == [True]


async def test_what_bears_the_desks_own_address_gets_no_ticket(world: World) -> None:
    mail_id = await a_form(world, sender=f"Website <{ADDRESS.upper()}>")

    with pytest.raises(Conflict, match="own address"):
        await world.desk.take_up(mail_id, by=ANNA)

    assert [line.id for line in await listed(world)] == [mail_id]


async def test_only_who_may_draft_may_take_it_up(world: World) -> None:
    mail_id = await a_form(world)

    with pytest.raises(NotAllowed):
        await world.desk.take_up(mail_id, by=Actor("operator:viewer", frozenset({Scope.READ})))


async def test_a_mail_that_is_not_on_record_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="no such mail"):
        await world.desk.take_up(MailId(uuid4()), by=ANNA)
