"""Gmail over real HTTP, on the double: what its history hides, what its errors mean, and that a reply leaves once."""

import socket
import threading
from collections.abc import Iterator
from uuid import uuid4

import httplib2
import pytest

from adapters.gmail_cursor import Cursor
from adapters.gmail_errors import NeverConnected
from adapters.gmail_one_shot import OneShotHttp
from adapters.memory import FixedClock
from entrypoints.gmail_double.history import HistoryFault
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.mailbox_benches import Desk, GmailBench, a_mail, an_outgoing
from tickets.errors import AnswerLost, Disconnected, Rejected, Unavailable
from tickets.outbox import Absent, Sent, Waiting


@pytest.fixture(scope="module")
def gmail() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture
def bench(gmail: RunningDouble) -> Iterator[GmailBench]:
    bench = GmailBench(gmail)
    yield bench
    bench.close()
    gmail.double.clear_faults()


@pytest.fixture
def desk(bench: GmailBench) -> Desk:
    return Desk(bench.mailbox)


# --- mail in -------------------------------------------------------------------------------------------------------


async def test_mail_comes_with_its_thread(bench: GmailBench, desk: Desk) -> None:
    provider_id = bench.receive(a_mail())

    [mail] = await desk.sync()

    assert mail.provider_thread_id == bench.account.get(provider_id).thread_id


async def test_mail_that_a_rule_archived_on_arrival_is_read(bench: GmailBench, desk: Desk) -> None:
    await desk.sync()
    archived = bench.receive(a_mail(), "UNREAD")

    assert [mail.provider_id for mail in await desk.sync()] == [archived]


async def test_spam_is_skipped_with_its_reason_and_read_once_it_is_rescued(bench: GmailBench, desk: Desk) -> None:
    await desk.sync()
    spam = bench.receive(a_mail(), "SPAM")
    first = await desk.sync()
    bench.account.relabel(spam, add=("INBOX",), remove=("SPAM",))
    second = await desk.sync()

    assert first == []
    assert [(s.provider_id, s.reason, s.is_final) for s in desk.skipped] == [(spam, "spam", False)]
    assert [mail.provider_id for mail in second] == [spam]


@pytest.mark.parametrize(("label", "is_final"), [("TRASH", False), ("DRAFT", False), ("CHAT", True)])
async def test_what_is_no_mail_for_the_desk_is_skipped(
    bench: GmailBench, desk: Desk, label: str, is_final: bool
) -> None:
    await desk.sync()
    bench.receive(a_mail(), label)

    assert await desk.sync() == []
    assert [(skipped.reason, skipped.is_final) for skipped in desk.skipped] == [(label.lower(), is_final)]


async def test_a_colleagues_answer_is_told_from_our_own(bench: GmailBench, desk: Desk) -> None:
    outgoing = an_outgoing()
    await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)
    by_hand = bench.receive(a_mail("Answered by hand"), "SENT")

    mails = await desk.sync()

    assert [(mail.provider_id, mail.is_sent) for mail in mails] == [(by_hand, True)]
    assert "our own reply" in {skipped.reason for skipped in desk.skipped}


async def test_a_customer_who_copies_our_marker_is_read_all_the_same(bench: GmailBench, desk: Desk) -> None:
    mail = bench.receive(a_mail(extra=f"X-CA-Send-Id: {uuid4()}\r\n"))

    assert [incoming.provider_id for incoming in await desk.sync()] == [mail]


async def test_a_deleted_mail_is_reported_gone(bench: GmailBench, desk: Desk) -> None:
    mail = bench.receive(a_mail())
    await desk.sync()
    bench.account.delete(mail)

    await desk.sync()

    assert desk.gone == [mail]


async def test_a_mail_that_vanishes_between_listing_and_reading_is_passed_over(bench: GmailBench, desk: Desk) -> None:
    bench.receive(a_mail())
    other = bench.receive(a_mail())
    bench.fault("messages.get", "404")

    assert [mail.provider_id for mail in await desk.sync()] == [other]


async def test_an_expired_history_means_a_new_listing_and_no_error(bench: GmailBench, desk: Desk) -> None:
    bench.receive(a_mail())
    await desk.sync()
    meanwhile = bench.receive(a_mail())
    bench.gmail.double.history_floor(bench.address)

    assert [mail.provider_id for mail in await desk.sync()] == [meanwhile]


@pytest.mark.parametrize("kind", ["duplicate", "shuffle"])
async def test_history_in_disorder_gives_every_mail_once(bench: GmailBench, desk: Desk, kind: str) -> None:
    await desk.sync()
    bench.gmail.double.history_fault(bench.address, HistoryFault(kind))
    ids = [bench.receive(a_mail()) for _ in range(30)]

    mails = await desk.sync()

    assert sorted(mail.provider_id for mail in mails) == sorted(ids)


async def test_a_record_that_history_withheld_for_good_is_found_by_the_hourly_listing(gmail: RunningDouble) -> None:
    clock = FixedClock()
    bench = GmailBench(gmail, clock=clock)
    desk = Desk(bench.mailbox)
    await desk.sync()
    withheld = bench.receive(a_mail())
    gmail.double.history_fault(bench.address, HistoryFault("delay", lossy=True))
    missed = await desk.sync()

    clock.advance(3601)
    found = await desk.sync()
    bench.close()

    assert missed == []
    assert [mail.provider_id for mail in found] == [withheld]


async def test_a_killed_backfill_goes_on_where_it_stood_and_shows_how_far_it_is(bench: GmailBench, desk: Desk) -> None:
    bench.gmail.double.seed(bench.address, 620, every_s=1)
    await desk.sync(portions=21)
    gets, had = bench.calls("messages.get"), len(desk.incoming)

    await desk.sync()

    ids = [mail.provider_id for mail in desk.incoming]
    assert bench.calls("messages.get") - gets == 620 - had
    assert len(ids) == len(set(ids)) == 620
    shown = [portion.progress for portion in desk.portions if portion.progress]
    assert [progress.done for progress in shown] == sorted(progress.done for progress in shown)
    assert {progress.total for progress in shown} == {620}
    assert len({progress.since for progress in shown}) == 1
    assert desk.portions[-1].progress is None


async def test_a_full_sync_gives_the_oldest_mail_first(bench: GmailBench, desk: Desk) -> None:
    bench.gmail.double.seed(bench.address, 1_100, every_s=1)

    mails = await desk.sync()

    times = [mail.received_at for mail in mails]
    assert times == sorted(times)
    assert len(times) == 1_100


async def test_a_page_token_that_grew_old_starts_the_listing_again(bench: GmailBench, desk: Desk) -> None:
    bench.gmail.double.seed(bench.address, 520, every_s=1)
    bench.fault("messages.list", "400", skip=1)

    await desk.sync()

    assert len({mail.provider_id for mail in desk.incoming}) == len(desk.incoming) == 520


async def test_the_cursor_moves_forward_across_a_new_digit(bench: GmailBench, desk: Desk) -> None:
    await desk.sync()
    before = Cursor.read(desk.cursor or "").history_id
    for _ in range(15):
        bench.receive(a_mail())

    assert len(await desk.sync()) == 15
    after = Cursor.read(desk.cursor or "").history_id
    assert after > before
    assert len(str(after)) > len(str(before))


async def test_the_cursor_never_moves_back(bench: GmailBench, desk: Desk) -> None:
    await desk.sync()
    bench.receive(a_mail())
    await desk.sync()
    before = Cursor.read(desk.cursor or "").history_id
    bench.gmail.double.history_fault(bench.address, HistoryFault("delay", records=1, calls=1))

    await desk.sync()

    assert Cursor.read(desk.cursor or "").history_id == before


# --- what the errors mean ------------------------------------------------------------------------------------------


async def test_rate_limits_inside_a_batch_lose_no_mail(bench: GmailBench, desk: Desk) -> None:
    ids = [bench.receive(a_mail()) for _ in range(30)]
    bench.fault("messages.get", "429", times=17)

    assert [mail.provider_id for mail in await desk.sync()] == ids


@pytest.mark.parametrize("kind", ["429", "403:userRateLimitExceeded", "500", "503", "drop_before", "401"])
async def test_a_passing_fault_while_reading_is_got_over(bench: GmailBench, desk: Desk, kind: str) -> None:
    mail = bench.receive(a_mail())
    bench.fault("messages.list", kind, times=2)

    assert [incoming.provider_id for incoming in await desk.sync()] == [mail]


async def test_a_lasting_fault_is_given_up_for_now(bench: GmailBench, desk: Desk) -> None:
    bench.fault("messages.list", "503", times=99)

    with pytest.raises(Unavailable):
        await desk.sync()


async def test_googles_wish_to_wait_longer_is_passed_on(bench: GmailBench, desk: Desk) -> None:
    bench.fault("getProfile", "429", times=99, retry_after_s=60)
    calls = bench.calls("getProfile")

    with pytest.raises(Unavailable) as raised:
        await desk.sync()

    assert raised.value.retry_after_s == 60
    assert bench.calls("getProfile") - calls == 1


@pytest.mark.parametrize(
    ("kind", "step"),
    [
        ("403:insufficientPermissions", "connect gmail"),
        ("403:domainPolicy", "administrator"),
        ("403:accessNotConfigured", "Switch on"),
        ("400:failedPrecondition", "admin console"),
    ],
)
async def test_a_lasting_refusal_names_the_next_step_and_is_not_repeated(
    bench: GmailBench, desk: Desk, kind: str, step: str
) -> None:
    bench.fault("messages.list", kind, times=99)
    calls = bench.calls("messages.list")

    with pytest.raises(Rejected, match=step):
        await desk.sync()

    assert bench.calls("messages.list") - calls == 1


async def test_a_withdrawn_permission_is_a_disconnection(bench: GmailBench, desk: Desk) -> None:
    bench.gmail.double.revoke(bench.address)

    with pytest.raises(Disconnected, match="connect gmail"):
        await desk.sync()


async def test_a_token_endpoint_that_is_down_is_no_disconnection(bench: GmailBench, desk: Desk) -> None:
    bench.gmail.double.fault("oauth.token", "502", times=99)

    with pytest.raises(Unavailable):
        await desk.sync()


async def test_an_expired_access_token_is_renewed_unnoticed(bench: GmailBench, desk: Desk) -> None:
    await desk.sync()
    bench.gmail.double.expire_access(bench.address)
    mail = bench.receive(a_mail())

    assert [incoming.provider_id for incoming in await desk.sync()] == [mail]


# --- a reply out, once ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["drop_after", "503_after", "500_after", "hang_after"])
async def test_a_reply_whose_answer_is_lost_left_once_and_is_found(gmail: RunningDouble, kind: str) -> None:
    bench = GmailBench(gmail, timeout_s=0.5)
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.fault("drafts.send", kind)
    calls = bench.calls("drafts.send")

    with pytest.raises(AnswerLost):
        await bench.mailbox.submit(draft, outgoing)

    assert bench.calls("drafts.send") - calls == 1
    assert len(bench.left()) == 1
    assert isinstance(await bench.mailbox.lookup(outgoing), Sent)
    bench.close()


@pytest.mark.parametrize("kind", ["drop_before", "503", "404"])
async def test_a_reply_that_did_not_leave_waits_and_can_be_submitted_again(bench: GmailBench, kind: str) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.fault("drafts.send", kind)

    with pytest.raises(AnswerLost):
        await bench.mailbox.submit(draft, outgoing)
    assert await bench.mailbox.lookup(outgoing) == Waiting(draft)
    await bench.mailbox.submit(draft, outgoing)

    assert len(bench.left()) == 1


@pytest.mark.parametrize("kind", ["429", "403:rateLimitExceeded", "401"])
async def test_a_refusal_for_now_certainly_sent_nothing_and_is_not_repeated_by_itself(
    bench: GmailBench, kind: str
) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.fault("drafts.send", kind)
    calls = bench.calls("drafts.send")

    with pytest.raises(Unavailable):
        await bench.mailbox.submit(draft, outgoing)
    assert bench.calls("drafts.send") - calls == 1
    assert bench.left() == []
    await bench.mailbox.submit(draft, outgoing)

    assert len(bench.left()) == 1


@pytest.mark.parametrize("kind", ["400", "403:domainPolicy", "403:insufficientPermissions"])
async def test_a_definite_refusal_is_final(bench: GmailBench, kind: str) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.fault("drafts.send", kind)

    with pytest.raises(Rejected):
        await bench.mailbox.submit(draft, outgoing)

    assert bench.left() == []


async def test_a_token_that_expired_before_the_send_is_renewed_without_repeating_it(bench: GmailBench) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.gmail.double.expire_access(bench.address)
    calls = bench.calls("drafts.send")

    await bench.mailbox.submit(draft, outgoing)

    assert bench.calls("drafts.send") - calls == 1
    assert len(bench.left()) == 1


async def test_a_message_id_that_cannot_be_read_back_does_not_undo_the_success(bench: GmailBench) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.fault("messages.get", "503", times=99)

    receipt = await bench.mailbox.submit(draft, outgoing)

    assert receipt.message_id == outgoing.message_id
    assert len(bench.left()) == 1


async def test_the_receipt_bears_the_message_id_that_gmail_gave(bench: GmailBench) -> None:
    outgoing = an_outgoing()

    receipt = await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    [sent] = [mail for mail in bench.gmail.ledger() if mail.account == bench.address]
    assert receipt.message_id == sent.message_id != outgoing.message_id
    assert receipt.provider_id == sent.gmail_id


async def test_a_reply_joins_the_customers_thread(bench: GmailBench, desk: Desk) -> None:
    bench.receive(a_mail("Beeps", extra="X-Test: 1\r\n"))
    [mail] = await desk.sync()
    parent = mail.raw.split(b"Message-ID: ")[1].split(b"\r\n")[0].decode()
    outgoing = an_outgoing(subject="Re: Beeps", references=parent, provider_thread_id=mail.provider_thread_id)

    receipt = await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    assert receipt.provider_thread_id == mail.provider_thread_id
    assert await bench.mailbox.lookup(outgoing) == Sent(receipt)


async def test_a_reply_to_a_thread_that_was_deleted_still_leaves(bench: GmailBench) -> None:
    outgoing = an_outgoing(provider_thread_id="19000000000fffff")

    await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    assert len(bench.left()) == 1


@pytest.mark.parametrize("kind", ["drop_after", "503_after"])
async def test_a_draft_whose_answer_was_lost_is_adopted_and_not_made_twice(bench: GmailBench, kind: str) -> None:
    outgoing = an_outgoing()
    bench.fault("drafts.create", kind)

    with pytest.raises(Unavailable):
        await bench.mailbox.prepare(outgoing)
    draft = await bench.mailbox.prepare(outgoing)

    assert list(bench.account.drafts) == [draft.id]


async def test_the_known_draft_is_taken_without_looking_for_it(bench: GmailBench) -> None:
    first = an_outgoing()
    draft = await bench.mailbox.prepare(first)

    again = an_outgoing(send_id=first.id, remote_draft_id=draft.id)

    assert await bench.mailbox.prepare(again) == draft


async def test_a_received_mail_with_our_marker_is_no_proof_that_the_reply_left(bench: GmailBench) -> None:
    outgoing = an_outgoing()
    bench.receive(a_mail(extra=f"X-CA-Send-Id: {outgoing.id}\r\n"))

    assert await bench.mailbox.lookup(outgoing) == Absent()


# --- the transport that tries once ---------------------------------------------------------------------------------


def test_a_connection_that_breaks_before_the_answer_is_not_tried_again() -> None:
    with _Hangup() as stock, pytest.raises((OSError, httplib2.HttpLib2Error, Exception)):
        httplib2.Http(timeout=2).request(stock.url, "POST", body="mail")
    with _Hangup() as once, pytest.raises(Exception) as raised:
        OneShotHttp("token", 2).request(once.url, "POST", body="mail")

    assert stock.connections > 1  # the library's own habit, which is why this transport exists
    assert once.connections == 1
    assert not isinstance(raised.value, NeverConnected)


def test_a_connection_that_never_came_about_is_known_to_have_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(NeverConnected):
        OneShotHttp("token", 2).request(f"http://127.0.0.1:{port}/", "POST", body="mail")


class _Hangup:
    """A server that reads a request and closes the connection; counts how often that happens."""

    def __enter__(self) -> "_Hangup":
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *ended: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self.connections += 1
                connection.recv(65536)
