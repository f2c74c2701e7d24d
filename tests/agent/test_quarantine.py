"""Mail that was put aside: kept with its bytes, tried again by a person, in its place or where it was."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from tests.agent.arriving import CUSTOMER, FAILED, VERIFIED, arrives, opened, own_id, with_policy
from tests.agent.world import ADDRESS, ANNA, World
from tests.service import a_mail
from tickets.audit import EventKind
from tickets.boards import QuarantineLine
from tickets.errors import Conflict, Disconnected, NotAllowed, NotFound, Unreadable
from tickets.mail import MailboxId, MailKind, Parsed
from tickets.people import Actor
from tickets.ports import Mailbox
from tickets.quarantine import Quarantine
from tickets.received import Outcome


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


def quarantine(world: World) -> Quarantine:
    sync = world.sync
    return Quarantine(world.store, sync.open_mailbox, sync.parser, world.clock, sync.policy)


async def aside(world: World) -> QuarantineLine:
    (line,) = await world.boards.quarantined(10)
    return line


class StumblingParser:
    """Cannot read a thing."""

    async def parse(self, raw: bytes) -> Parsed:
        raise Unreadable("It nests too deeply.")


async def test_who_fails_the_providers_check_is_put_aside_when_the_desk_wants_that(world: World) -> None:
    with_policy(world, quarantine_failed_senders=True)

    failed = await arrives(world, sender=CUSTOMER, Authentication_Results=FAILED)
    genuine = await arrives(world, sender=CUSTOMER, Authentication_Results=VERIFIED)

    assert (failed.quarantined, failed.opened, genuine.opened) == (1, 0, 1)


async def test_without_that_wish_a_failed_sender_is_only_marked(world: World) -> None:
    report = await arrives(world, sender=CUSTOMER, Authentication_Results=FAILED)

    assert report.opened == 1


async def test_a_mail_that_is_retried_is_filed_as_if_it_came_now(world: World) -> None:
    with_policy(world, quarantine_failed_senders=True)
    ticket = await opened(world, Authentication_Results=VERIFIED)
    await arrives(world, sender=CUSTOMER, In_Reply_To=own_id(ticket), Authentication_Results=FAILED)

    arrived = await quarantine(world).retry((await aside(world)).id, by=ANNA)

    assert (arrived.outcome, arrived.ticket_id) == (Outcome.APPENDED, ticket.id)
    assert await world.boards.quarantined(10) == ()
    assert [event.actor for event in await world.store.events(ticket.id) if event.kind is EventKind.MAIL_RETRIED] == [
        ANNA.name
    ]


async def test_a_retried_mail_of_a_storm_opens_its_ticket(world: World) -> None:
    with_policy(world, max_per_sender_and_hour=1)
    await opened(world)
    await arrives(world, sender=CUSTOMER, subject="Another matter")

    arrived = await quarantine(world).retry((await aside(world)).id, by=ANNA)

    assert arrived.outcome is Outcome.OPENED


async def test_a_mail_that_still_cannot_be_read_stays_where_it_is(world: World) -> None:
    parser = world.sync.parser
    world.sync = replace(world.sync, parser=StumblingParser())
    await arrives(world, sender=CUSTOMER)

    with pytest.raises(Unreadable, match="nests"):
        await quarantine(world).retry((await aside(world)).id, by=ANNA)
    still_there = await aside(world)
    world.sync = replace(world.sync, parser=parser)
    arrived = await quarantine(world).retry(still_there.id, by=ANNA)

    assert arrived.outcome is Outcome.OPENED


async def test_a_mail_in_our_own_name_is_not_filed_by_a_retry_either(world: World) -> None:
    await arrives(world, sender=f"Support <{ADDRESS}>")
    line = await aside(world)

    with pytest.raises(Unreadable, match="own address"):
        await quarantine(world).retry(line.id, by=ANNA)

    assert (await aside(world)).id == line.id


async def test_what_a_form_sent_in_our_name_is_filed_for_whom_its_reply_to_names(world: World) -> None:
    await arrives(world, sender=f"Support <{ADDRESS}>", subject="Form", Reply_To="Ada Byron <ada@example.net>")

    arrived = await quarantine(world).retry((await aside(world)).id, by=ANNA)
    await world.work()

    [ticket] = await world.tickets()
    draft = await world.store.current_draft(ticket.id)
    assert (arrived.ticket_id, ticket.requester.address) == (ticket.id, "ada@example.net")
    assert draft is not None
    assert [each.address for each in draft.to] == ["ada@example.net"]


async def test_a_form_in_our_name_whose_reply_to_is_ours_too_answers_nobody(world: World) -> None:
    await arrives(world, sender=ADDRESS, Reply_To=ADDRESS)

    with pytest.raises(Unreadable, match="nobody else to answer"):
        await quarantine(world).retry((await aside(world)).id, by=ANNA)


async def test_a_dismissed_mail_is_off_the_board_counts_as_skipped_and_is_not_read_again(world: World) -> None:
    await arrives(world, sender=ADDRESS)
    line = await aside(world)

    await quarantine(world).dismiss(line.id, by=ANNA)
    [report] = await world.sync.run()

    with pytest.raises(NotFound):
        await quarantine(world).dismiss(line.id, by=ANNA)
    assert await world.boards.quarantined(10) == ()
    assert (report.quarantined, report.opened) == (0, 0)


async def test_of_two_who_retry_it_at_once_one_is_told_that_it_is_done(world: World) -> None:
    with_policy(world, max_per_sender_and_hour=1)
    await opened(world)
    await arrives(world, sender=CUSTOMER, subject="Another matter")
    line = await aside(world)

    both = [quarantine(world).retry(line.id, by=ANNA) for _ in range(2)]
    ends = await asyncio.gather(*both, return_exceptions=True)

    assert len(await world.tickets()) == 2
    assert [type(end) for end in ends if isinstance(end, Exception)] in ([Conflict], [NotFound])


async def test_a_mail_that_is_not_in_quarantine_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="quarantine"):
        await quarantine(world).raw(uuid4(), by=ANNA)


async def test_what_the_colleague_sent_is_still_the_colleagues_after_a_retry(world: World) -> None:
    ticket = await opened(world)
    whole = world.sync.parser
    world.sync = replace(world.sync, parser=StumblingParser())
    sent = a_mail("Re: Inverter", sender=ADDRESS, to=CUSTOMER, In_Reply_To=own_id(ticket))
    world.mailbox.receive(sent.as_bytes(), is_sent=True)
    await world.sync.run()
    world.sync = replace(world.sync, parser=whole)

    await quarantine(world).retry((await aside(world)).id, by=ANNA)

    messages = (await world.store.conversation(ticket.id)).messages
    assert messages[-1].kind is MailKind.HUMAN_REPLY


async def test_of_a_mailbox_that_is_away_nobodys_word_on_the_sender_counts(world: World) -> None:
    with_policy(world, quarantine_failed_senders=True)
    await arrives(world, sender=CUSTOMER, Authentication_Results=FAILED)

    async def away(_: MailboxId) -> Mailbox:
        raise Disconnected("Reconnect it.")

    world.sync = replace(world.sync, open_mailbox=away)
    arrived = await quarantine(world).retry((await aside(world)).id, by=ANNA)

    assert arrived.outcome is Outcome.OPENED


async def test_the_raw_bytes_are_those_that_came(world: World) -> None:
    mail = a_mail(sender=ADDRESS).as_bytes()
    world.mailbox.receive(mail)
    await world.sync.run()

    assert await quarantine(world).raw((await aside(world)).id, by=ANNA) == mail


async def test_only_who_may_sync_may_retry(world: World) -> None:
    await arrives(world, sender=ADDRESS)

    with pytest.raises(NotAllowed):
        await quarantine(world).retry((await aside(world)).id, by=Actor("operator:viewer"))
