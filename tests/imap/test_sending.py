"""A reply leaves an IMAP account once: what the recipients' server received is counted."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.imap import ImapMailbox
from adapters.imap_settings import ImapSettings, Passwords
from tests.imap.servers import PASSWORD, Servers
from tests.imap.wire import Cut, Wire
from tests.ports.mailbox_benches import ImapBench, an_outgoing
from tests.service import free_port
from tickets.errors import AnswerLost, Disconnected, MailboxError, Rejected, Unavailable
from tickets.mail import Address
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting

ANNA, BEN, CARA = (Address("", f"{name}@example.net") for name in ("anna", "ben", "cara"))
REFUSED, LATER = Address("", "refused@example.net"), Address("", "later@example.net")


@pytest.fixture
def clear(servers: Servers) -> Iterator[ImapBench]:
    """An account reached without encryption, for wires."""
    bench = ImapBench(servers, servers.in_the_clear())
    yield bench
    bench.close()


async def prepared(bench: ImapBench, approved: Outgoing | None = None, **changes: Any) -> tuple[Outgoing, RemoteDraft]:
    outgoing = replace(approved or an_outgoing(), **changes)
    return outgoing, await bench.mailbox.prepare(outgoing)


def through(bench: ImapBench, **ports: int) -> ImapMailbox:
    """The same account, reached by other ports."""
    settings = bench.settings | {name: str(port) for name, port in ports.items()}
    return ImapMailbox(bench.address, ImapSettings.read(settings, bench.address), Passwords.read(PASSWORD))


async def outcome(mailbox: ImapMailbox, draft: RemoteDraft, outgoing: Outgoing) -> Receipt | MailboxError:
    try:
        return await mailbox.submit(draft, outgoing)
    except MailboxError as error:
        return error


# --- what leaves ---------------------------------------------------------------------------------------------------


async def test_every_recipient_gets_one_mail_and_none_learns_of_the_blind_copies(bench: ImapBench) -> None:
    plain = an_outgoing()
    hidden = plain.mime.replace(b"Subject:", b"Bcc: cara@example.net,\r\n dora@example.net\r\nSubject:", 1)
    outgoing, draft = await prepared(bench, plain, to=(ANNA,), cc=(BEN, ANNA), bcc=(CARA,), mime=hidden)

    await bench.mailbox.submit(draft, outgoing)

    recipients = [recipient for recipient, _ in bench.servers.deliveries(bench.address)]
    assert sorted(recipients) == ["anna@example.net", "ben@example.net", "cara@example.net"]
    assert not any(b"bcc" in mail.lower() or b"dora" in mail for mail in bench.left())


async def test_the_copy_among_the_sent_mails_is_the_approved_one_and_the_drafts_are_empty(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench)

    receipt = await bench.mailbox.submit(draft, outgoing)

    assert bench.hands.texts("Sent Mail") == [outgoing.mime]
    assert bench.hands.texts("Drafts") == []
    assert b"\\Seen" in bench.hands.flags(receipt.provider_id)


async def test_a_reply_leaves_in_the_name_of_its_sender(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench, sender="sales@helios.example")

    await bench.mailbox.submit(draft, outgoing)

    assert len(bench.servers.left("sales@helios.example")) == 1


async def test_a_line_with_one_dot_arrives_as_it_was_approved(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench, an_outgoing("Before\r\n.\r\n..after"))

    await bench.mailbox.submit(draft, outgoing)

    [left] = bench.left()
    assert left.replace(b"\r\n", b"\n").rstrip().endswith(b"Before\n.\n..after")


async def test_settings_may_name_aliases(servers: Servers) -> None:
    bench = ImapBench(servers, {"aliases": "Sales@helios.example, info@helios.example"})

    assert await bench.mailbox.senders() == {bench.address, "sales@helios.example", "info@helios.example"}
    bench.close()


async def test_where_the_server_files_sent_mail_itself_no_second_copy_is_laid_down(servers: Servers) -> None:
    bench = ImapBench(servers, {"saves_sent": "yes"})
    outgoing, draft = await prepared(bench)

    receipt = await bench.mailbox.submit(draft, outgoing)

    assert not receipt.is_read_back
    assert bench.hands.texts("Sent Mail") == []
    bench.hands.put("Sent Mail", outgoing.mime)
    assert isinstance(await bench.mailbox.lookup(outgoing), Sent)
    bench.close()


# --- definite answers ----------------------------------------------------------------------------------------------


async def test_a_text_that_the_server_refuses_is_rejected_with_its_words_and_stays_a_draft(bench: ImapBench) -> None:
    outgoing = an_outgoing(subject="NOT WANTED")
    draft = await bench.mailbox.prepare(outgoing)

    with pytest.raises(Rejected, match="this text is not wanted"):
        await bench.mailbox.submit(draft, outgoing)

    assert await bench.mailbox.lookup(outgoing) == Waiting(draft)
    assert bench.left() == []


async def test_a_text_that_the_server_puts_off_is_sent_later(bench: ImapBench) -> None:
    outgoing = an_outgoing(subject="NOT NOW")
    draft = await bench.mailbox.prepare(outgoing)

    with pytest.raises(Unavailable, match="too busy"):
        await bench.mailbox.submit(draft, outgoing)
    calmer = replace(outgoing, mime=outgoing.mime.replace(b"NOT NOW", b"now"))
    await bench.mailbox.submit(draft, calmer)

    assert len(bench.left()) == 1


async def test_one_refused_recipient_of_two_is_on_the_receipt(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench, to=(ANNA, REFUSED))

    receipt = await bench.mailbox.submit(draft, outgoing)

    assert receipt.refused == ("refused@example.net",)
    assert bench.servers.deliveries(bench.address) == [("anna@example.net", str(outgoing.id))]


async def test_when_every_recipient_is_refused_the_reply_is_rejected(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench, to=(REFUSED,), cc=(Address("", "refused2@example.net"),))

    with pytest.raises(Rejected, match="no such user"):
        await bench.mailbox.submit(draft, outgoing)

    assert await bench.mailbox.lookup(outgoing) == Waiting(draft)


async def test_a_recipient_that_is_put_off_keeps_the_whole_reply_back(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench, to=(ANNA, LATER))

    with pytest.raises(Unavailable, match="come back later"):
        await bench.mailbox.submit(draft, outgoing)

    assert await bench.mailbox.lookup(outgoing) == Waiting(draft)
    assert bench.left() == []


async def test_a_sender_that_the_server_does_not_allow_is_rejected(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench, sender="forbidden@helios.example")

    with pytest.raises(Rejected, match="you may not write as that address"):
        await bench.mailbox.submit(draft, outgoing)

    assert bench.left() == []


async def test_a_refused_smtp_password_is_a_disconnection_and_nothing_left(servers: Servers) -> None:
    bench = ImapBench(servers)
    outgoing, draft = await prepared(bench)
    secret = '{"password": "sunny-side-up", "smtp_password": "stale"}'
    stale = ImapMailbox(bench.address, ImapSettings.read(bench.settings, bench.address), Passwords.read(secret))

    with pytest.raises(Disconnected, match="mailbox add imap"):
        await stale.submit(draft, outgoing)

    assert await bench.mailbox.lookup(outgoing) == Waiting(draft)
    stale.close()
    bench.close()


async def test_a_server_that_is_down_is_tried_again(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench)
    elsewhere = through(bench, smtp_port=free_port())

    with pytest.raises(Unavailable):
        await elsewhere.submit(draft, outgoing)

    await bench.mailbox.submit(draft, outgoing)
    assert len(bench.left()) == 1
    elsewhere.close()


# --- broken conversations ------------------------------------------------------------------------------------------


async def test_a_line_that_breaks_before_the_text_has_sent_nothing_and_the_next_try_sends(
    clear: ImapBench,
) -> None:
    outgoing, draft = await prepared(clear)
    async with Wire(clear.servers.ports["smtp"], Cut.AT_RCPT) as wire:
        mailbox = through(clear, smtp_port=wire.port)

        with pytest.raises(Unavailable):
            await mailbox.submit(draft, outgoing)
        assert await mailbox.lookup(outgoing) == Waiting(draft)
        await mailbox.submit(draft, outgoing)
        mailbox.close()

    assert len(clear.left()) == 1


@pytest.mark.parametrize(("cut", "left"), [(Cut.AT_DATA, 0), (Cut.IN_TEXT, 0), (Cut.AFTER_ACCEPT, 1)])
async def test_a_lost_answer_is_unknown_and_is_never_followed_by_a_second_mail(
    clear: ImapBench, cut: Cut, left: int
) -> None:
    outgoing, draft = await prepared(clear)
    async with Wire(clear.servers.ports["smtp"], cut) as wire:
        mailbox = through(clear, smtp_port=wire.port)

        with pytest.raises(AnswerLost):
            await mailbox.submit(draft, outgoing)
        seen = await mailbox.lookup(outgoing)
        again = await outcome(mailbox, draft, outgoing)
        mailbox.close()

    assert seen == Absent(), "a draft that may have left must not pass for one that waits"
    assert isinstance(again, AnswerLost)
    assert isinstance(await outcome(clear.mailbox, draft, outgoing), AnswerLost), "nor may another process send it"
    assert len(clear.left()) == left


async def test_once_a_person_has_said_what_became_of_it_draft_and_note_go(clear: ImapBench) -> None:
    outgoing, draft = await prepared(clear)
    async with Wire(clear.servers.ports["smtp"], Cut.AFTER_ACCEPT) as wire:
        mailbox = through(clear, smtp_port=wire.port)
        with pytest.raises(AnswerLost):
            await mailbox.submit(draft, outgoing)
        mailbox.close()
    assert len(clear.hands.texts("Drafts")) == 2

    await clear.mailbox.discard(outgoing)

    assert clear.hands.texts("Drafts") == []


async def test_a_note_that_could_not_be_taken_back_does_not_stop_the_next_try(clear: ImapBench) -> None:
    outgoing, draft = await prepared(clear)
    ports = clear.servers.ports
    async with Wire(ports["imap"]) as imap, Wire(ports["smtp"], Cut.AT_RCPT, on_cut=imap.cut) as smtp:
        mailbox = through(clear, imap_port=imap.port, smtp_port=smtp.port)
        with pytest.raises(Unavailable):
            await mailbox.submit(draft, outgoing)
        imap.is_open = True

        assert len(clear.hands.texts("Drafts")) == 2
        await mailbox.submit(draft, outgoing)
        mailbox.close()

    assert len(clear.left()) == 1
    assert clear.hands.texts("Drafts") == []


async def test_a_mail_that_is_out_stays_out_even_if_its_copy_cannot_be_filed(clear: ImapBench) -> None:
    outgoing, draft = await prepared(clear)
    ports = clear.servers.ports
    async with Wire(ports["imap"]) as imap, Wire(ports["smtp"], Cut.NOWHERE, on_cut=imap.cut) as smtp:
        mailbox = through(clear, imap_port=imap.port, smtp_port=smtp.port)

        receipt = await mailbox.submit(draft, outgoing)
        mailbox.close()

    assert not receipt.is_read_back
    assert isinstance(await outcome(clear.mailbox, draft, outgoing), AnswerLost)
    assert len(clear.left()) == 1


async def test_two_processes_on_one_account_send_a_reply_once(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench)
    others = [bench.reopened() for _ in range(3)]

    outcomes = await asyncio.gather(*(outcome(mailbox, draft, outgoing) for mailbox in (bench.mailbox, *others)))

    assert len(bench.left()) == 1
    assert all(isinstance(each, Receipt | AnswerLost) for each in outcomes)
    for mailbox in others:
        mailbox.close()


# --- what people do to drafts --------------------------------------------------------------------------------------


async def test_a_draft_that_somebody_moved_to_the_sent_mails_does_not_pass_for_sent(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench)
    bench.hands.client.select_folder("Drafts")
    bench.hands.client.move([int(draft.id.rsplit(":", 1)[1])], "Sent Mail")

    assert await bench.mailbox.lookup(outgoing) == Absent()


async def test_a_draft_that_is_marked_as_deleted_is_gone(bench: ImapBench) -> None:
    outgoing, draft = await prepared(bench)
    bench.hands.mark(draft.id, b"\\Deleted")

    with pytest.raises(AnswerLost):
        await bench.mailbox.submit(draft, outgoing)

    assert bench.left() == []


async def test_folders_that_are_not_there_are_made(bench: ImapBench) -> None:
    bench.hands.client.delete_folder("Drafts")
    bench.hands.client.delete_folder("Sent Mail")
    outgoing, draft = await prepared(bench)

    receipt = await bench.mailbox.submit(draft, outgoing)

    assert await bench.mailbox.lookup(outgoing) == Sent(receipt)
