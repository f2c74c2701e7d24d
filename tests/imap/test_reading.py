"""Mail in an IMAP account reaches the desk once, whatever the server or its users do meanwhile."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from adapters import imap_sync
from adapters.imap import ImapMailbox
from adapters.imap_cursor import Cursor, ranges, unranged
from adapters.imap_settings import ImapSettings, Passwords
from adapters.memory import FixedClock
from tests.imap.servers import PASSWORD, Servers, running_servers
from tests.imap.wire import Wire
from tests.ports.mailbox_benches import Desk, ImapBench, a_mail, an_outgoing
from tickets.errors import Disconnected, Rejected, Unavailable

DELETED = b"\\Deleted"
BARE = "IMAP4rev1 NAMESPACE LITERAL+"


@pytest.fixture(scope="module")
def bare() -> Iterator[Servers]:
    """A server that offers no extension worth the name."""
    with running_servers(BARE) as running:
        yield running


@pytest.fixture(params=["rich", "bare"])
def either(request: pytest.FixtureRequest) -> Iterator[ImapBench]:
    bench = ImapBench(request.getfixturevalue("servers" if request.param == "rich" else "bare"))
    yield bench
    bench.close()


def ids(mails: Sequence[object]) -> list[str]:
    return [mail.provider_id for mail in mails]  # type: ignore[attr-defined]


def wrong(bench: ImapBench, secret: str = PASSWORD, **settings: str) -> ImapMailbox:
    read = ImapSettings.read(bench.settings | settings, bench.address)
    return ImapMailbox(bench.address, read, Passwords.read(secret))


# --- what is read --------------------------------------------------------------------------------------------------


async def test_reading_marks_nothing_as_seen(bench: ImapBench) -> None:
    mail = bench.receive(a_mail())

    await Desk(bench.mailbox).sync()

    assert b"\\Seen" not in bench.hands.flags(mail)


async def test_an_answer_comes_after_the_mail_it_answers_whatever_folder_it_lies_in(bench: ImapBench) -> None:
    begin = datetime.now(UTC) - timedelta(hours=3)
    later = bench.hands.put("INBOX", a_mail("Once more"), at=begin + timedelta(hours=2))
    answer = bench.hands.put("Sent Mail", a_mail("Re: First"), at=begin + timedelta(hours=1))
    first = bench.hands.put("INBOX", a_mail("First"), at=begin)

    mails = await Desk(bench.mailbox).sync()

    assert ids(mails) == [first, answer, later]
    assert [mail.is_sent for mail in mails] == [False, True, False]
    assert mails[0].received_at == begin.replace(microsecond=0)


async def test_a_colleagues_answer_comes_as_sent_and_our_own_is_skipped(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    outgoing = an_outgoing()
    receipt = await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)
    by_hand = bench.receive(a_mail("Re: by hand"), "Sent Mail")

    [mail] = await desk.sync()

    assert (mail.provider_id, mail.is_sent) == (by_hand, True)
    assert [(skipped.provider_id, skipped.reason) for skipped in desk.skipped] == [
        (receipt.provider_id, "our own reply")
    ]


async def test_junk_and_drafts_are_not_read_until_somebody_moves_them_out(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    bench.receive(a_mail("Half written"), "Drafts")
    bench.receive(a_mail("Prize!"), "Junk")
    assert await desk.sync() == []

    bench.hands.client.select_folder("Junk")
    bench.hands.client.move(bench.hands.client.search(), "INBOX")

    [rescued] = await desk.sync()
    assert b"Prize!" in rescued.raw


async def test_configured_folders_are_read_too_but_never_junk(servers: Servers) -> None:
    bench = ImapBench(servers, {"folders": "Büro, Junk"})
    bench.hands.client.create_folder("Büro")
    mail = bench.receive(a_mail(), "Büro")
    bench.receive(a_mail("Prize!"), "Junk")

    mails = await Desk(bench.mailbox).sync()

    assert ids(mails) == [mail]
    bench.close()


async def test_a_folder_that_is_not_there_is_named_and_keeps_no_mail_back(servers: Servers) -> None:
    bench = ImapBench(servers, {"folders": "Nowhere"})
    desk, mail = Desk(bench.mailbox), bench.receive(a_mail())

    with pytest.raises(Rejected, match="Nowhere"):
        await desk.sync()

    assert ids(desk.incoming) == [mail]
    bench.close()


async def test_the_first_sync_looks_back_so_far_and_what_is_moved_in_later_comes_whatever_its_age(
    servers: Servers,
) -> None:
    bench = ImapBench(servers, clock=FixedClock(datetime.now(UTC)))
    desk = Desk(bench.mailbox)
    old = datetime.now(UTC) - timedelta(days=90)
    bench.hands.put("INBOX", a_mail("Long ago"), at=old)
    recent = bench.receive(a_mail())
    assert ids(await desk.sync()) == [recent]

    moved_in = bench.hands.put("INBOX", a_mail("Found again"), at=old)

    assert ids(await desk.sync()) == [moved_in]
    bench.close()


async def test_a_long_first_sync_says_how_far_it_is_and_later_ones_say_nothing(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    for number in range(110):
        bench.receive(a_mail(f"Mail {number}"))
    await desk.sync(portions=1)
    await desk.sync()
    bench.receive(a_mail("One more"))
    await desk.sync()

    progress = [portion.progress for portion in desk.portions]
    assert [(each.done, each.total) for each in progress if each] == [(50, 110), (100, 110)]
    assert len({each.since for each in progress if each}) == 1
    assert progress[2:] == [None] * (len(progress) - 2)


async def test_a_portion_holds_no_more_bytes_than_fit(bench: ImapBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_sync, "PORTION_BYTES", 3_000)
    desk = Desk(bench.mailbox)
    for _ in range(4):
        bench.receive(a_mail(body="x" * 2_000))

    await desk.sync()

    assert [len(portion.incoming) for portion in desk.portions] == [1, 1, 1, 1]


async def test_of_an_oversized_mail_only_as_much_is_fetched_as_shows_it(
    bench: ImapBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_sync, "MAX_BYTES", 5_000)
    monkeypatch.setattr(imap_sync, "PORTION_BYTES", 5_000)
    bench.receive(a_mail())
    bench.receive(a_mail(body="x" * 20_000))

    small, large = await Desk(bench.mailbox).sync()

    assert len(small.raw) < 1_000
    assert len(large.raw) == 5_001


# --- what happens to mails -----------------------------------------------------------------------------------------


async def test_a_mail_that_is_deleted_for_good_is_told_as_gone(either: ImapBench) -> None:
    desk = Desk(either.mailbox)
    gone, stays = either.receive(a_mail()), either.receive(a_mail())
    await desk.sync()

    either.hands.mark(gone, DELETED)
    either.hands.client.expunge()
    late = either.receive(a_mail("Late"))

    assert ids(await desk.sync()) == [late]
    assert desk.gone == [gone]
    assert stays not in desk.gone


async def test_a_mail_marked_as_deleted_is_left_out_until_the_mark_goes(either: ImapBench) -> None:
    desk = Desk(either.mailbox)
    doomed = either.receive(a_mail())
    either.hands.mark(doomed, DELETED)
    assert await desk.sync() == []
    assert await desk.sync() == []
    assert [(skipped.provider_id, skipped.is_final) for skipped in desk.skipped] == [(doomed, False)]

    either.hands.unmark(doomed, DELETED)

    assert ids(await desk.sync()) == [doomed]
    assert await desk.sync() == []


async def test_a_mail_that_vanishes_during_the_sync_is_passed_over(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    gone, stays = bench.receive(a_mail()), bench.receive(a_mail())

    async def unknown_and_lose(asked: Sequence[str]) -> frozenset[str]:
        if gone in asked:
            bench.hands.remove(gone)
        return frozenset(asked)

    mails = [mail async for portion in bench.mailbox.changes(None, unknown_and_lose) for mail in portion.incoming]

    assert ids(mails) == [stays]
    assert await desk.sync() != []


async def test_nothing_new_costs_one_look_at_each_folder(bench: ImapBench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(bench.mailbox)
    bench.receive(a_mail())
    await desk.sync()
    portions = len(desk.portions)
    monkeypatch.setattr("imapclient.IMAPClient.select_folder", _no_opening)

    assert await desk.sync() == []
    assert len(desk.portions) == portions


async def test_folders_that_are_numbered_anew_are_read_anew_under_new_ids(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    before = [bench.receive(a_mail()) for _ in range(3)]
    await desk.sync()

    bench.number_anew()

    desk.mailbox = bench.mailbox
    again = await desk.sync()
    assert len(again) == 3
    assert not set(ids(again)) & set(before)
    assert await desk.sync() == []
    assert desk.gone == [], "a new number is no deletion"


# --- faults --------------------------------------------------------------------------------------------------------


async def test_a_connection_that_breaks_between_portions_loses_and_doubles_nothing(servers: Servers) -> None:
    async with Wire(servers.ports["imap"]) as wire:
        bench = ImapBench(servers, servers.in_the_clear(imap_port=str(wire.port)))
        desk = Desk(bench.mailbox)
        sent = [bench.receive(a_mail(f"Mail {number}")) for number in range(120)]
        await desk.sync(portions=1)
        wire.cut()
        with pytest.raises(Unavailable):
            await desk.sync()
        wire.is_open = True

        await desk.sync()

        assert sorted(ids(desk.incoming)) == sorted(sent)
        bench.close()


async def test_a_connection_that_died_while_it_was_idle_is_made_anew(servers: Servers) -> None:
    async with Wire(servers.ports["imap"]) as wire:
        bench = ImapBench(servers, servers.in_the_clear(imap_port=str(wire.port)))
        desk = Desk(bench.mailbox)
        await desk.sync()
        wire.cut()
        wire.is_open = True
        mail = bench.receive(a_mail())

        assert ids(await desk.sync()) == [mail]
        bench.close()


async def test_one_mail_that_the_server_cannot_give_keeps_no_other_back(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    good = [bench.receive(a_mail(f"Good {number}")) for number in range(3)]
    bench.receive(a_mail("Broken"))
    folder = bench.servers.root / "mail" / bench.address / "Maildir"
    [broken] = [file for file in folder.rglob("*") if file.is_file() and b"Subject: Broken" in file.read_bytes()]
    broken.chmod(0)

    mails = await desk.sync()
    still = await desk.sync()
    broken.chmod(0o600)
    repaired = await desk.sync()

    assert sorted(ids(mails)) == sorted(good)
    assert still == []
    assert len([skipped for skipped in desk.skipped if not skipped.is_final]) == 1
    assert [b"Broken" in mail.raw for mail in repaired] == [True]


async def test_a_refused_password_is_a_disconnection(bench: ImapBench) -> None:
    mailbox = wrong(bench, "stale")

    with pytest.raises(Disconnected, match="mailbox add imap"):
        await Desk(mailbox).sync()

    mailbox.close()


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(bench: ImapBench) -> None:
    mailbox = wrong(bench, ca_file="")

    with pytest.raises(Unavailable, match="certificate"):
        await Desk(mailbox).sync()

    mailbox.close()


async def test_a_connection_may_begin_in_the_clear_and_be_encrypted_before_the_password(bench: ImapBench) -> None:
    ports = bench.servers.ports
    starttls = {"imap_security": "starttls", "smtp_security": "starttls"}
    mailbox = wrong(bench, imap_port=str(ports["imap"]), smtp_port=str(ports["smtp"]), **starttls)
    mail, outgoing = bench.receive(a_mail()), an_outgoing()

    assert ids(await Desk(mailbox).sync()) == [mail]
    await mailbox.submit(await mailbox.prepare(outgoing), outgoing)

    assert len(bench.left()) == 1
    mailbox.close()


async def test_a_password_may_hold_any_letter(servers: Servers) -> None:
    bench = ImapBench(servers)
    mailbox = wrong(bench, 'straße"\\{5}')

    with pytest.raises(Disconnected):
        await Desk(mailbox).sync()

    mailbox.close()
    bench.close()


# --- the cursor ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("uids", [set(), {1}, {1, 2, 3}, {1, 3, 4, 9}, set(range(10, 5_000))])
def test_uids_survive_being_written_as_ranges(uids: set[int]) -> None:
    assert unranged(ranges(uids)) == uids


def test_the_cursor_of_a_mailbox_with_many_holes_stays_small() -> None:
    assert len(ranges(range(1_000_000, 1_200_000, 2))) < 40_000


async def test_a_cursor_is_the_same_after_it_was_stored(bench: ImapBench) -> None:
    desk = Desk(bench.mailbox)
    bench.receive(a_mail())
    await desk.sync()

    assert desk.cursor is not None
    assert Cursor.read(desk.cursor).text == desk.cursor


def _no_opening(*_: object, **__: object) -> None:
    raise AssertionError("a folder was opened")
