"""A notice leaves by every kind of mailbox, once, and is known for what it is when the mailbox shows it."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from uuid import uuid4

from tests.ports.mailbox_benches import Bench, Desk, a_mail
from tests.ports.test_mailboxes import bench, gmail, mail_servers
from tickets.mail import Address, MailboxId
from tickets.notices import Notice, NoticeKind, letter, outgoing
from tickets.outbox import Absent, Outgoing, Sent

__all__ = ["bench", "gmail", "mail_servers"]

LEAD = "lead@helios.example"


def a_notice(bench: Bench) -> Outgoing:
    now = datetime.now(UTC).replace(microsecond=0)
    notice = Notice(uuid4(), NoticeKind.TEST, now, 0, recipients=(LEAD,))
    text = letter(notice, (), "https://desk.example", "UTC", "Helios Support")
    return outgoing(notice, text, MailboxId(uuid4()), Address("Helios Support", bench.mailbox.address))


async def test_it_is_found_after_it_left_and_says_what_it_is(bench: Bench) -> None:
    mail = a_notice(bench)
    assert isinstance(await bench.mailbox.lookup(mail), Absent)

    await bench.mailbox.submit(await bench.mailbox.prepare(mail), mail)

    (raw,) = bench.left()
    left = message_from_bytes(raw, policy=policy.default)
    assert isinstance(await bench.mailbox.lookup(mail), Sent)
    assert (left["To"], left["Reply-To"], left["Auto-Submitted"]) == (LEAD, LEAD, "auto-generated")


async def test_it_never_comes_back_as_mail(bench: Bench) -> None:
    mail, customers = a_notice(bench), a_mail()
    await bench.mailbox.submit(await bench.mailbox.prepare(mail), mail)
    bench.receive(customers)

    seen = await Desk(bench.mailbox).sync()

    assert [each.raw for each in seen] == [customers]


async def test_a_dropped_one_leaves_no_draft(bench: Bench) -> None:
    mail = a_notice(bench)
    await bench.mailbox.prepare(mail)

    await bench.mailbox.discard(mail)

    assert isinstance(await bench.mailbox.lookup(mail), Absent)
    assert bench.left() == []
