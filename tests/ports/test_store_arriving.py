"""What arriving mail is held against: merged tickets, replies that left, bounced addresses, counts, quarantine."""

from dataclasses import replace
from uuid import uuid4

import pytest

from persistence.boards import SqlBoards
from tests.ports.store_builders import ADA, NOW, SECOND, Desk, a_mail, new_mailbox
from tickets.boards import BoardFilter
from tickets.errors import NotFound
from tickets.mail import Address, MailKind
from tickets.outbox import OutboxState
from tickets.ports import Incoming
from tickets.storage import BouncedAddress, SentReply
from tickets.ticket import TicketId

BEN = Address("Ben", "ben@x.org")


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def merged(desk, source, into):
    async with desk.store.begin() as tx:
        await tx.save(replace(await tx.ticket(source.id), merged_into=into.id))


async def test_a_merged_ticket_stands_for_the_last_one_of_its_chain(desk):
    first, second, third = [await desk.opened() for _ in range(3)]
    await merged(desk, first, second)
    await merged(desk, second, third)

    async with desk.store.begin() as tx:
        assert {await tx.standing_ticket(each.id) for each in (first, second, third)} == {third.id}
        assert await tx.standing_ticket(TicketId(uuid4())) is None


async def test_a_circle_of_merged_tickets_ends_nevertheless(desk):
    first, second = await desk.opened(), await desk.opened()
    await merged(desk, first, second)
    await merged(desk, second, first)

    async with desk.store.begin() as tx:
        assert await tx.standing_ticket(first.id) in (first.id, second.id)


async def test_the_newest_follow_up_is_found(desk):
    closed = await desk.opened()
    await desk.opened(follows=closed.id)
    newest = await desk.opened(follows=closed.id)

    async with desk.store.begin() as tx:
        assert await tx.follow_up_of(closed.id) == newest.id
        assert await tx.follow_up_of(newest.id) is None


async def test_mails_people_and_counts_move_together(desk):
    source, into = await desk.opened(), await desk.opened()
    await desk.received(source, a_mail(subject="one", cc=(BEN,)))
    await desk.received(into, a_mail(subject="two"))

    async with desk.store.begin() as tx:
        await tx.put_mails([mail.id for mail in await tx.messages(source.id)], source.id, into.id)
        assert {ADA.key, BEN.key} <= await tx.participants(into.id)

    page = await SqlBoards(desk.database).page(BoardFilter(), limit=5, cursor=None)
    assert {line.id: line.mails for line in page.lines} == {source.id: 0, into.id: 2}
    assert {m.mail.subject for m in (await desk.store.conversation(into.id)).messages} == {"one", "two"}


async def test_a_reply_is_known_by_the_mail_on_record_too(desk):
    ticket = await desk.opened()
    reply = a_mail(sender=Address("", "support@helios.example"), to=(ADA,), cc=(BEN,))
    await desk.received(ticket, reply, kind=MailKind.REPLY)
    customers = a_mail()
    await desk.received(ticket, customers)

    async with desk.store.begin() as tx:
        assert await tx.sent_reply(reply.message_id) == SentReply(ticket.id, frozenset({ADA.key, BEN.key}))
        assert await tx.sent_reply(customers.message_id) is None
        assert await tx.sent_reply(None) is None


async def test_a_reply_went_to_everybody_whom_it_named(desk):
    ticket = await desk.opened()
    outgoing = await desk.approved(ticket, cc=(BEN,), bcc=(Address("", "Eve@X.org"),))
    async with desk.store.begin() as tx:
        await tx.move_outgoing(outgoing, replace(outgoing, state=OutboxState.SENT))

    async with desk.store.begin() as tx:
        sent = await tx.sent_reply(outgoing.message_id)

    assert sent is not None
    assert sent.to == {ADA.key, BEN.key, "eve@x.org"}


async def test_recent_mails_of_customers_are_counted_and_no_others(desk):
    ticket = await desk.opened()
    for at in (NOW - SECOND, NOW, NOW + SECOND):
        await desk.received(ticket, at=at)
    await desk.received(ticket, a_mail(sender=BEN), at=NOW)
    await desk.received(ticket, kind=MailKind.AUTOMATIC, at=NOW)

    async with desk.store.begin() as tx:
        assert await tx.customers_mails(NOW, sender=ADA) == 2
        assert await tx.customers_mails(NOW, sender=BEN) == 1
        assert await tx.customers_mails_on(ticket.id, NOW) == 3
        assert await tx.customers_mails_on(TicketId(uuid4()), NOW) == 0


async def test_an_address_that_bounced_is_remembered_with_the_latest_reason_until_it_is_cleared(desk):
    for reason in ("full", "no such user"):
        async with desk.store.begin() as tx:
            await tx.mark_bounced(BouncedAddress("ada@x.org", True, reason, NOW))

    assert await desk.store.bounced(["ada@x.org", "ben@x.org"]) == {
        "ada@x.org": BouncedAddress("ada@x.org", True, "no such user", NOW)
    }
    assert await desk.store.bounced([]) == {}
    async with desk.store.begin() as tx:
        await tx.clear_bounced("ada@x.org")
    assert await desk.store.bounced(["ada@x.org"]) == {}


async def test_a_quarantined_mail_is_read_back_as_it_came_and_released_once(desk):
    incoming = Incoming("p1", b"\xff raw", NOW, "t1", is_sent=True)
    async with desk.store.begin() as tx:
        await tx.quarantine(desk.mailbox.id, incoming, "too deep")
    (line,) = await SqlBoards(desk.database).quarantined(5)

    kept = await desk.store.quarantined_mail(line.id)
    async with desk.store.begin() as tx:
        released = [await tx.release_quarantined(line.id) for _ in range(2)]

    assert (kept.incoming, kept.mailbox_id, kept.reason) == (incoming, desk.mailbox.id, "too deep")
    assert released == [True, False]
    with pytest.raises(NotFound, match="quarantine"):
        await desk.store.quarantined_mail(line.id)


async def test_a_reply_goes_into_the_thread_of_its_own_mailbox(desk):
    other = Desk(desk.database, await new_mailbox(desk.database, "sales@helios.example"))
    ticket = await desk.opened()
    await desk.received(ticket, provider_thread_id="own")
    await other.received(ticket, provider_thread_id="foreign", at=NOW + SECOND)

    assert await desk.store.provider_thread(ticket.id) == "own"
