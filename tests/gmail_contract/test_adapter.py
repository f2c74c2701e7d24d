"""The product's own adapter on every Gmail: mail is read once, and an approved reply leaves once."""

import json

import pytest

from adapters.raw_headers import header
from tests.gmail_contract.targets import Target, encoded
from tests.ports.mailbox_benches import Desk
from tickets.errors import AnswerLost
from tickets.outbox import Absent, Outgoing, Sent, Waiting


async def read(gmail: Target, desk: Desk) -> list[str]:
    """The mails of this run that a sync brings, by their ids."""
    return [mail.provider_id for mail in await desk.sync() if gmail.run.encode() in mail.raw]


def kept_as_sent(gmail: Target, outgoing: Outgoing) -> list[str]:
    """The mails among the sent ones that bear the reply's marker."""
    gmail.seen(lambda: gmail.found(labelIds=["SENT"], maxResults=20))
    marker = str(outgoing.id).encode()
    return [each for each in gmail.found(labelIds=["SENT"], maxResults=20) if marker in gmail.raw(each)]


async def test_the_first_sync_brings_what_is_there_and_the_next_what_has_come(gmail: Target) -> None:
    desk = Desk(gmail.mailbox())
    early = gmail.put_in(gmail.mail("Early"))
    gmail.seen(lambda: gmail.found(q=f"subject:{gmail.run}"))

    first = await read(gmail, desk)
    late = gmail.put_in(gmail.mail("Late"))
    second = await read(gmail, desk)
    third = await read(gmail, desk)

    assert (first, second, third) == ([early["id"]], [late["id"]], [])


async def test_a_mail_is_read_with_its_bytes_and_its_thread(gmail: Target) -> None:
    desk = Desk(gmail.mailbox())
    received = gmail.put_in(gmail.mail())
    gmail.seen(lambda: gmail.found(q=f"subject:{gmail.run}"))

    await desk.sync()

    [mail] = [mail for mail in desk.incoming if gmail.run.encode() in mail.raw]
    assert (mail.raw, mail.provider_thread_id) == (gmail.raw(received["id"]), received["threadId"])
    assert not mail.is_sent


async def test_a_cursor_that_is_too_old_loses_nothing(gmail: Target) -> None:
    desk = Desk(gmail.mailbox())
    await desk.sync()
    received = gmail.put_in(gmail.mail())
    gmail.seen(lambda: gmail.found(q=f"subject:{gmail.run}"))

    assert desk.cursor is not None
    desk.cursor = json.dumps(json.loads(desk.cursor) | {"history_id": "1"})

    assert await read(gmail, desk) == [received["id"]]


async def test_what_somebody_answers_in_gmail_is_read_as_sent_and_our_own_reply_is_not(gmail: Target) -> None:
    desk = Desk(gmail.mailbox())
    await desk.sync()
    by_hand = gmail.put_in(gmail.mail("Re: Inverter"), "SENT")
    ours = gmail.put_in(gmail.mail("Re: Inverter", f"X-CA-Send-Id: {gmail.reply().id}"), "SENT")
    gmail.seen(lambda: len(gmail.found(q=f"subject:{gmail.run}")) == 2)

    await desk.sync()

    sent = [(mail.provider_id, mail.is_sent) for mail in desk.incoming if gmail.run.encode() in mail.raw]
    assert sent == [(by_hand["id"], True)]
    assert ours["id"] in [skipped.provider_id for skipped in desk.skipped]


async def test_preparing_again_adopts_the_draft_that_is_there(gmail: Target) -> None:
    mailbox, reply = gmail.mailbox(), gmail.reply()

    before = await mailbox.lookup(reply)
    first = await mailbox.prepare(reply)
    again = await mailbox.prepare(reply)

    assert before == Absent()
    assert first == again
    assert await mailbox.lookup(reply) == Waiting(first)


async def test_a_reply_leaves_once_and_is_found_afterwards(gmail: Target) -> None:
    mailbox, reply = gmail.mailbox(), gmail.reply()
    draft = await mailbox.prepare(reply)

    receipt = await mailbox.submit(draft, reply)
    with pytest.raises(AnswerLost):
        await mailbox.submit(draft, reply)

    assert await mailbox.lookup(reply) == Sent(receipt)
    assert kept_as_sent(gmail, reply) == [receipt.provider_id]
    assert receipt.message_id == header(gmail.raw(receipt.provider_id), "Message-ID")


async def test_a_reply_joins_the_customers_thread(gmail: Target) -> None:
    message_id = f"<{gmail.run}@customers.example>"
    received = gmail.put_in(gmail.mail("Inverter", f"Message-ID: {message_id}"))
    mailbox, reply = gmail.mailbox(), gmail.reply(received, message_id)

    receipt = await mailbox.submit(await mailbox.prepare(reply), reply)

    assert receipt.provider_thread_id == received["threadId"]
    assert isinstance(await mailbox.lookup(reply), Sent)


async def test_what_was_approved_leaves_when_somebody_has_changed_the_draft(gmail: Target) -> None:
    mailbox, reply = gmail.mailbox(), gmail.reply()
    draft = await mailbox.prepare(reply)
    changed = {"message": {"raw": encoded(gmail.mail("Re: Inverter", body="Changed in Gmail."))}}
    gmail.api.drafts().update(userId="me", id=draft.id, body=changed).execute()

    receipt = await mailbox.submit(draft, reply)

    assert b"Please switch it off and on." in gmail.raw(receipt.provider_id)
