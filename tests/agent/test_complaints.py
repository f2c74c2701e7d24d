"""What users of help desks complain about most, one test for each complaint that the rules can answer."""

import asyncio
from dataclasses import replace

import pytest

from tests.agent.arriving import (
    CUSTOMER,
    STRANGER,
    a_second_mailbox,
    again,
    arrives,
    closed,
    conversation,
    opened,
    own_id,
    with_policy,
)
from tests.agent.hands import an_answered_ticket, draft_of, outgoing_of
from tests.agent.world import ADDRESS, ANNA, World
from tests.service import a_mail
from tickets.errors import Conflict, StaleDraft, Unreadable
from tickets.mail import Parsed
from tickets.merging import Merging
from tickets.people import Actor, Scope
from tickets.ports import Parser
from tickets.status import Status
from tickets.ticket import Seen

BEA = Actor("operator:bea@helios.example", frozenset(Scope))


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


class ChokingParser:
    """Reads every mail but one."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    async def parse(self, raw: bytes) -> Parsed:
        if b"choke" in raw:
            raise Unreadable("It cannot be read.")
        return await self._parser.parse(raw)


@pytest.mark.parametrize("program", ["in-reply-to", "references only", "thread only", "subject only"])
async def test_a_reply_never_opens_a_new_ticket_whatever_the_mail_program_leaves_out(
    world: World, program: str
) -> None:
    await arrives(world, sender=CUSTOMER, subject="Inverter error", thread="t1")
    (ticket,) = await world.tickets()
    headers = {
        "in-reply-to": {"In_Reply_To": own_id(ticket)},
        "references only": {"References": own_id(ticket)},
        "thread only": {"subject": "Re: Inverter error"},
        "subject only": {"subject": f"AW: Inverter error [#{ticket.number}]"},
    }

    thread = "t1" if program == "thread only" else "t2"
    report = await arrives(world, sender=CUSTOMER, thread=thread, **headers[program])

    assert (report.opened, report.ticket_ids) == (0, (ticket.id,))


async def test_a_stranger_is_never_merged_into_somebodys_ticket(world: World) -> None:
    await arrives(world, sender=CUSTOMER, subject="Inverter error", thread="t1")
    (ticket,) = await world.tickets()
    known = (await conversation(world, ticket)).messages[0].mail.message_id

    await arrives(
        world, sender=STRANGER, subject=f"Re: Inverter error [#{ticket.number}]", thread="t1", In_Reply_To=known
    )

    assert len((await conversation(world, ticket)).messages) == 1


async def test_the_same_mail_to_two_mailboxes_at_once_is_one_ticket(world: World) -> None:
    second = await a_second_mailbox(world)
    raw = a_mail(sender=CUSTOMER, to=f"{ADDRESS}, sales@helios.example").as_bytes()

    world.mailbox.receive(raw)
    second.receive(raw)
    reports = await world.sync.run()

    assert sorted((report.opened, report.skipped) for report in reports) == [(0, 1), (1, 0)]
    assert len(await world.tickets()) == 1


async def test_one_mail_that_cannot_be_read_stops_no_other(world: World) -> None:
    world.sync = replace(world.sync, parser=ChokingParser(world.sync.parser))
    for subject in ("before", "choke", "after"):
        world.mailbox.receive(a_mail(subject, sender=f"{subject}@example.net").as_bytes())

    (report,) = await world.sync.run()

    assert (report.opened, report.quarantined) == (2, 1)
    assert [ticket.subject for ticket in await world.tickets()] == ["before", "after"]


async def test_two_machines_that_answer_each_other_make_no_loop(world: World) -> None:
    ticket = await an_answered_ticket(world)
    calls = list(world.model.calls)

    for number in range(5):
        away = {"Auto_Submitted": "auto-replied", "In_Reply_To": own_id(ticket), "text": f"Away {number}"}
        await arrives(world, sender=ticket.requester.address, subject="Away", **away)
        await world.work()

    assert (await again(world, ticket)).status is Status.WAITING_OTHERS
    assert (world.model.calls, len(world.mailbox.sent)) == (calls, 1)


async def test_our_own_reply_that_comes_back_opens_nothing(world: World) -> None:
    ticket = await an_answered_ticket(world)

    world.mailbox.receive(world.mailbox.sent[0])
    (report,) = await world.sync.run()

    assert (report.opened, report.appended, report.reasons) == (0, 0, {"our own reply": 1})
    assert (await again(world, ticket)).status is Status.WAITING_OTHERS


async def test_a_mail_that_only_claims_to_be_our_own_reply_is_not_thrown_away(world: World) -> None:
    report = await arrives(world, sender=f"Support <{ADDRESS}>", X_CA_Send_Id="made-up", subject="Pay here")

    assert (report.skipped, report.automatic) == (0, 1)


async def test_a_closed_ticket_is_not_reopened_by_a_machine_nor_after_a_long_time(world: World) -> None:
    ticket = await closed(world, await opened(world), days_ago=31)

    await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket), Auto_Submitted="auto-generated")
    await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket))

    assert (await again(world, ticket)).status is Status.DONE


async def test_two_tickets_of_one_matter_can_be_merged(world: World) -> None:
    first, second = await opened(world), await opened(world, subject="The same again")

    await Merging(world.store, world.clock).merge(second.id, first.id, by=ANNA)

    assert len((await conversation(world, first)).messages) == 2


async def test_nobody_gets_a_copy_because_a_mail_named_them(world: World) -> None:
    ticket = await opened(world, Cc="boss@example.net", Reply_To="eve@elsewhere.example")
    await world.work()

    draft = await draft_of(world, ticket)

    assert ([each.address for each in draft.to], draft.cc, draft.bcc) == (["anna@example.net"], (), ())


async def test_being_put_into_cc_shows_nothing_of_what_was_written_before(world: World) -> None:
    ticket = await opened(world, text="My account is DE00 1234.")
    await world.work()
    await arrives(world, sender=CUSTOMER, text="Ben helps me.", In_Reply_To=own_id(ticket), Cc="ben@example.net")
    await world.work()

    draft = await draft_of(world, ticket)

    assert [each.address for each in draft.to] == ["anna@example.net"]
    assert "DE00" not in draft.body + draft.quote


async def test_an_approval_that_is_given_twice_sends_one_reply(world: World) -> None:
    ticket = await opened(world)
    await world.work()
    draft = await draft_of(world, ticket)
    seen = Seen(draft.revision, draft.content_hash, frozenset(flag.id for flag in draft.flags))

    await asyncio.gather(*(world.desk.approve_send(ticket.id, seen, by=who) for who in (ANNA, BEA, ANNA)))
    world.clock.advance(60)
    await world.work()

    assert len(world.mailbox.sent) == 1


async def test_a_reply_in_the_mailbox_itself_is_not_followed_by_one_from_the_desk(world: World) -> None:
    ticket = await opened(world)
    await world.work()
    await world.approve(ticket.id)
    known = (await conversation(world, ticket)).messages[0].mail.message_id

    sent = a_mail("Re: Inverter error", sender=ADDRESS, to=CUSTOMER, In_Reply_To=known)
    world.mailbox.receive(sent.as_bytes(), is_sent=True)
    await world.sync.run()
    world.clock.advance(60)
    await world.work()

    assert world.mailbox.sent == []


async def test_two_operators_on_one_ticket_cannot_send_each_others_unseen_words(world: World) -> None:
    ticket = await opened(world)
    await world.work()
    draft = await draft_of(world, ticket)
    await world.desk.edit(ticket.id, draft.revision, draft.subject, "Bea's words.", by=BEA)

    with pytest.raises(StaleDraft):
        await world.desk.approve_send(ticket.id, Seen(draft.revision, draft.content_hash), by=ANNA)
    with pytest.raises(Conflict):
        await world.desk.edit(ticket.id, draft.revision, draft.subject, "Anna's words.", by=ANNA)

    assert await world.store.latest_outgoing(ticket.id) is None


async def test_what_left_is_on_the_ticket_once(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await world.sync.run()

    bodies = [m.mail.message_id for m in (await conversation(world, ticket)).messages]
    assert bodies.count((await outgoing_of(world, ticket)).message_id) == 1
