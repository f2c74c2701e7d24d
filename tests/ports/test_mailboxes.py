"""What every mailbox does, whatever it is made of."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.maildir import Maildir
from adapters.memory import MemoryMailbox
from entrypoints.gmail_double.running import RunningDouble
from tests.imap.servers import Servers, running_servers
from tests.ports.mailbox_benches import (
    Bench,
    Desk,
    GmailBench,
    ImapBench,
    MaildirBench,
    MemoryBench,
    a_mail,
    an_outgoing,
)
from tickets.errors import AnswerLost, MailboxError, Unavailable
from tickets.outbox import Absent, Outgoing, Receipt, RemoteDraft, Sent, Waiting


@pytest.fixture(scope="module")
def gmail() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture(scope="module")
def mail_servers() -> Iterator[Servers]:
    with running_servers() as running:
        yield running


@pytest.fixture(params=["memory", "maildir", "gmail", "imap"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    chosen = _bench(request, tmp_path)
    yield chosen
    chosen.close()


def _bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    match request.param:
        case "memory":
            return MemoryBench()
        case "maildir":
            return MaildirBench(tmp_path / "mailbox")
        case "gmail":
            return GmailBench(request.getfixturevalue("gmail"))
        case _:
            return ImapBench(request.getfixturevalue("mail_servers"))


@pytest.fixture
def maildir(tmp_path: Path) -> MaildirBench:
    return MaildirBench(tmp_path / "mailbox")


# --- mail in -------------------------------------------------------------------------------------------------------


async def test_a_new_mail_comes_byte_for_byte_under_its_own_id(bench: Bench) -> None:
    raw = a_mail(body="Gr\u00fc\u00dfe")
    provider_id = bench.receive(raw)

    [mail] = await Desk(bench.mailbox).sync()

    assert (mail.provider_id, mail.raw, mail.is_sent) == (provider_id, raw, False)
    assert mail.received_at.utcoffset() == timedelta(0)


async def test_mails_come_in_the_order_of_their_delivery(bench: Bench) -> None:
    ids = [bench.receive(a_mail(f"Mail {number}")) for number in range(5)]

    mails = await Desk(bench.mailbox).sync()

    assert [mail.provider_id for mail in mails] == ids


async def test_a_second_sync_gives_nothing_twice(bench: Bench) -> None:
    desk = Desk(bench.mailbox)
    bench.receive(a_mail())
    await desk.sync()

    assert await desk.sync() == []


async def test_a_mail_that_arrives_later_comes_with_the_next_sync(bench: Bench) -> None:
    desk = Desk(bench.mailbox)
    bench.receive(a_mail())
    await desk.sync()
    later = bench.receive(a_mail("Another"))

    assert [mail.provider_id for mail in await desk.sync()] == [later]


async def test_known_mails_stay_out_even_when_the_cursor_is_lost(bench: Bench) -> None:
    desk = Desk(bench.mailbox)
    bench.receive(a_mail())
    await desk.sync()
    desk.cursor = None

    assert await desk.sync() == []


async def test_a_sync_that_is_killed_after_a_portion_goes_on_without_loss_or_doubles(bench: Bench) -> None:
    desk = Desk(bench.mailbox)
    ids = [bench.receive(a_mail(f"Mail {number}")) for number in range(120)]

    await desk.sync(portions=1)
    first = len(desk.incoming)
    await desk.sync()

    assert 0 < first <= 50
    assert max(len(portion.incoming) for portion in desk.portions) <= 50
    assert sorted(mail.provider_id for mail in desk.incoming) == sorted(ids)


async def test_an_empty_mailbox_is_no_error(bench: Bench) -> None:
    assert await Desk(bench.mailbox).sync() == []


# --- a reply out ---------------------------------------------------------------------------------------------------


async def test_preparing_sends_nothing(bench: Bench) -> None:
    outgoing = an_outgoing()

    draft = await bench.mailbox.prepare(outgoing)

    assert bench.left() == []
    assert await bench.mailbox.lookup(outgoing) == Waiting(draft)


async def test_the_draft_of_an_earlier_attempt_is_adopted(bench: Bench) -> None:
    outgoing = an_outgoing()
    await bench.mailbox.prepare(an_outgoing())
    first = await bench.mailbox.prepare(outgoing)

    assert await bench.mailbox.prepare(outgoing) == first


async def test_a_submitted_reply_left_once_and_is_found_by_its_receipt(bench: Bench) -> None:
    outgoing = an_outgoing("Switch it off and on.")
    draft = await bench.mailbox.prepare(outgoing)

    receipt = await bench.mailbox.submit(draft, outgoing)

    [left] = bench.left()
    assert b"Switch it off and on." in left
    assert f"Message-ID: {receipt.message_id}".encode() in left
    assert await bench.mailbox.lookup(outgoing) == Sent(receipt)


async def test_a_second_submit_sends_nothing_more(bench: Bench) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    await bench.mailbox.submit(draft, outgoing)

    again = await _outcome(bench, draft, outgoing)

    assert isinstance(again, Receipt | AnswerLost)
    assert len(bench.left()) == 1


async def test_of_many_submits_at_once_exactly_one_sends(bench: Bench) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)

    outcomes = await asyncio.gather(*(_outcome(bench, draft, outgoing) for _ in range(6)))

    assert len(bench.left()) == 1
    assert any(isinstance(outcome, Receipt) for outcome in outcomes)
    assert all(isinstance(outcome, Receipt | AnswerLost) for outcome in outcomes)


async def test_the_approved_text_leaves_even_if_somebody_edited_the_draft(bench: Bench) -> None:
    outgoing = an_outgoing("What was approved.")
    draft = await bench.mailbox.prepare(outgoing)
    bench.edit_draft(draft, outgoing.mime.replace(b"What was approved.", b"Something else, much longer than before."))

    await bench.mailbox.submit(draft, outgoing)

    [left] = bench.left()
    assert b"What was approved." in left
    assert b"Something else" not in left


async def test_a_draft_that_disappeared_is_an_unknown_outcome_and_nothing_leaves(bench: Bench) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.delete_draft(draft)

    with pytest.raises(AnswerLost):
        await bench.mailbox.submit(draft, outgoing)

    assert bench.left() == []
    assert await bench.mailbox.lookup(outgoing) == Absent()


async def test_a_reply_that_was_never_prepared_is_absent(bench: Bench) -> None:
    assert await bench.mailbox.lookup(an_outgoing()) == Absent()


async def test_our_own_reply_never_comes_back_as_mail(bench: Bench) -> None:
    desk = Desk(bench.mailbox)
    outgoing = an_outgoing()
    await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    assert await desk.sync() == []


async def test_a_discarded_draft_is_gone_and_nothing_left(bench: Bench) -> None:
    outgoing = an_outgoing()
    await bench.mailbox.prepare(outgoing)

    await bench.mailbox.discard(outgoing)

    assert await bench.mailbox.lookup(outgoing) == Absent()
    assert bench.left() == []


async def test_discarding_again_or_what_was_never_prepared_is_no_error(bench: Bench) -> None:
    outgoing = an_outgoing()
    await bench.mailbox.prepare(outgoing)

    await bench.mailbox.discard(outgoing)
    await bench.mailbox.discard(outgoing)
    await bench.mailbox.discard(an_outgoing())


async def test_discarding_touches_no_other_reply(bench: Bench) -> None:
    doomed, other, sent = an_outgoing(), an_outgoing(), an_outgoing()
    await bench.mailbox.prepare(doomed)
    draft = await bench.mailbox.prepare(other)
    receipt = await bench.mailbox.submit(await bench.mailbox.prepare(sent), sent)

    await bench.mailbox.discard(doomed)
    await bench.mailbox.discard(sent)

    assert await bench.mailbox.lookup(other) == Waiting(draft)
    assert await bench.mailbox.lookup(sent) == Sent(receipt)


async def test_a_discarded_reply_can_be_prepared_and_sent_again(bench: Bench) -> None:
    outgoing = an_outgoing()
    await bench.mailbox.prepare(outgoing)
    await bench.mailbox.discard(outgoing)

    await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    assert len(bench.left()) == 1


async def test_replies_may_bear_the_mailboxs_own_address(bench: Bench) -> None:
    senders = await bench.mailbox.senders()

    assert bench.mailbox.address.casefold() in senders
    assert all(sender == sender.casefold() for sender in senders)


async def _outcome(bench: Bench, draft: RemoteDraft, outgoing: Outgoing) -> Receipt | MailboxError:
    try:
        return await bench.mailbox.submit(draft, outgoing)
    except MailboxError as error:
        return error


# --- the folder ----------------------------------------------------------------------------------------------------


async def test_an_untouched_maildir_is_not_listed_again(maildir: MaildirBench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(maildir.mailbox)
    maildir.receive(a_mail())
    _age(maildir.root)
    await desk.sync()
    monkeypatch.setattr(Path, "iterdir", _no_listing)

    assert await desk.sync() == []


async def test_a_mail_in_the_same_tick_as_the_listing_is_not_missed(maildir: MaildirBench) -> None:
    desk = Desk(maildir.mailbox)
    maildir.receive(a_mail())
    stamp = (maildir.root / "new").stat().st_mtime_ns
    await desk.sync()
    late = maildir.receive(a_mail("Same tick"))
    os.utime(maildir.root / "new", ns=(stamp, stamp))

    assert [mail.provider_id for mail in await desk.sync()] == [late]


async def test_reading_and_flagging_a_mail_does_not_make_it_new(maildir: MaildirBench) -> None:
    desk = Desk(maildir.mailbox)
    name = maildir.receive(a_mail())
    await desk.sync()
    (maildir.root / "new" / name).rename(maildir.root / "cur" / f"{name}:2,S")

    assert await desk.sync() == []


async def test_reading_leaves_the_files_where_they_are(maildir: MaildirBench) -> None:
    name = maildir.receive(a_mail())

    await Desk(maildir.mailbox).sync()

    assert [file.name for file in (maildir.root / "new").iterdir()] == [name]


async def test_a_mail_that_is_still_being_written_is_not_read(maildir: MaildirBench) -> None:
    (maildir.root / "tmp" / "1770000000.M1.host").write_bytes(b"From: half")

    assert await Desk(maildir.mailbox).sync() == []


async def test_what_is_no_file_is_skipped_once_and_a_link_is_not_followed(
    maildir: MaildirBench, tmp_path: Path
) -> None:
    desk, secret = Desk(maildir.mailbox), tmp_path / "elsewhere"
    secret.write_bytes(a_mail())
    (maildir.root / "new" / "1770000000.folder").mkdir()
    (maildir.root / "new" / "1770000001.link").symlink_to(secret)
    good = maildir.receive(a_mail())
    _age(maildir.root)

    mails = await desk.sync()

    assert [mail.provider_id for mail in mails] == [good]
    assert sorted((s.provider_id, s.is_final) for s in desk.skipped) == [
        ("1770000000.folder", True),
        ("1770000001.link", True),
    ]


async def test_a_file_name_that_is_no_utf8_is_a_mail_like_any_other(maildir: MaildirBench) -> None:
    desk, good = Desk(maildir.mailbox), maildir.receive(a_mail())
    (maildir.root / "new" / os.fsdecode(b"1770000000.na\xe4me.host")).write_bytes(a_mail())
    _age(maildir.root)

    mails = await desk.sync()

    assert {mail.provider_id for mail in mails} == {good, "1770000000.na\\xe4me.host"}
    assert all(mail.provider_id.encode() for mail in mails), "the database holds text"


async def test_a_file_that_vanishes_during_the_sync_is_passed_over(maildir: MaildirBench) -> None:
    desk = Desk(maildir.mailbox)
    gone, stays = maildir.receive(a_mail()), maildir.receive(a_mail())
    ask = desk.unknown

    async def unknown_and_lose(ids: Sequence[str]) -> frozenset[str]:
        (maildir.root / "new" / gone).unlink()
        return await ask(ids)

    mails = [mail async for portion in maildir.mailbox.changes(None, unknown_and_lose) for mail in portion.incoming]

    assert [mail.provider_id for mail in mails] == [stays]


async def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    mailbox = Maildir(tmp_path / "nowhere", "support@helios.example")

    with pytest.raises(Unavailable, match="mailbox add maildir"):
        await Desk(mailbox).sync()
    with pytest.raises(Unavailable):
        await mailbox.prepare(an_outgoing())

    assert not (tmp_path / "nowhere").exists()


async def test_a_maildir_draft_is_found_whatever_flags_a_mail_program_gave_it(maildir: MaildirBench) -> None:
    outgoing = an_outgoing()
    draft = await maildir.mailbox.prepare(outgoing)
    file = maildir.root / ".Drafts" / "cur" / f"{draft.id}:2,D"
    file.rename(file.with_name(f"{draft.id}:2,DFS"))

    await maildir.mailbox.submit(draft, outgoing)

    assert maildir.left() == [outgoing.mime]
    assert list((maildir.root / ".Drafts" / "cur").iterdir()) == []


async def test_two_processes_on_one_maildir_send_a_reply_once(maildir: MaildirBench) -> None:
    outgoing = an_outgoing()
    other = Maildir(maildir.root, "support@helios.example")

    drafts = await asyncio.gather(maildir.mailbox.prepare(outgoing), other.prepare(outgoing))
    await asyncio.gather(maildir.mailbox.submit(drafts[0], outgoing), other.submit(drafts[1], outgoing))

    assert maildir.left() == [outgoing.mime]


# --- the twin that can be told to fail -----------------------------------------------------------------------------


async def test_the_twin_loses_an_answer_after_the_reply_left() -> None:
    mailbox, outgoing = MemoryMailbox("support@helios.example"), an_outgoing()
    draft = await mailbox.prepare(outgoing)
    mailbox.will("lost_after_accept", on="submit")

    with pytest.raises(AnswerLost):
        await mailbox.submit(draft, outgoing)

    assert mailbox.sent == [outgoing.mime]
    assert isinstance(await mailbox.lookup(outgoing), Sent)


async def test_the_twin_loses_a_request_before_the_reply_left() -> None:
    mailbox, outgoing = MemoryMailbox("support@helios.example"), an_outgoing()
    draft = await mailbox.prepare(outgoing)
    mailbox.will("lost_before_accept", on="submit")

    with pytest.raises(AnswerLost):
        await mailbox.submit(draft, outgoing)

    assert mailbox.sent == []
    assert await mailbox.lookup(outgoing) == Waiting(draft)


async def test_the_twin_tells_what_was_deleted_and_what_a_colleague_sent() -> None:
    mailbox = MemoryMailbox("support@helios.example")
    desk = Desk(mailbox)
    provider_id = mailbox.receive(a_mail())
    await desk.sync()
    mailbox.delete(provider_id)
    mailbox.receive(a_mail(), is_sent=True)

    [by_hand] = await desk.sync()

    assert by_hand.is_sent
    assert desk.gone == [provider_id]


def _age(root: Path) -> None:
    """Make the folders look as if nothing had happened in them for a minute."""
    for part in ("new", "cur"):
        stamp = (root / part).stat().st_mtime_ns - 60_000_000_000
        os.utime(root / part, ns=(stamp, stamp))


def _no_listing(folder: Path) -> None:
    raise AssertionError(f"{folder.name} was listed")
