"""Mail that no customer wrote, and mail that is only sent to many: kept, shown, and moving nothing."""

from uuid import uuid4

import pytest

from tests.agent.arriving import CUSTOMER, OWN_IDS, again, arrives, closed, last, opened, own_id, with_policy
from tests.agent.hands import an_answered_ticket, events_of, outgoing_of, said
from tests.agent.world import ADDRESS, World
from tickets.audit import EventKind
from tickets.mail import MailKind
from tickets.reopening import ONLY_THANKS
from tickets.status import Status
from tickets.sync import SyncReport


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


# --- automatic answers and lists --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [{"Auto_Submitted": "auto-replied"}, {"X_CA_Send_Id": "echo"}, {"Return_Path": "<>"}])
async def test_an_automatic_answer_is_kept_on_its_ticket_and_never_reopens_it(
    world: World, mark: dict[str, str]
) -> None:
    ticket = await closed(world, await opened(world))
    calls = list(world.model.calls)

    report = await arrives(world, sender=CUSTOMER, subject="Away", In_Reply_To=own_id(ticket), **mark)
    await world.work()

    assert (report.automatic, report.opened) == (1, 0)
    assert (await again(world, ticket)).status is Status.DONE
    assert (await last(world, ticket)).kind is MailKind.AUTOMATIC
    assert world.model.calls == calls


@pytest.mark.parametrize("mark", ["", "Auto-Submitted: auto-replied\n"])
async def test_a_receipt_for_reading_is_kept_and_moves_nothing(world: World, mark: str) -> None:
    ticket = await closed(world, await opened(world))
    calls = list(world.model.calls)

    report = await reads(world, own_id(ticket), mark)
    await world.work()

    assert (report.automatic, report.opened, report.appended) == (1, 0, 0)
    assert (await again(world, ticket)).status is Status.DONE
    assert (await last(world, ticket)).kind is MailKind.AUTOMATIC
    assert world.model.calls == calls


async def reads(world: World, message_id: str, mark: str) -> SyncReport:
    """The customer's mail program tells that our mail was read (RFC 8098)."""
    raw = (
        f"From: {CUSTOMER}\nTo: {ADDRESS}\nSubject: Read: Inverter\nMessage-ID: <{uuid4()}@example.net>\n"
        f"In-Reply-To: {message_id}\n{mark}MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nThis is a receipt for your mail.\n"
        "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; anna@example.net\n"
        f"Original-Message-ID: {message_id}\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n"
    )
    world.mailbox.receive(raw.encode())
    (report,) = await world.sync.run()
    return report


async def test_a_newsletter_opens_nothing(world: World) -> None:
    report = await arrives(world, sender="news@shop.example", List_Id="<news.shop.example>")

    assert (report.automatic, await world.tickets()) == (1, [])


async def test_a_customer_who_writes_by_way_of_the_desks_own_group_is_a_customer(world: World) -> None:
    report = await arrives(world, sender=CUSTOMER, List_Id="<help.helios.example>", Precedence="list")

    assert report.opened == 1


async def test_a_customer_whose_answer_comes_by_way_of_a_list_is_a_customer(world: World) -> None:
    ticket = await opened(world)

    report = await arrives(world, sender=CUSTOMER, List_Id="<staff.keller.example>", In_Reply_To=own_id(ticket))

    assert report.appended == 1


async def test_a_customer_whose_mail_service_adds_an_unsubscribe_link_is_a_customer(world: World) -> None:
    report = await arrives(world, sender=CUSTOMER, List_Unsubscribe="<https://forms.example/u/1>")

    assert report.opened == 1


# --- bounces ----------------------------------------------------------------------------------------------------------


async def test_a_bounce_marks_the_address_until_it_writes_again(world: World) -> None:
    ticket = await an_answered_ticket(world)
    address = ticket.requester.key

    await bounces(world, (await outgoing_of(world, ticket)).message_id, address)
    marked = await world.store.bounced([address, "other@example.net"])
    await world.customer_answers(ticket)

    assert (set(marked), marked[address].is_permanent) == ({address}, True)
    assert await world.store.bounced([address]) == {}


async def test_a_bounce_that_bears_only_our_own_id_is_linked_all_the_same(world: World) -> None:
    ticket = await closed(world, await opened(world))

    await bounces(world, OWN_IDS.message_id(ticket.id, uuid4(), "helios.example"))

    assert (await again(world, ticket)).status is Status.NEEDS_ACTION


async def test_a_report_on_a_mail_that_is_not_ours_marks_nobody_and_moves_nothing(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await bounces(world, "<made-up@helios.example>", ticket.requester.key)

    assert await world.store.bounced([ticket.requester.key]) == {}
    assert (await again(world, ticket)).status is Status.WAITING_OTHERS


async def test_a_report_marks_only_an_address_that_we_wrote_to(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await bounces(world, (await outgoing_of(world, ticket)).message_id, "victim@example.net")

    assert await world.store.bounced(["victim@example.net"]) == {}


async def test_a_delay_is_told_and_moves_nothing(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await bounces(world, (await outgoing_of(world, ticket)).message_id, ticket.requester.key, "4.4.1 busy", "delayed")

    told = await again(world, ticket)
    assert (told.status, "may not have arrived" in (told.notice or "")) == (Status.WAITING_OTHERS, True)
    assert await world.store.bounced([ticket.requester.key]) == {}


async def test_the_record_of_a_bounce_names_no_address(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await bounces(world, (await outgoing_of(world, ticket)).message_id, ticket.requester.key, "5.1.1 <who@x.example>?")

    (event,) = await events_of(world, ticket, EventKind.BOUNCED)
    assert "5.1.1" in said(event, "reason")
    assert "@" not in str(event.fields)


async def test_the_writer_of_a_report_does_not_take_part_in_the_ticket(world: World) -> None:
    ticket = await an_answered_ticket(world)
    await bounces(world, (await outgoing_of(world, ticket)).message_id)

    report = await arrives(world, sender="mailer-daemon@mx.example.net", subject=f"[#{ticket.number}]")

    assert report.opened == 1


# --- thanks -----------------------------------------------------------------------------------------------------------


async def test_bare_thanks_are_offered_for_closing_and_cost_no_draft(world: World) -> None:
    ticket = await an_answered_ticket(world)
    calls = list(world.model.calls)

    await arrives(world, sender=ticket.requester.address, text="Thank you!", In_Reply_To=own_id(ticket))
    await world.work()

    told = await again(world, ticket)
    assert (told.status, told.notice) == (Status.NEEDS_ACTION, ONLY_THANKS)
    assert world.model.calls == calls
    assert await world.is_at_rest(ticket.id)


async def test_after_thanks_a_draft_can_still_be_asked_for_and_a_question_brings_one(world: World) -> None:
    ticket = await an_answered_ticket(world)
    await arrives(world, sender=ticket.requester.address, text="Thank you!", In_Reply_To=own_id(ticket))
    await world.work()

    await arrives(world, sender=ticket.requester.address, text="One more question.", In_Reply_To=own_id(ticket))
    await world.work()

    draft = await world.store.current_draft(ticket.id)
    assert draft is not None
    assert draft.work_seq == (await again(world, ticket)).work_seq == 3


async def test_thanks_while_a_draft_waits_are_a_mail_like_any_other(world: World) -> None:
    ticket = await opened(world)
    await world.work()

    await arrives(world, sender=CUSTOMER, text="Thanks!", In_Reply_To=own_id(ticket))

    told = await again(world, ticket)
    assert (told.work_seq, told.settled_seq) == (2, 1)


async def bounces(
    world: World, message_id: str, recipient: str = "", code: str = "5.1.1 no such user", action: str = "failed"
) -> None:
    """The customer's mail server reports on a mail (RFC 3464)."""
    final = f"Final-Recipient: rfc822; {recipient}\n" if recipient else ""
    raw = (
        f"From: Mailer-Daemon <mailer-daemon@mx.example.net>\nTo: {ADDRESS}\nSubject: Undelivered\n"
        f"Message-ID: <{uuid4()}@mx.example.net>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        f"{final}Action: {action}\nStatus: {code.split()[0]}\nDiagnostic-Code: smtp; 550 {code}\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {message_id}\n\n--b--\n"
    )
    world.mailbox.receive(raw.encode())
    await world.sync.run()


async def test_a_mail_that_is_lost_for_now_brings_the_ticket_back_and_condemns_no_address(world: World) -> None:
    ticket = await an_answered_ticket(world)

    await bounces(world, (await outgoing_of(world, ticket)).message_id, ticket.requester.key, "5.2.2 full", "failed")

    assert (await again(world, ticket)).status is Status.NEEDS_ACTION
    assert await world.store.bounced([ticket.requester.key]) == {}
