"""Mail in the tables: nothing twice, nothing lost, everything read back as it came."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from persistence.boards import SqlBoards
from tests.ports.store_builders import ADA, NOW, SECOND, Desk, a_mail, an_event, new_mailbox
from tickets.boards import BoardFilter, MailboxState
from tickets.errors import Conflict, NotFound
from tickets.mail import Address, Attachment, Bounce, MailKind, SenderVerdict
from tickets.outbox import OutboxState
from tickets.ports import Incoming, Skipped
from tickets.storage import SentReply


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def test_a_mail_is_read_back_exactly_as_it_was_parsed(desk):
    ticket = await desk.opened()
    mail = a_mail(
        to=(Address("Hélios", "support@helios.example"), Address("", "bo@helios.example")),
        cc=(Address("C", "c@example.org"),),
        reply_to=(Address("R", "r@example.org"),),
        sent_at=datetime(2026, 3, 1, 12, 0, tzinfo=UTC),
        in_reply_to="<a@b>",
        references=("<x@y>", "<a@b>"),
        html="<p>Grüße ☀</p>",
        attachments=(
            Attachment("photo.jpg", "image/jpeg", 5, "a" * 64, "<cid>", is_inline=True),
            Attachment("bill.pdf", "application/pdf", 3, "b" * 64),
        ),
        headers={"auto-submitted": "no"},
        bounce=Bounce("<o@x>", "z@example.org", is_permanent=True, reason="unknown user"),
        defects=("no date",),
    )

    mail_id = await desk.received(ticket, mail, blobs={"a" * 64: b"photo", "b" * 64: b"pdf"})

    (message,) = (await desk.store.conversation(ticket.id)).messages
    assert (message.id, message.kind, message.at, message.mail) == (mail_id, MailKind.CUSTOMER, NOW, mail)
    assert await desk.store.blob("b" * 64) == b"pdf"


async def test_mails_of_one_moment_keep_the_order_in_which_they_came(desk):
    ticket = await desk.opened()
    for number in range(10):
        await desk.received(ticket, a_mail(subject=str(number)))

    messages = (await desk.store.conversation(ticket.id)).messages

    assert [message.mail.subject for message in messages] == [str(number) for number in range(10)]


@pytest.mark.parametrize("text", ["nul \0 inside", "half a pair \ud83d", "both \0\udfff"])
async def test_text_that_no_database_takes_is_stored_with_a_replacement(desk, text):
    ticket = await desk.opened(subject=text)
    async with desk.store.begin() as tx:
        await tx.add_mail(desk.mail(ticket, a_mail(subject=text, text=text)))
        await tx.record(an_event(ticket, fields={"reason": text}))

    assert "\ufffd" in (await desk.store.ticket(ticket.id)).subject
    assert len((await desk.store.conversation(ticket.id)).messages) == 1


async def test_a_message_id_is_stored_once_in_a_mailbox(desk):
    ticket = await desk.opened()
    mail = a_mail()
    await desk.received(ticket, mail)

    with pytest.raises(Conflict):
        await desk.received(ticket, mail, provider_id="another")

    assert len((await desk.store.conversation(ticket.id)).messages) == 1


async def test_a_provider_id_is_stored_once_in_a_mailbox(desk):
    ticket = await desk.opened()
    await desk.received(ticket, provider_id="p1")

    with pytest.raises(Conflict):
        await desk.received(ticket, provider_id="p1")


async def test_two_mailboxes_may_hold_the_same_message(desk):
    other = Desk(desk.database, await new_mailbox(desk.database, "sales@helios.example"))
    mail = a_mail()

    await desk.received(await desk.opened(), mail)
    await other.received(await other.opened(), mail)

    async with desk.store.begin() as tx:
        known = await tx.mails_with_id(mail.message_id)
        assert {each.mailbox_id for each in known} == {desk.mailbox.id, other.mailbox.id}
        assert {(each.mail.sender.key, each.mail.text) for each in known} == {(mail.sender.key, mail.text)}


async def test_an_error_in_a_savepoint_takes_back_only_what_was_done_inside(desk):
    ticket = await desk.opened()
    mail = a_mail()
    await desk.received(ticket, mail)

    async with desk.store.begin() as tx:
        await tx.record(an_event(ticket, actor="before"))
        with pytest.raises(Conflict):  # noqa: PT012 - the whole savepoint is under test
            async with tx.savepoint():
                await tx.open_ticket(desk.ticket())
                await tx.record(an_event(ticket, actor="inside"))
                await tx.work(ticket.id, NOW)
                await tx.add_mail(desk.mail(ticket, mail))
        await tx.quarantine(desk.mailbox.id, Incoming("p9", b"raw", NOW), "unreadable")

    boards = SqlBoards(desk.database)
    assert [event.actor for event in await desk.store.events(ticket.id)] == ["before"]
    assert (await boards.counts()).new == 1
    assert len(await boards.quarantined(5)) == 1
    assert desk.woken == 0


async def test_what_was_read_quarantined_or_skipped_for_good_is_known(desk):
    ticket = await desk.opened()
    await desk.received(ticket, provider_id="read")
    async with desk.store.begin() as tx:
        await tx.quarantine(desk.mailbox.id, Incoming("bad", b"raw", NOW), "too large")
        await tx.skip(desk.mailbox.id, Skipped("spam", "spam"))
        await tx.skip(desk.mailbox.id, Skipped("later", "a draft", is_final=False))

    asked = ["read", "bad", "spam", "later", "new", *(f"n{number}" for number in range(1200))]
    unknown = await desk.store.unknown_provider_ids(desk.mailbox.id, asked)

    assert unknown == set(asked) - {"read", "bad", "spam"}


async def test_a_quarantined_mail_is_shown_and_its_bytes_are_kept(desk):
    raw = b"\xff\xfe broken"
    for _ in range(2):
        async with desk.store.begin() as tx:
            await tx.quarantine(desk.mailbox.id, Incoming("bad", raw, NOW), "too deep")

    (line,) = await SqlBoards(desk.database).quarantined(10)

    assert (line.mailbox, line.reason, line.size) == (desk.mailbox.address, "too deep", len(raw))


async def test_the_tickets_of_references_are_found_in_their_own_mailbox_only(desk):
    other = Desk(desk.database, await new_mailbox(desk.database, "sales@helios.example"))
    here, there = await desk.opened(), await other.opened()
    mine, theirs = a_mail(), a_mail()
    await desk.received(here, mine)
    await other.received(there, theirs)

    async with desk.store.begin() as tx:
        held = await tx.tickets_holding(desk.mailbox.id, [mine.message_id, theirs.message_id, "<none@x>"])

        assert held == {mine.message_id: here.id}
        assert [known.ticket_id for known in await tx.mails_with_id(theirs.message_id)] == [there.id]
        assert await tx.mails_with_id("<none@x>") == ()


async def test_a_ticket_is_found_by_its_provider_thread_and_by_its_number(desk):
    ticket = await desk.opened()
    await desk.received(ticket, provider_thread_id="t1")
    await desk.received(None, provider_thread_id="t2")

    async with desk.store.begin() as tx:
        assert await tx.ticket_in_provider_thread(desk.mailbox.id, "t1") == ticket.id
        assert await tx.ticket_in_provider_thread(desk.mailbox.id, "t2") is None
        assert await tx.ticket_numbered(desk.mailbox.id, ticket.number) == ticket.id
        assert await tx.ticket_numbered(desk.mailbox.id, ticket.number + 1) is None
    assert await desk.store.provider_thread(ticket.id) == "t1"


async def test_everybody_who_wrote_or_was_written_to_takes_part(desk):
    ticket = await desk.opened()
    await desk.received(ticket, a_mail(sender=ADA, to=(Address("", "Bo@X.org"),), cc=(Address("", "c@x.org"),)))
    await desk.received(ticket, a_mail(sender=Address("", "d@x.org"), to=(ADA,)))

    async with desk.store.begin() as tx:
        assert await tx.participants(ticket.id) == {"ada@example.org", "bo@x.org", "c@x.org", "d@x.org"}


@pytest.mark.parametrize("kind", [MailKind.AUTOMATIC, MailKind.BOUNCE])
async def test_a_machines_mail_lets_nobody_take_part(desk, kind):
    ticket = await desk.opened()
    await desk.received(ticket, a_mail(cc=(Address("", "eve@x.org"),)), kind=kind)

    async with desk.store.begin() as tx:
        assert await tx.participants(ticket.id) == frozenset()


async def test_a_sender_whose_check_failed_brings_nobody_along(desk):
    ticket = await desk.opened()
    await desk.received(ticket, a_mail(cc=(Address("", "eve@x.org"),)), verdict=SenderVerdict.FAILED)

    async with desk.store.begin() as tx:
        assert await tx.participants(ticket.id) == {ADA.key}


@pytest.mark.parametrize(
    ("state", "is_ours"), [(OutboxState.SENT, True), (OutboxState.UNKNOWN, True), (OutboxState.CANCELLED, False)]
)
async def test_only_a_reply_that_may_have_left_counts_as_sent(desk, state, is_ours):
    ticket = await desk.opened()
    outgoing = await desk.approved(ticket)
    async with desk.store.begin() as tx:
        await tx.move_outgoing(outgoing, replace(outgoing, state=state))

    async with desk.store.begin() as tx:
        for sent in (await tx.sent_reply(outgoing.message_id), await tx.sent_reply(None, outgoing.id)):
            assert sent == (SentReply(ticket.id, frozenset({ADA.key})) if is_ours else None)


async def test_the_board_shows_the_last_words_and_not_those_of_machines(desk):
    ticket = await desk.opened()
    await desk.received(ticket, a_mail(visible_text="First\nwords"), at=NOW + SECOND)
    await desk.received(ticket, a_mail(visible_text="I am away"), kind=MailKind.AUTOMATIC, at=NOW + 5 * SECOND)

    (line,) = (await SqlBoards(desk.database).page(BoardFilter(), limit=5, cursor=None)).lines

    assert (line.snippet, line.updated_at, line.mails) == ("First words", NOW + SECOND, 2)


async def test_a_sender_whose_check_failed_is_marked_on_the_board(desk):
    ticket = await desk.opened()
    boards = SqlBoards(desk.database)

    mail_id = await desk.received(ticket, verdict=SenderVerdict.FAILED)

    (line,) = (await boards.page(BoardFilter(), limit=5, cursor=None)).lines
    assert line.sender_failed
    assert await desk.store.verdicts(ticket.id) == {mail_id: SenderVerdict.FAILED}


async def test_a_mailbox_remembers_its_cursor_and_since_when_it_is_ill(desk):
    boards = SqlBoards(desk.database)
    async with desk.store.begin() as tx:
        await tx.move_cursor(desk.mailbox.id, "c7")
        await tx.mailbox_is(desk.mailbox.id, MailboxState.OK, None, NOW)
    for seconds in (10, 20):
        async with desk.store.begin() as tx:
            await tx.mailbox_is(desk.mailbox.id, MailboxState.ERROR, "503", NOW + seconds * SECOND)

    (line,) = await boards.mailboxes()
    (record,) = await desk.store.mailboxes()

    assert record.cursor == "c7"
    assert (line.state, line.detail, line.state_since, line.last_ok_at) == (
        MailboxState.ERROR,
        "503",
        NOW + 10 * SECOND,
        NOW,
    )


async def test_a_mail_that_was_deleted_in_the_mailbox_stays_on_its_ticket(desk):
    ticket = await desk.opened()
    await desk.received(ticket, provider_id="p1")

    async with desk.store.begin() as tx:
        await tx.mark_gone(desk.mailbox.id, ["p1"])

    assert len((await desk.store.conversation(ticket.id)).messages) == 1


async def test_a_blob_that_is_not_there_is_not_found(desk):
    with pytest.raises(NotFound):
        await desk.store.blob("f" * 64)
