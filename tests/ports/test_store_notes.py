"""Notes and calls in the tables: whose they are, in which order, and what is gone when it is deleted."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from persistence.accounts import SqlAccounts
from tests.ports.store_builders import NOW, SECOND, Desk
from tickets.audit import AuditEvent, EventKind
from tickets.errors import BadInput, NotFound
from tickets.notes import Mention, MentionKind, Note, NoteId
from tickets.people import Operator, Role
from tickets.ticket import Ticket

ADA = "operator:ada@helios.example"


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def operator(desk: Desk, email: str = "bea@helios.example") -> Operator:
    event = AuditEvent(EventKind.OPERATOR_ADDED, "console", NOW)
    return await SqlAccounts(desk.database).add_operator(email, email.partition("@")[0], Role.OPERATOR, "-", event)


def a_note(ticket: Ticket, text: str = "Look at this.", after: timedelta = timedelta()) -> Note:
    return Note(NoteId(uuid4()), ticket.id, ADA, text, NOW + after)


def a_call(note: Note, to: Operator, after: timedelta = timedelta()) -> Mention:
    return Mention(uuid4(), to.id, note.ticket_id, MentionKind.NOTE, note.author, NOW + after, note.id)


async def left(desk: Desk, note: Note, *called: Operator) -> Note:
    async with desk.store.begin() as tx:
        await tx.add_note(note)
        await tx.call([a_call(note, one) for one in called])
    return note


async def test_notes_are_read_back_oldest_first(desk):
    ticket, other = await desk.opened(), await desk.opened()
    second = await left(desk, a_note(ticket, "second\n\u2600 NUL \ufffd", SECOND))
    first = await left(desk, a_note(ticket, "first"))
    await left(desk, a_note(other))

    assert await desk.store.notes(ticket.id) == (first, second)


async def test_a_changed_note_keeps_its_place(desk):
    ticket = await desk.opened()
    first = await left(desk, a_note(ticket))
    second = await left(desk, a_note(ticket, after=SECOND))
    changed = replace(first, text="New words", revision=2, edited_at=NOW + 2 * SECOND)

    async with desk.store.begin() as tx:
        await tx.change_note(changed)

    assert await desk.store.notes(ticket.id) == (changed, second)


async def test_a_note_is_found_on_its_own_ticket_alone(desk):
    ticket, other = await desk.opened(), await desk.opened()
    note = await left(desk, a_note(ticket))

    async with desk.store.begin() as tx:
        assert await tx.note(ticket.id, note.id) == note
        with pytest.raises(NotFound):
            await tx.note(other.id, note.id)


async def test_deleting_a_note_takes_its_calls_along(desk):
    ticket, bea = await desk.opened(), await operator(desk)
    note = await left(desk, a_note(ticket), bea)

    async with desk.store.begin() as tx:
        await tx.drop_note(note)

    assert await desk.store.notes(ticket.id) == ()
    assert await desk.store.unread_mentions(bea.id) == 0


async def test_one_note_calls_each_operator_once(desk):
    ticket, bea = await desk.opened(), await operator(desk)
    note = await left(desk, a_note(ticket), bea)

    async with desk.store.begin() as tx:
        await tx.call([a_call(note, bea)])
        called = await tx.called_by(note.id)

    assert called == {bea.id}
    assert await desk.store.unread_mentions(bea.id) == 1


async def test_calls_come_newest_first_in_pages_with_their_ticket_and_words(desk):
    ticket, bea = await desk.opened(), await operator(desk)
    notes = [a_note(ticket, f"note {n}") for n in range(5)]
    async with desk.store.begin() as tx:
        for n, note in enumerate(notes):
            await tx.add_note(note)
            await tx.call([a_call(note, bea, n * SECOND)])

    first = await desk.store.mentions(bea.id, limit=3)
    rest = await desk.store.mentions(bea.id, limit=3, cursor=first.next_cursor)

    assert [line.text for line in (*first.lines, *rest.lines)] == ["note 4", "note 3", "note 2", "note 1", "note 0"]
    assert rest.next_cursor is None
    assert {(line.ticket_number, line.ticket_subject) for line in first.lines} == {(ticket.number, ticket.subject)}


async def test_a_cursor_of_another_list_is_refused(desk):
    bea = await operator(desk)

    with pytest.raises(BadInput):
        await desk.store.mentions(bea.id, limit=3, cursor="bm9uZQ")


async def test_reading_marks_only_what_is_named_and_only_ones_own(desk):
    ticket, bea, carl = await desk.opened(), await operator(desk), await operator(desk, "carl@helios.example")
    await left(desk, a_note(ticket), bea, carl)
    await left(desk, a_note(ticket), bea)
    theirs = (await desk.store.mentions(carl.id, limit=9)).lines[0]
    mine = (await desk.store.mentions(bea.id, limit=9)).lines[0]

    assert await desk.store.mark_read(bea.id, [mine.id, theirs.id], NOW) == 1
    assert await desk.store.mark_read(bea.id, [mine.id], NOW) == 0

    assert await desk.store.unread_mentions(carl.id) == 1
    assert len((await desk.store.mentions(bea.id, limit=9, unread_only=True)).lines) == 1
    assert await desk.store.mark_read(bea.id, None, NOW) == 1


async def test_who_answers_on_a_ticket_has_read_what_called_them_there(desk):
    ticket, other, bea = await desk.opened(), await desk.opened(), await operator(desk)
    await left(desk, a_note(ticket), bea)
    await left(desk, a_note(other), bea)

    async with desk.store.begin() as tx:
        await tx.answered_calls(ticket.id, " BEA@helios.example", NOW)

    (unread,) = (await desk.store.mentions(bea.id, limit=9, unread_only=True)).lines
    assert unread.ticket_id == other.id
