"""After a reply has ended, nothing of it stays in the mailbox, and it is on record as what really left."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from adapters.memory import MemoryMailbox
from persistence.leases import SqlLeases
from tests.agent.hands import (
    a_due_ticket,
    an_answered_ticket,
    an_approved_ticket,
    an_untraceable_ticket,
    deliveries_into,
    events_of,
    outgoing_of,
    said,
)
from tests.agent.world import ANNA, SETTLE_S, Killed, World, quiet
from tests.service import a_mail
from tickets.audit import EventKind
from tickets.errors import Disconnected
from tickets.leases import Leases
from tickets.mail import MailboxId
from tickets.outbox import Absent, OutboxState, Outgoing, Receipt, RemoteDraft, Sent, Waiting
from tickets.ports import Mailbox
from tickets.ticket import Ticket
from tickets.tidying import GIVE_UP, LOOK_AGAIN, MOST, PAGE, REFUSED_FOR, Tidying

REAL_ID = "<CA-real@mail.gmail.com>"


class RenamingMailbox(MemoryMailbox):
    """Puts a Message-ID of its own on what leaves, and does not show it at once."""

    is_shown = False
    discards = 0

    async def submit(self, draft: RemoteDraft, outgoing: Outgoing) -> Receipt:
        receipt = await super().submit(draft, outgoing)
        return replace(receipt, is_read_back=False)

    async def lookup(self, outgoing: Outgoing) -> Sent | Waiting | Absent:
        seen = await super().lookup(outgoing)
        if not isinstance(seen, Sent):
            return seen
        return Sent(replace(seen.receipt, message_id=REAL_ID)) if self.is_shown else Absent()

    async def discard(self, outgoing: Outgoing) -> None:
        self.discards += 1
        await super().discard(outgoing)


def tidying(
    world: World,
    mailbox: MemoryMailbox | None = None,
    *,
    leases: Leases | None = None,
    crash: Callable[[str], None] = quiet,
) -> Tidying:
    """What clears up after this desk."""

    async def opened(_: MailboxId) -> Mailbox:
        return mailbox or world.mailbox

    return Tidying(world.store, opened, leases or world.drive.leases, world.clock, quiet, crash)


def renaming(world: World) -> RenamingMailbox:
    return RenamingMailbox(world.mailbox.address, clock=world.clock, settle_s=SETTLE_S)


async def a_refused_ticket(world: World) -> Ticket:
    """Its reply was refused when its draft lay in the mailbox already."""
    ticket = await a_due_ticket(world)
    world.mailbox.will("rejected", on="submit")
    await world.work()
    return ticket


async def a_renamed_ticket(world: World, mailbox: RenamingMailbox) -> Ticket:
    """Its reply left under a Message-ID that nobody has seen."""
    ticket = await a_due_ticket(world)
    await deliveries_into(world, mailbox).deliver((await outgoing_of(world, ticket)).decision_id)
    await world.work()
    return ticket


# --- drafts that are left behind -----------------------------------------------------------------------------------


async def test_a_refused_reply_leaves_no_draft_behind(world: World) -> None:
    ticket = await a_refused_ticket(world)
    left_behind = len(world.mailbox.drafts)
    world.clock.advance(SETTLE_S)

    cleared = await tidying(world).run()

    assert (left_behind, cleared, world.mailbox.drafts) == (1, 1, {})
    assert (await outgoing_of(world, ticket)).is_tidy


async def test_a_draft_is_left_alone_until_the_mailbox_shows_what_is_in_it(world: World) -> None:
    ticket = await a_refused_ticket(world)
    world.clock.advance(SETTLE_S - 1)

    assert await tidying(world).run() == 0
    assert not (await outgoing_of(world, ticket)).is_tidy


@pytest.mark.parametrize("fault", ["unavailable", "lost_before_accept"])
async def test_the_draft_of_a_reply_that_has_not_ended_is_never_touched(world: World, fault: Any) -> None:
    await a_due_ticket(world)
    world.mailbox.will(fault, on="submit")
    await world.work()
    world.clock.advance(SETTLE_S)

    cleared = await tidying(world).run()

    assert (cleared, len(world.mailbox.drafts)) == (0, 1)


async def test_a_reply_that_was_taken_back_needs_no_look_into_the_mailbox(world: World) -> None:
    ticket = await an_approved_ticket(world)
    await world.desk.undo(ticket.id, by=ANNA)

    async def closed(_: MailboxId) -> Mailbox:
        raise Disconnected("The permission is gone.")

    cleared = await replace(tidying(world), open_mailbox=closed).run()

    assert cleared == 1
    assert (await outgoing_of(world, ticket)).is_tidy


async def test_a_reply_that_left_is_looked_at_once(world: World) -> None:
    mailbox = renaming(world)
    mailbox.is_shown = True
    await a_renamed_ticket(world, mailbox)
    world.clock.advance(SETTLE_S)

    cleared = [await tidying(world, mailbox).run() for _ in range(3)]

    assert cleared == [1, 0, 0]
    assert mailbox.discards == 1


async def test_the_draft_of_a_refused_reply_goes_and_that_of_the_next_one_stays(world: World) -> None:
    ticket = await a_refused_ticket(world)
    await world.approve(ticket.id)
    world.clock.advance(SETTLE_S)
    world.mailbox.will("unavailable", on="submit")
    await world.work()
    both = len(world.mailbox.drafts)

    await tidying(world).run()
    world.clock.advance(SETTLE_S)
    await world.work()

    assert both == 2
    assert world.sent_ids() == [str((await outgoing_of(world, ticket)).id)]
    assert world.mailbox.drafts == {}


@pytest.mark.parametrize("fault", ["unavailable", "rejected", "disconnected"])
async def test_a_fault_of_the_mailbox_only_puts_it_off(world: World, fault: Any) -> None:
    ticket = await a_refused_ticket(world)
    world.clock.advance(SETTLE_S)
    world.mailbox.will(fault, on="discard")

    during = await tidying(world).run()
    world.clock.advance(REFUSED_FOR.total_seconds())
    afterwards = await tidying(world).run()

    assert (during, afterwards) == (0, 1)
    assert (await outgoing_of(world, ticket)).state is OutboxState.FAILED
    assert world.mailbox.drafts == {}


async def test_one_draft_that_cannot_be_deleted_does_not_keep_the_others(world: World) -> None:
    for _ in range(2):
        await a_refused_ticket(world)
    world.clock.advance(SETTLE_S)
    world.mailbox.will("rejected", on="discard")

    cleared = await tidying(world).run()

    assert (cleared, len(world.mailbox.drafts)) == (1, 1)


async def test_a_mailbox_that_refuses_is_asked_once_an_hour(world: World) -> None:
    await a_refused_ticket(world)
    world.clock.advance(SETTLE_S)
    world.mailbox.will("rejected", on="discard")
    await tidying(world).run()

    world.clock.advance(REFUSED_FOR.total_seconds() - 1)

    assert await tidying(world).run() == 0
    assert len(world.mailbox.drafts) == 1


class ManyEnded:
    """The tables of a desk with a long past: ever more replies, page after page."""

    def __init__(self, world: World, outgoing: Outgoing) -> None:
        self.store = world.store
        self.outgoing = outgoing
        self.given = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def untidy(self, _: MailboxId, __: Any, limit: int, ___: Any = None) -> tuple[Outgoing, ...]:
        self.given += limit
        return (self.outgoing,) * limit


async def test_a_long_past_is_cleared_up_in_bounded_runs(world: World) -> None:
    ticket = await a_refused_ticket(world)
    world.clock.advance(SETTLE_S)
    many = ManyEnded(world, await outgoing_of(world, ticket))

    await replace(tidying(world), store=many).run()

    assert many.given == 1 + MOST
    assert MOST % PAGE == 0


async def test_a_run_that_is_killed_after_the_draft_is_gone_is_carried_on(world: World) -> None:
    ticket = await a_refused_ticket(world)
    world.clock.advance(SETTLE_S)
    world.crash_at = "draft_discarded"
    with pytest.raises(Killed):
        await tidying(world, crash=world.crash).run()

    cleared = await tidying(world, crash=world.crash).run()

    assert cleared == 1
    assert (await outgoing_of(world, ticket)).is_tidy


async def test_only_one_process_clears_up_a_mailbox_at_a_time(world: World) -> None:
    await a_refused_ticket(world)
    world.clock.advance(SETTLE_S)
    leases = SqlLeases(world.database)
    (record,) = await world.store.mailboxes()

    async with leases.hold(f"tidy:{record.id}", 60):
        while_held = await tidying(world, leases=leases).run()

    assert (while_held, len(world.mailbox.drafts)) == (0, 1)
    assert await tidying(world, leases=leases).run() == 1


# --- replies on record under another Message-ID ----------------------------------------------------------------------


async def test_the_message_id_that_could_not_be_read_is_corrected_later(world: World) -> None:
    mailbox = renaming(world)
    ticket = await a_renamed_ticket(world, mailbox)
    frozen = (await outgoing_of(world, ticket)).message_id
    mailbox.is_shown = True
    world.clock.advance(SETTLE_S)

    await tidying(world, mailbox).run()

    outgoing = await outgoing_of(world, ticket)
    reply = (await world.store.conversation(ticket.id)).messages[-1]
    assert frozen != REAL_ID
    assert (outgoing.message_id, outgoing.is_tidy) == (REAL_ID, True)
    assert reply.mail.message_id == REAL_ID
    assert said((await events_of(world, ticket, EventKind.SEND_STEP))[-1], "message_id") == REAL_ID


async def test_an_answer_to_the_real_message_id_comes_to_the_ticket(world: World) -> None:
    mailbox = renaming(world)
    ticket = await a_renamed_ticket(world, mailbox)
    mailbox.is_shown = True
    world.clock.advance(SETTLE_S)
    await tidying(world, mailbox).run()

    answer = a_mail(f"Re: {ticket.subject}", sender=ticket.requester.address, In_Reply_To=REAL_ID, References=REAL_ID)
    world.mailbox.receive(answer.as_bytes(), provider_id="answer")
    await world.sync.run()

    (only,) = await world.tickets()
    assert (only.id, only.work_seq) == (ticket.id, 2)


async def test_it_is_sought_with_growing_pauses_and_given_up_after_a_day(world: World) -> None:
    mailbox = renaming(world)
    ticket = await a_renamed_ticket(world, mailbox)
    began = (await outgoing_of(world, ticket)).sent_at or world.clock.now()
    world.clock.advance(SETTLE_S)

    looked_at = []
    for _ in range(20):
        looked_at.append(world.clock.now() - began)
        await tidying(world, mailbox).run()
        outgoing = await outgoing_of(world, ticket)
        if outgoing.next_at is None:
            break
        world.clock.advance((outgoing.next_at - world.clock.now()).total_seconds())

    pauses = [later - sooner for sooner, later in pairwise(looked_at)]
    assert (outgoing.is_tidy, outgoing.message_id != REAL_ID) == (True, True)
    assert GIVE_UP <= looked_at[-1] < 2 * GIVE_UP
    assert pauses[0] == LOOK_AGAIN
    assert pauses == sorted(pauses)
    assert len(looked_at) <= 14


async def test_what_an_operator_called_sent_is_joined_with_the_copy_that_shows_up(world: World) -> None:
    ticket = await an_untraceable_ticket(world)
    outgoing = await outgoing_of(world, ticket)
    await world.desk.settle(ticket.id, was_sent=True, by=ANNA)
    world.clock.advance(SETTLE_S)
    before_it_shows = await tidying(world).run()
    await world.mailbox.submit(await world.mailbox.prepare(outgoing), outgoing)
    world.clock.advance(GIVE_UP.total_seconds() / 2)

    cleared = await tidying(world).run()
    await world.sync.run()
    await world.work()

    assert (before_it_shows, cleared) == (0, 1)
    assert len((await world.store.conversation(ticket.id)).messages) == 2
    assert len(await world.tickets()) == 1
    assert (await outgoing_of(world, ticket)).is_tidy


async def test_a_draft_of_what_an_operator_called_sent_cannot_leave_any_more(world: World) -> None:
    ticket = await an_untraceable_ticket(world)
    outgoing = await outgoing_of(world, ticket)
    await world.desk.settle(ticket.id, was_sent=True, by=ANNA)
    await world.mailbox.prepare(outgoing)
    world.clock.advance(SETTLE_S)

    await tidying(world).run()

    assert world.mailbox.drafts == {}


async def test_a_reply_whose_message_id_the_mailbox_keeps_is_found_and_done(world: World) -> None:
    ticket = await an_answered_ticket(world)
    frozen = (await outgoing_of(world, ticket)).message_id
    world.clock.advance(SETTLE_S)

    assert await tidying(world).run() == 1
    assert (await outgoing_of(world, ticket)).message_id == frozen
    assert [said(event, "state") for event in await events_of(world, ticket, EventKind.SEND_STEP)] == [
        "DRAFTING",
        "DRAFTED",
        "SENDING",
    ]
