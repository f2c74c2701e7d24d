"""What customers, colleagues and mail servers write about a ticket, and what becomes of it."""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from uuid import uuid4

import pytest

from tests.agent.hands import (
    a_drafted_ticket,
    an_answered_ticket,
    an_approved_ticket,
    draft_of,
    events_of,
    outgoing_of,
    said,
)
from tests.agent.world import ADDRESS, ANNA, World
from tests.service import a_mail
from tickets.audit import EventKind
from tickets.errors import StaleDraft
from tickets.mail import MailKind
from tickets.outbox import OutboxState
from tickets.status import Status
from tickets.ticket import DraftState, Seen, Ticket


async def a_threaded_ticket(world: World) -> Ticket:
    """A ticket with a draft, whose mailbox keeps threads."""
    world.mailbox.receive(a_mail().as_bytes(), provider_thread_id="t1")
    await world.sync.run()
    await world.work()
    return (await world.tickets())[-1]


# --- the customer writes again -------------------------------------------------------------------------------------


async def test_a_customers_mail_stops_an_approved_reply_and_brings_a_new_draft(world: World) -> None:
    ticket = await an_approved_ticket(world)

    await world.customer_answers(ticket)
    world.clock.advance(10)
    await world.work()

    told, draft = await world.store.ticket(ticket.id), await draft_of(world, ticket)
    (cancelled,) = await events_of(world, ticket, EventKind.SEND_CANCELLED)
    assert world.mailbox.sent == []
    assert (told.status, told.is_leaving) == (Status.NEEDS_ACTION, False)
    assert (draft.revision, draft.work_seq, draft.state) == (2, 2, DraftState.OPEN)
    assert said(cancelled, "reason") == "the customer wrote again"


async def test_the_draft_that_the_customer_outdated_cannot_be_approved(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    old = await draft_of(world, ticket)
    await world.customer_answers(ticket)

    with pytest.raises(StaleDraft, match="the customer wrote again"):
        await world.desk.approve_send(ticket.id, Seen(1, old.content_hash), by=ANNA)

    assert (await draft_of(world, ticket)).state is DraftState.SUPERSEDED


async def test_an_answer_to_our_reply_brings_the_ticket_back_with_a_new_draft(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await world.customer_answers(ticket)
    await world.work()

    told, draft = await world.store.ticket(ticket.id), await draft_of(world, ticket)
    assert told.status is Status.NEEDS_ACTION
    assert (draft.revision, draft.work_seq) == (2, 2)
    assert told.waiting_since == world.clock.now(), "the customer began to wait again"


async def test_who_waits_already_does_not_begin_to_wait_again(world: World) -> None:
    ticket = await a_drafted_ticket(world)
    world.clock.advance(3600)

    await world.customer_answers(ticket)

    assert (await world.store.ticket(ticket.id)).waiting_since == ticket.waiting_since


# --- colleagues ----------------------------------------------------------------------------------------------------


async def test_a_colleagues_answer_in_the_mailbox_settles_the_ticket(world: World) -> None:
    ticket = await a_threaded_ticket(world)

    await a_colleague_answers(world, ticket)
    await world.work()

    told = await world.store.ticket(ticket.id)
    messages = (await world.store.conversation(ticket.id)).messages
    assert (told.status, told.settled_seq) == (Status.WAITING_OTHERS, told.work_seq)
    assert "colleague" in (told.notice or "")
    assert messages[-1].kind is MailKind.HUMAN_REPLY
    assert (await draft_of(world, ticket)).state is DraftState.SUPERSEDED
    assert len(await events_of(world, ticket, EventKind.HUMAN_ANSWERED)) == 1


async def test_a_colleagues_answer_stops_an_approved_reply(world: World) -> None:
    ticket = await a_threaded_ticket(world)
    await world.approve(ticket.id)

    await a_colleague_answers(world, ticket)
    world.clock.advance(10)
    await world.work()

    assert world.mailbox.sent == []
    assert (await outgoing_of(world, ticket)).state is OutboxState.CANCELLED


async def test_a_colleagues_answer_before_the_draft_spares_the_work(world: World) -> None:
    world.mailbox.receive(a_mail().as_bytes(), provider_thread_id="t1")
    await world.sync.run()
    (ticket,) = await world.tickets()

    await a_colleague_answers(world, ticket)
    await world.work()

    assert await world.store.current_draft(ticket.id) is None
    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS


async def test_what_colleagues_send_outside_any_ticket_opens_none(world: World) -> None:
    mail = a_mail("Lunch?", sender=f"Desk <{ADDRESS}>", to="friend@example.net")
    world.mailbox.receive(mail.as_bytes(), provider_thread_id="t9", is_sent=True)

    (report,) = await world.sync.run()

    assert await world.tickets() == []
    assert report.reasons == {"sent from the mailbox outside any ticket": 1}


# --- bounces and machines ------------------------------------------------------------------------------------------


async def test_a_bounce_of_our_reply_brings_the_ticket_back_with_the_reason(world: World) -> None:
    ticket = await an_answered_ticket(world)
    world.clock.advance(60)

    world.mailbox.receive(a_bounce((await outgoing_of(world, ticket)).message_id).as_bytes())
    await world.sync.run()
    await world.work()

    told = await world.store.ticket(ticket.id)
    assert (told.status, told.waiting_since) == (Status.NEEDS_ACTION, world.clock.now())
    assert "no such user" in (told.notice or "")
    assert len(await events_of(world, ticket, EventKind.BOUNCED)) == 1
    assert world.model.calls.count("draft") == 1, "nobody answers a machine"


async def test_a_reply_that_is_only_delayed_moves_nothing(world: World) -> None:
    ticket = await an_answered_ticket(world)

    delayed = a_bounce((await outgoing_of(world, ticket)).message_id, action="delayed", code="4.4.1 try again later")
    world.mailbox.receive(delayed.as_bytes())
    await world.sync.run()

    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS
    assert await events_of(world, ticket, EventKind.BOUNCED) == []


async def test_a_bounce_of_a_mail_that_never_left_moves_nothing(world: World) -> None:
    ticket = await an_answered_ticket(world)
    customers_own = (await world.store.conversation(ticket.id)).messages[0].mail.message_id

    for message_id in (f"<{uuid4()}@example.net>", customers_own):
        world.mailbox.receive(a_bounce(message_id).as_bytes())
    await world.sync.run()

    assert (await world.store.ticket(ticket.id)).status is Status.WAITING_OTHERS
    assert len(await world.tickets()) == 1


async def test_an_out_of_office_is_kept_and_leaves_the_approval_alone(world: World) -> None:
    ticket = await an_approved_ticket(world)
    first = (await world.store.conversation(ticket.id)).messages[0].mail

    away = a_mail(
        "Re: away", sender=ticket.requester.address, In_Reply_To=first.message_id, Auto_Submitted="auto-replied"
    )
    world.mailbox.receive(away.as_bytes())
    await world.sync.run()
    world.clock.advance(10)
    await world.work()

    kinds = [message.kind for message in (await world.store.conversation(ticket.id)).messages]
    assert kinds.count(MailKind.AUTOMATIC) == 1
    assert len(world.mailbox.sent) == 1


async def a_colleague_answers(world: World, ticket: Ticket) -> None:
    """From a mail program, in the mailbox's own thread."""
    mail = a_mail(f"Re: {ticket.subject}", "I called you.", f"Colleague <{ADDRESS}>", ticket.requester.address)
    world.mailbox.receive(mail.as_bytes(), provider_thread_id="t1", is_sent=True)
    await world.sync.run()


def a_bounce(message_id: str | None, action: str = "failed", code: str = "5.1.1 no such user") -> EmailMessage:
    """A report by the customer's mail server (RFC 3464)."""
    status = f"Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; a@example.net\nAction: {action}\n"
    report = f"{status}Status: {code.split()[0]}\nDiagnostic-Code: smtp; 550 {code}\n"
    raw = (
        f"From: Mailer-Daemon <mailer-daemon@example.net>\nTo: {ADDRESS}\nSubject: Undelivered\n"
        f"Message-ID: <{uuid4()}@example.net>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n"
        f"--b\nContent-Type: message/delivery-status\n\n{report}\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\n\n--b--\n"
    )
    parsed = BytesParser(policy=default).parsebytes(raw.encode())
    assert isinstance(parsed, EmailMessage)
    return parsed
