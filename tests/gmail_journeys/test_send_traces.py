"""What a delivery leaves behind in a Gmail account, and how it is found again: the sender against the double."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import httplib2
import pytest
from googleapiclient.errors import HttpError

from adapters.gmail_send import _outcome
from entrypoints.gmail_double.mailbox import SendAs
from entrypoints.gmail_double.outgoing import create_draft
from entrypoints.gmail_double.running import RunningDouble
from tests.ports.mailbox_benches import GmailBench, a_mail, an_outgoing
from tickets.errors import AnswerLost, Rejected
from tickets.outbox import Absent, OutboxState, Outgoing, Sent


@pytest.fixture(scope="module")
def gmail() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture
def bench(gmail: RunningDouble) -> Iterator[GmailBench]:
    bench = GmailBench(gmail)
    yield bench
    gmail.double.clear_faults()
    bench.close()


async def left_behind(bench: GmailBench, drafts: int = 1) -> Outgoing:
    """A reply with that many drafts: as when Gmail did not show the first one yet."""
    outgoing = an_outgoing()
    with bench.gmail.double.lock:
        for _ in range(drafts):
            raw = base64.urlsafe_b64encode(outgoing.mime).decode()
            create_draft(bench.account, {"raw": raw}, bench.gmail.double.now_ms())
    return outgoing


@pytest.mark.parametrize("drafts", [0, 1, 3])
async def test_every_draft_of_a_reply_is_discarded_and_no_other(bench: GmailBench, drafts: int) -> None:
    other = await bench.mailbox.prepare(an_outgoing())
    outgoing = await left_behind(bench, drafts)

    await bench.mailbox.discard(outgoing)
    await bench.mailbox.discard(outgoing)

    assert list(bench.account.drafts) == [other.id]


@pytest.mark.parametrize("kind", ["drop_after", "503_after", "503"])
async def test_a_deletion_whose_answer_was_lost_is_repeated_without_harm(bench: GmailBench, kind: str) -> None:
    outgoing = await left_behind(bench)
    bench.fault("drafts.delete", kind)

    await bench.mailbox.discard(outgoing)

    assert bench.account.drafts == {}


async def test_discarding_never_touches_what_left(bench: GmailBench) -> None:
    outgoing = an_outgoing()
    await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    await bench.mailbox.discard(outgoing)

    assert len(bench.left()) == 1
    assert isinstance(await bench.mailbox.lookup(outgoing), Sent)


async def test_a_message_id_that_cannot_be_read_is_not_called_read(bench: GmailBench) -> None:
    outgoing = an_outgoing()
    draft = await bench.mailbox.prepare(outgoing)
    bench.fault("messages.get", "503", times=9)

    receipt = await bench.mailbox.submit(draft, outgoing)
    bench.gmail.double.clear_faults()
    seen = await bench.mailbox.lookup(outgoing)

    assert (receipt.is_read_back, receipt.message_id) == (False, outgoing.message_id)
    assert isinstance(seen, Sent)
    assert (seen.receipt.is_read_back, seen.receipt.message_id != outgoing.message_id) == (True, True)


async def test_a_draft_in_place_of_a_deleted_thread_is_adopted_and_not_made_twice(bench: GmailBench) -> None:
    outgoing = an_outgoing(provider_thread_id="19000000000fffff")
    first = await bench.mailbox.prepare(replace(outgoing, provider_thread_id=None))
    again = await bench.mailbox.prepare(outgoing)

    assert again == first
    assert list(bench.account.drafts) == [first.id]


async def test_a_reply_that_nothing_has_tried_to_send_is_looked_for_in_its_thread_alone(bench: GmailBench) -> None:
    customers = bench.receive(a_mail())
    outgoing = replace(an_outgoing(provider_thread_id=customers), state=OutboxState.DRAFTING)
    before = bench.calls("messages.list")

    seen = await bench.mailbox.lookup(outgoing)
    while_drafting = bench.calls("messages.list") - before
    await bench.mailbox.lookup(replace(outgoing, state=OutboxState.UNKNOWN))

    assert seen == Absent()
    assert (while_drafting, bench.calls("messages.list") - before) == (0, 1)


async def test_only_confirmed_addresses_may_be_written_as(bench: GmailBench) -> None:
    bench.gmail.double.add_send_as(bench.address, SendAs("Sales@Helios.example"))
    bench.gmail.double.add_send_as(bench.address, SendAs("boss@helios.example", is_verified=False))

    assert await bench.mailbox.senders() == {bench.address, "sales@helios.example"}


# --- what Gmail says about recipients --------------------------------------------------------------------------------


def refused(status: int, message: str) -> HttpError:
    """Gmail's answer to a call that sends."""
    content = f'{{"error": {{"code": {status}, "message": "{message}"}}}}'.encode()
    return HttpError(httplib2.Response({"status": str(status), "content-type": "application/json"}), content)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Invalid To header", "does not accept an address in To"),
        ("Invalid Cc header", "does not accept an address in Cc"),
        ("Recipient address required", "no recipient that Gmail accepts"),
    ],
)
def test_a_refused_recipient_is_told_in_plain_words(message: str, words: str) -> None:
    meaning = _outcome(refused(400, message))

    assert isinstance(meaning, Rejected)
    assert words in str(meaning)


def test_the_same_words_in_another_answer_mean_nothing_of_the_kind() -> None:
    assert isinstance(_outcome(refused(500, "Invalid To header")), AnswerLost)


async def test_a_reply_without_a_recipient_is_refused_by_gmail_for_good(bench: GmailBench) -> None:
    plain = an_outgoing()
    outgoing = replace(plain, mime=plain.mime.replace(b"To: anna@example.net\r\n", b"To: anna\r\n"))

    with pytest.raises(Rejected, match=r"no recipient that Gmail accepts|does not accept an address in To"):
        await bench.mailbox.submit(await bench.mailbox.prepare(outgoing), outgoing)

    assert bench.left() == []
