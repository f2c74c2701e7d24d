"""Merges and splits on both databases: what moves, what two at once come to, and that every mail counts once."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from persistence.accounting import SqlAccounting
from persistence.boards import SqlBoards
from persistence.engine import Database
from persistence.erasing import SqlErasure
from persistence.search import SqlSearch
from tests.ports.store_builders import ADA, NOW, SECOND, Desk, a_mail
from tickets.audit import EventKind
from tickets.boards import BoardFilter
from tickets.errors import Conflict
from tickets.mail import Address, MailId, MailKind, SenderVerdict
from tickets.merging import Merging
from tickets.noting import Noting
from tickets.people import CONSOLE
from tickets.regrouping import MoveKind
from tickets.search_query import read_query
from tickets.splitting import Splitting
from tickets.status import Status
from tickets.tags import Tagging
from tickets.ticket import DraftState, Ticket
from tickets.unmerging import Unmerging
from tickets.unsplitting import Unsplitting

BEN = Address("Ben", "ben@x.org")


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


async def a_ticket(desk: Desk, *subjects: str, **changes: Any) -> Ticket:
    """A drafted ticket with a customer's mail of each subject, a second apart."""
    fields = {"status": Status.NEEDS_ACTION, "settled_seq": 1, "subject": subjects[0]} | changes
    ticket = await desk.opened(**fields)
    for place, subject in enumerate(subjects):
        await desk.received(ticket, a_mail(subject=subject, text=f"zebra {subject}"), at=NOW + place * SECOND)
    await desk.drafted(ticket)
    return ticket


async def mails_of(desk: Desk, ticket: Ticket) -> list[tuple[str, MailId]]:
    return [(each.mail.subject, each.id) for each in (await desk.store.conversation(ticket.id)).messages]


async def subjects(desk: Desk, ticket: Ticket) -> list[str]:
    return [subject for subject, _ in await mails_of(desk, ticket)]


async def merge(desk: Desk, source: Ticket, into: Ticket) -> None:
    await Merging(desk.store, desk.clock).merge(source.id, into.id, by=CONSOLE, confirmed=True)


async def unmerge(desk: Desk, source: Ticket) -> Ticket:
    return await Unmerging(desk.store, desk.clock).undo(source.id, by=CONSOLE)


async def split(desk: Desk, ticket: Ticket, *mail_ids: MailId) -> Ticket:
    return await Splitting(desk.store, desk.clock).split(ticket.id, mail_ids, by=CONSOLE)


async def unsplit(desk: Desk, opened: Ticket) -> Ticket:
    return await Unsplitting(desk.store, desk.clock).undo(opened.id, by=CONSOLE)


async def at_once(*calls: Coroutine[Any, Any, Any]) -> list[object]:
    return list(await asyncio.gather(*calls, return_exceptions=True))


async def test_a_move_is_kept_whole_and_read_from_either_side(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two", snoozed_until=NOW + timedelta(days=3))
    await merge(desk, second, first)

    async with desk.store.begin() as tx:
        (move,) = await tx.standing_moves(second.id)
    (of_source,), (of_target,) = await desk.store.moves(second.id), await desk.store.moves(first.id)

    assert (move.kind, move.source, move.into) == (MoveKind.MERGE, second.id, first.id)
    assert move.emptied is not None
    assert (move.emptied.status, move.emptied.offered) == (Status.NEEDS_ACTION, 1)
    assert move.emptied.snoozed_until == NOW + timedelta(days=3)
    assert (of_source.is_source, of_source.other.number, of_source.mails) == (True, first.number, 1)
    assert (of_target.is_source, of_target.other.number) == (False, second.number)


async def test_boards_show_the_last_words_of_the_mails_that_are_there(desk: Desk) -> None:
    ticket = await a_ticket(desk, "one", "two")
    (_, _), (_, later) = await mails_of(desk, ticket)

    new = await split(desk, ticket, later)

    page = await SqlBoards(desk.database).page(BoardFilter(), limit=5, cursor=None)
    assert {line.id: (line.mails, line.snippet) for line in page.lines} == {
        ticket.id: (1, "Hello, the inverter shows E07."),
        new.id: (1, "Hello, the inverter shows E07."),
    }
    assert (await desk.store.ticket(ticket.id)).spoken_at == NOW
    assert (await desk.store.ticket(new.id)).spoken_at == NOW + SECOND


async def test_the_search_finds_mails_where_they_are_now(desk: Desk) -> None:
    ticket = await a_ticket(desk, "one", "walrus")
    new = await split(desk, ticket, (await mails_of(desk, ticket))[1][1])

    search = SqlSearch(desk.database)
    moved = await search.find(read_query("walrus", NOW), limit=5, cursor=None)
    await unsplit(desk, new)
    back = await search.find(read_query("walrus", NOW), limit=5, cursor=None)

    assert [found.line.id for found in moved.found] == [new.id]
    assert [found.line.id for found in back.found] == [ticket.id]


async def test_people_follow_the_mails_that_name_them(desk: Desk) -> None:
    ticket = await desk.opened()
    await desk.received(ticket, a_mail())
    mail = await desk.received(ticket, a_mail(sender=BEN), at=NOW + SECOND)
    forged = a_mail(sender=Address("", "eve@x.org"), cc=(Address("", "mallory@x.org"),))
    await desk.received(ticket, forged, at=NOW + 2 * SECOND, verdict=SenderVerdict.FAILED)
    await desk.received(ticket, a_mail(sender=Address("", "daemon@x.org")), kind=MailKind.BOUNCE, at=NOW + 3 * SECOND)

    new = await split(desk, ticket, MailId(mail))

    support = "support@helios.example"
    async with desk.store.begin() as tx:
        assert await tx.participants(new.id) == {BEN.key, support}
        assert await tx.participants(ticket.id) == {ADA.key, "eve@x.org", support}


async def test_every_mail_that_was_received_is_on_one_ticket_throughout(desk: Desk) -> None:
    ticket, other = await a_ticket(desk, "one", "two"), await a_ticket(desk, "three")
    known = [
        each.mail.message_id for held in (ticket, other) for each in (await desk.store.conversation(held.id)).messages
    ]
    async with desk.store.begin() as tx:
        await tx.receive(desk.mailbox.id, [(f"provider-{each}", NOW) for each in known])

    new = await split(desk, ticket, (await mails_of(desk, ticket))[1][1])
    counted = [await on_tickets(desk)]
    await unsplit(desk, new)
    counted.append(await on_tickets(desk))
    await merge(desk, other, ticket)
    counted.append(await on_tickets(desk))
    await unmerge(desk, other)
    counted.append(await on_tickets(desk))

    assert counted == [(3, 0, 0)] * 4


async def on_tickets(desk: Desk) -> tuple[int, int, int]:
    (day,) = await SqlAccounting(desk.database).days(NOW.date())
    return day.on_tickets, day.lost, day.doubled


async def test_the_counts_of_the_boards_are_those_of_before(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two")
    boards = SqlBoards(desk.database)
    before = (await boards.counts()).needs_action

    await merge(desk, second, first)
    merged = await boards.counts()
    await unmerge(desk, second)

    assert (before, merged.needs_action, merged.done) == (2, 1, 1)
    assert (await boards.counts()).needs_action == 2
    assert (await boards.counts()).done == 0


async def test_tags_are_carried_beyond_the_limit_and_can_still_be_taken_off(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two")
    tagging = Tagging(desk.store, desk.clock)
    await tagging.change(first.id, add=[f"a{n}" for n in range(20)], by=CONSOLE)
    await tagging.change(second.id, add=["b"], by=CONSOLE)

    await merge(desk, second, first)
    after = await tagging.change(first.id, remove=["a0"], by=CONSOLE)

    assert len(after.tags) == 20
    assert "b" in await desk.store.tags(50)


async def test_a_note_that_was_deleted_meanwhile_stays_deleted(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two")
    noting = Noting(desk.store, desk.clock)
    note = await noting.add(second.id, "Look.", by=CONSOLE)
    await merge(desk, second, first)
    await noting.delete(first.id, note.id, by=CONSOLE)

    await unmerge(desk, second)

    assert await desk.store.notes(second.id) == ()


async def test_an_erased_ticket_takes_its_moves_along(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two")
    await merge(desk, second, first)

    await SqlErasure(desk.database).erase_ticket(first.id, None)

    assert await desk.store.moves(second.id) == ()
    with pytest.raises(Conflict, match="from before merges could be undone"):
        await unmerge(desk, second)


# --- at once --------------------------------------------------------------------------------------------------------


async def test_of_two_who_undo_a_merge_one_does_and_one_is_told(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two")
    await merge(desk, second, first)

    outcomes = await at_once(unmerge(desk, second), unmerge(desk, second), unmerge(desk, second))

    assert sum(isinstance(each, Ticket) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 2
    assert [await subjects(desk, each) for each in (first, second)] == [["one"], ["two"]]
    undone = [each for each in await desk.store.events(second.id) if each.kind is EventKind.MERGE_UNDONE]
    assert len(undone) == 1


async def test_a_merge_undone_while_somebody_splits_moves_each_mail_once(desk: Desk) -> None:
    first, second = await a_ticket(desk, "one"), await a_ticket(desk, "two")
    moved = (await mails_of(desk, second))[0][1]
    await merge(desk, second, first)

    outcomes = await at_once(unmerge(desk, second), split(desk, first, moved))

    assert sum(isinstance(each, Ticket) for each in outcomes) == 1
    page = await SqlBoards(desk.database).page(BoardFilter(), limit=9, cursor=None)
    assert sum(line.mails for line in page.lines) == 2
    assert await subjects(desk, first) == ["one"]


async def test_two_merges_of_one_ticket_at_once_leave_it_in_one_place(desk: Desk) -> None:
    first, second, third = [await a_ticket(desk, name) for name in ("one", "two", "three")]

    outcomes = await at_once(merge(desk, third, first), merge(desk, third, second))

    assert sum(isinstance(each, Conflict) for each in outcomes) == 1
    where = [await subjects(desk, each) for each in (first, second)]
    assert sorted(len(each) for each in where) == [1, 2]


async def test_a_mail_that_a_sync_adds_during_a_split_is_on_one_of_the_two(desk: Desk) -> None:
    ticket = await a_ticket(desk, "one", "two")
    going = (await mails_of(desk, ticket))[1]
    parent = (await desk.store.conversation(ticket.id)).messages[1].mail.message_id

    outcomes = await at_once(split(desk, ticket, going[1]), *[an_answer_arrives(desk, parent, n) for n in range(4)])

    new = next(each for each in outcomes if isinstance(each, Ticket))
    assert [each for each in outcomes if isinstance(each, BaseException)] == []
    here, there = await subjects(desk, ticket), await subjects(desk, new)
    assert sorted(here + there) == ["answer 0", "answer 1", "answer 2", "answer 3", "one", "two"]
    assert (here[0], there[0]) == ("one", "two")
    counted = {
        each.id: each.mails for each in (await SqlBoards(desk.database).page(BoardFilter(), limit=9, cursor=None)).lines
    }
    assert counted == {ticket.id: len(here), new.id: len(there)}


async def an_answer_arrives(desk: Desk, parent: str, number: int) -> UUID:
    """As arriving mail does: under the lock of arriving mail, on the ticket where its parent is then."""
    mail = a_mail(subject=f"answer {number}", in_reply_to=parent)
    async with desk.store.begin() as tx:
        await tx.taking_mail_in()
        held = await tx.tickets_holding(desk.mailbox.id, [parent])
        ticket = await tx.ticket(held[parent])
        await tx.save(ticket)
        return await tx.add_mail(desk.mail(ticket, mail, at=NOW + 9 * SECOND))


async def test_a_draft_that_a_split_withdrew_is_offered_again_as_a_new_revision(desk: Desk) -> None:
    ticket = await a_ticket(desk, "one", "two")
    new = await split(desk, ticket, (await mails_of(desk, ticket))[1][1])

    back = await unsplit(desk, new)

    draft = await desk.store.current_draft(ticket.id)
    assert draft is not None
    assert (draft.revision, draft.state, draft.work_seq) == (2, DraftState.OPEN, back.work_seq)
    assert (await desk.store.events(ticket.id))[-2].kind is EventKind.DRAFT_RESTORED
