"""One ticket that is two matters: which mails go, what each ticket waits for then, and how it is taken back."""

from typing import Any

import pytest

from tests.agent.arriving import CUSTOMER, STRANGER, again, arrives, conversation, kinds, opened, own_id, with_policy
from tests.agent.hands import UNDO_S, an_untraceable_ticket, draft_of, events_of, outgoing_of, question, said
from tests.agent.test_machines import bounces
from tests.agent.world import ANNA, World
from tickets.audit import EventKind
from tickets.errors import BadInput, Conflict, InFlight, NotAllowed
from tickets.mail import MailKind
from tickets.merging import Merging
from tickets.noting import Noting
from tickets.outbox import OutboxState
from tickets.people import Actor
from tickets.splitting import Splitting
from tickets.status import Status
from tickets.tags import Tagging
from tickets.ticket import DraftState, Ticket
from tickets.unsplitting import Unsplitting


@pytest.fixture(autouse=True)
def policy(world: World) -> None:
    with_policy(world)


async def split(world: World, ticket: Ticket, *places: int) -> Ticket:
    """The mails at these places get a ticket of their own."""
    messages = (await conversation(world, ticket)).messages
    chosen = [messages[place].id for place in places]
    return await Splitting(world.store, world.clock).split(ticket.id, chosen, by=ANNA)


async def undo(world: World, opened_by_split: Ticket) -> Ticket:
    return await Unsplitting(world.store, world.clock).undo(opened_by_split.id, by=ANNA)


async def a_talk(world: World, *further: str, **changes: Any) -> Ticket:
    """A drafted ticket with these mails of the customer after the first one."""
    ticket = await opened(world, subject="Inverter error", **changes)
    first = (await conversation(world, ticket)).messages[0].mail.message_id
    for subject in further:
        world.clock.advance(60)
        await arrives(world, sender=CUSTOMER, subject=subject, text=f"About {subject}.", In_Reply_To=first)
    await world.work()
    return await again(world, ticket)


async def answered(world: World, ticket: Ticket) -> Ticket:
    """Our reply has left."""
    await world.approve(ticket.id)
    world.clock.advance(UNDO_S)
    await world.work()
    return await again(world, ticket)


async def subjects(world: World, ticket: Ticket) -> list[str]:
    return [message.mail.subject for message in (await conversation(world, ticket)).messages]


async def test_the_chosen_mails_are_a_ticket_of_their_own_that_the_agent_drafts_for(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    before = await draft_of(world, ticket)

    new = await split(world, ticket, 1)
    await world.work()

    assert (await subjects(world, ticket), await subjects(world, new)) == (["Inverter error"], ["An invoice"])
    assert (new.number, new.subject, new.requester.address) == (2, "An invoice", "anna@example.net")
    assert (await question(world, new))["ticket_id"] == str(new.id)
    assert (await draft_of(world, ticket)).revision == before.revision + 1
    for each in (ticket, new):
        assert (await again(world, each)).status is Status.NEEDS_ACTION
        assert (await draft_of(world, each)).state is DraftState.OPEN
        assert await world.is_at_rest(each.id)


async def test_a_ticket_whose_open_question_went_waits_for_the_customer(world: World) -> None:
    ticket = await answered(world, await a_talk(world))
    await arrives(world, sender=CUSTOMER, subject="Something else", In_Reply_To=own_id(ticket))
    await world.work()

    new = await split(world, ticket, 2)
    await world.work()

    assert (await again(world, ticket)).status is Status.WAITING_OTHERS
    assert (await again(world, new)).status is Status.NEEDS_ACTION
    assert (await draft_of(world, ticket)).state is DraftState.SUPERSEDED


async def test_an_answered_matter_is_split_off_answered_and_leaves_the_draft_alone(world: World) -> None:
    ticket = await answered(world, await a_talk(world))
    await arrives(world, sender=CUSTOMER, subject="Something else", In_Reply_To=own_id(ticket))
    await world.work()
    own = await draft_of(world, ticket)

    new = await split(world, ticket, 0, 1)
    await world.work()

    assert await kinds(world, new) == [MailKind.CUSTOMER, MailKind.REPLY]
    assert (await again(world, new)).status is Status.WAITING_OTHERS
    assert await draft_of(world, ticket) == own
    assert (await again(world, ticket)).status is Status.NEEDS_ACTION


async def test_what_was_sent_stays_on_the_record_that_approved_it(world: World) -> None:
    ticket = await answered(world, await a_talk(world))
    await arrives(world, sender=CUSTOMER, subject="Something else", In_Reply_To=own_id(ticket))

    await split(world, ticket, 0, 1)
    await world.work()

    assert (await outgoing_of(world, ticket)).state is OutboxState.SENT
    assert len(await events_of(world, ticket, EventKind.APPROVED, EventKind.SENT)) == 2
    assert len(world.mailbox.sent) == 1


async def test_later_answers_follow_the_mail_that_they_answer(world: World) -> None:
    ticket = await answered(world, await a_talk(world))
    reply = (await conversation(world, ticket)).messages[1].mail.message_id
    await arrives(world, sender=CUSTOMER, subject="Something else", In_Reply_To=reply)
    kept, sent, gone = [each.mail.message_id for each in (await conversation(world, ticket)).messages]
    new = await split(world, ticket, 2)

    to_new = await arrives(world, sender=CUSTOMER, In_Reply_To=gone, References=f"{kept} {sent} {gone}", text="more")
    to_old = await arrives(world, sender=CUSTOMER, In_Reply_To=sent, References=f"{kept} {sent}", text="and more")

    assert (to_new.ticket_ids, to_old.ticket_ids) == ((new.id,), (ticket.id,))


async def test_answers_to_a_reply_that_was_split_off_follow_it_whatever_ticket_its_id_names(world: World) -> None:
    ticket = await answered(world, await a_talk(world))
    reply = (await conversation(world, ticket)).messages[1].mail.message_id
    await arrives(world, sender=CUSTOMER, subject="Something else", In_Reply_To=reply)
    new = await split(world, ticket, 0, 1)

    report = await arrives(world, sender=CUSTOMER, subject="Re: Inverter error", In_Reply_To=reply, text="thus")
    await bounces(world, (await outgoing_of(world, ticket)).message_id, "anna@example.net")

    assert report.ticket_ids == (new.id,)
    assert "could not be delivered" in ((await again(world, new)).notice or "")


async def test_a_stranger_who_came_by_a_wrong_merge_leaves_with_his_mail(world: World) -> None:
    ticket, theirs = await opened(world), await opened(world, sender=STRANGER)
    await Merging(world.store, world.clock).merge(theirs.id, ticket.id, by=ANNA, confirmed=True)

    new = await split(world, ticket, 1)
    report = await arrives(world, sender=STRANGER, subject=f"[#{ticket.number}] let me in")

    assert new.requester.address == "eve@elsewhere.example"
    assert report.opened == 1


@pytest.mark.parametrize(
    ("places", "why"), [((), "No mail is chosen"), ((0, 1), "All mails"), ((2,), "not on this ticket")]
)
async def test_what_makes_no_sense_is_refused(world: World, places: tuple[int, ...], why: str) -> None:
    ticket, other = await a_talk(world, "An invoice"), await opened(world, subject="Not here")
    mails = [
        each.id
        for each in (*(await conversation(world, ticket)).messages, *(await conversation(world, other)).messages)
    ]

    with pytest.raises(BadInput, match=why):
        await Splitting(world.store, world.clock).split(ticket.id, [mails[place] for place in places], by=ANNA)


async def test_each_of_the_two_needs_a_mail_of_the_customer(world: World) -> None:
    ticket = await answered(world, await a_talk(world))

    with pytest.raises(BadInput, match="nobody to answer"):
        await split(world, ticket, 1)
    with pytest.raises(BadInput, match="would be left"):
        await split(world, ticket, 0)


async def test_a_reply_on_its_way_holds_the_split_up(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    await world.approve(ticket.id)

    with pytest.raises(Conflict, match="Undo the approval first"):
        await split(world, ticket, 1)

    assert (await again(world, ticket)).is_leaving


async def test_a_reply_that_nobody_can_trace_holds_the_split_up(world: World) -> None:
    leaving = await an_untraceable_ticket(world)
    await world.customer_answers(leaving)

    with pytest.raises(InFlight):
        await split(world, leaving, 1)

    assert len((await conversation(world, leaving)).messages) == 2


async def test_only_who_may_draft_may_split(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    mail = (await conversation(world, ticket)).messages[1].id

    with pytest.raises(NotAllowed):
        await Splitting(world.store, world.clock).split(ticket.id, [mail], by=Actor("operator:viewer"))


async def test_both_tickets_record_the_split(world: World) -> None:
    ticket = await a_talk(world, "An invoice")

    new = await split(world, ticket, 1)

    for each in (ticket, new):
        (event,) = await events_of(world, each, EventKind.SPLIT)
        assert (said(event, "source"), said(event, "into"), said(event, "mails")) == (1, 2, 1)


# --- taken back -----------------------------------------------------------------------------------------------------


async def test_a_split_that_is_undone_leaves_the_ticket_as_it_was(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    own = await draft_of(world, ticket)
    new = await split(world, ticket, 1)
    await world.work()

    await undo(world, new)
    await world.work()

    back, gone, draft = await again(world, ticket), await again(world, new), await draft_of(world, ticket)
    assert await subjects(world, ticket) == ["Inverter error", "An invoice"]
    assert (back.status, back.waiting_since) == (ticket.status, ticket.waiting_since)
    assert (draft.body, draft.state) == (own.body, DraftState.OPEN)
    assert (gone.status, gone.merged_into) == (Status.DONE, ticket.id)
    assert (await question(world, ticket))["revision"] == draft.revision
    assert await world.is_at_rest(new.id)


async def test_what_came_on_the_split_ticket_goes_along(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    new = await split(world, ticket, 1)
    invoice = (await conversation(world, new)).messages[0].mail.message_id
    await arrives(world, sender=CUSTOMER, subject="Re: An invoice", In_Reply_To=invoice, text="and the VAT?")
    note = await Noting(world.store, world.clock).add(new.id, "Ask the books.", by=ANNA)
    await Tagging(world.store, world.clock).change(new.id, add=["books"], by=ANNA)
    await world.work()

    await undo(world, new)
    await world.work()

    assert await subjects(world, ticket) == ["Inverter error", "An invoice", "Re: An invoice"]
    assert [(each.id, each.came_from) for each in await world.store.notes(ticket.id)] == [(note.id, new.id)]
    assert (await again(world, ticket)).tags == ("books",)
    assert (await again(world, ticket)).status is Status.NEEDS_ACTION
    assert (await draft_of(world, ticket)).state is DraftState.OPEN


async def test_a_matter_that_was_answered_meanwhile_comes_back_answered(world: World) -> None:
    ticket = await answered(world, await a_talk(world))
    await arrives(world, sender=CUSTOMER, subject="Something else", In_Reply_To=own_id(ticket))
    await world.work()
    new = await split(world, ticket, 2)
    await world.work()
    await answered(world, new)

    await undo(world, new)
    await world.work()

    assert (await again(world, ticket)).status is Status.WAITING_OTHERS
    assert [kind for kind in await kinds(world, ticket) if kind is MailKind.REPLY] == [MailKind.REPLY] * 2


async def test_answers_to_a_ticket_that_is_one_again_come_to_the_first(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    new = await split(world, ticket, 1)
    await undo(world, new)

    report = await arrives(world, sender=CUSTOMER, subject="Re: An invoice", In_Reply_To=own_id(new))

    assert report.ticket_ids == (ticket.id,)


async def test_a_reply_on_its_way_on_either_holds_the_undo_up(world: World) -> None:
    ticket = await a_talk(world, "An invoice")
    new = await split(world, ticket, 1)
    await world.work()

    for each in (ticket, new):
        await world.approve(each.id)
        with pytest.raises(Conflict, match="Undo the approval first"):
            await undo(world, new)
        await world.desk.undo(each.id, by=ANNA)
    await undo(world, new)

    assert (await again(world, new)).merged_into == ticket.id


async def test_a_split_is_undone_once_and_from_the_last_move(world: World) -> None:
    ticket = await a_talk(world, "An invoice", "A visit")
    new = await split(world, ticket, 1, 2)
    further = await split(world, new, 1)

    with pytest.raises(Conflict, match="Undo that one first"):
        await undo(world, new)
    await undo(world, further)
    await undo(world, new)
    with pytest.raises(Conflict, match="not split off"):
        await undo(world, new)

    assert await subjects(world, ticket) == ["Inverter error", "An invoice", "A visit"]
