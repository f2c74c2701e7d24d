"""Use cases: colleagues leave notes on a ticket and call each other by name."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput, NotAllowed
from tickets.mentions import mentioned
from tickets.merging import require_not_merged
from tickets.notes import Mention, MentionKind, Note, NoteId, StaleNote
from tickets.people import Actor, Operator, Scope
from tickets.ports import Clock
from tickets.storage import TicketStore, Transaction
from tickets.ticket import TicketId
from tickets.wording import Sentence

MAX_NOTE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Noting:
    """Writes, changes and deletes notes. A note moves nothing of its ticket: neither its status nor its draft."""

    store: TicketStore
    clock: Clock

    async def add(self, ticket_id: TicketId, text: str, *, by: Actor) -> Note:
        """Leave a note; whoever it names is called. Raises BadInput, Conflict on a merged ticket."""
        by.require(Scope.DRAFT)
        text = _readable(text)
        now = self.clock.now()
        async with self.store.begin() as tx:
            require_not_merged(await tx.ticket(ticket_id))
            note = Note(NoteId(uuid4()), ticket_id, by.name, text, now)
            await tx.add_note(note)
            called = await _called(tx, note, by)
            await _call(tx, note, called, by, now)
            if email := _email(by):
                await tx.answered_calls(ticket_id, email, now)
            fields: Fields = {"note_id": str(note.id), "called": sorted(one.email for one in called)}
            await tx.record(AuditEvent(EventKind.NOTED, by.name, now, ticket_id, fields))
        return note

    async def edit(
        self, ticket_id: TicketId, note_id: NoteId, text: str, *, by: Actor, revision: int | None = None
    ) -> Note:
        """Change the words of one's own note; `revision` is the one that was read. Raises StaleNote, NotAllowed."""
        by.require(Scope.DRAFT)
        text = _readable(text)
        now = self.clock.now()
        async with self.store.begin() as tx:
            note = await self._own(tx, ticket_id, note_id, by)
            if revision not in (None, note.revision):
                raise StaleNote("This note was changed since you opened it. Read it again, then edit.")
            if text == note.text:
                return note
            note = replace(note, text=text, revision=note.revision + 1, edited_at=now)
            await tx.change_note(note)
            called = await _called(tx, note, by)
            before = await tx.called_by(note.id)
            await tx.uncall(note.id, before - {one.id for one in called})
            await _call(tx, note, [one for one in called if one.id not in before], by, now)
            fields: Fields = {"note_id": str(note.id), "called": sorted(one.email for one in called)}
            await tx.record(AuditEvent(EventKind.NOTE_EDITED, by.name, now, ticket_id, fields))
        return note

    async def delete(self, ticket_id: TicketId, note_id: NoteId, *, by: Actor) -> None:
        """Take one's own note away for good, words and calls; the record keeps that there was one."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            note = await self._own(tx, ticket_id, note_id, by)
            await tx.drop_note(note)
            fields: Fields = {"note_id": str(note.id)}
            await tx.record(AuditEvent(EventKind.NOTE_DELETED, by.name, now, ticket_id, fields))

    async def _own(self, tx: Transaction, ticket_id: TicketId, note_id: NoteId, by: Actor) -> Note:
        """The note, held until the transaction ends, if `by` may change it."""
        await tx.ticket(ticket_id)
        note = await tx.note(ticket_id, note_id)
        if not may_change(note, by):
            raise NotAllowed("This note is a colleague's. Only who wrote it, or an administrator, may change it.")
        return note


def may_change(note: Note, by: Actor) -> bool:
    """Whether this actor may edit or delete the note."""
    return note.author == by.name or Scope.ADMIN in by.scopes


async def call_assignee(tx: Transaction, ticket_id: TicketId, assignee: str | None, by: Actor, at: datetime) -> None:
    """Tell an operator that a colleague gave them the ticket; nobody is told what they did themselves."""
    found = [one for one in await tx.colleagues() if assignee and one.email.casefold() == assignee.casefold()]
    calls = [
        Mention(uuid4(), one.id, ticket_id, MentionKind.ASSIGNED, by.name, at) for one in found if not _is_same(one, by)
    ]
    await tx.call(calls)


def _readable(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise BadInput("A note needs a text. Write something, then add it.")
    if len(text) > MAX_NOTE:
        raise BadInput(Sentence("A note may have %(max_note)s characters. Shorten it.", max_note=MAX_NOTE))
    return text


async def _called(tx: Transaction, note: Note, by: Actor) -> list[Operator]:
    people = await tx.colleagues()
    named = mentioned(note.text, people)
    return [one for one in people if one.id in named and not _is_same(one, by)]


async def _call(tx: Transaction, note: Note, people: Collection[Operator], by: Actor, at: datetime) -> None:
    calls = [Mention(uuid4(), one.id, note.ticket_id, MentionKind.NOTE, by.name, at, note.id) for one in people]
    await tx.call(calls)


def _is_same(operator: Operator, by: Actor) -> bool:
    return (_email(by) or "").casefold() == operator.email.casefold()


def _email(by: Actor) -> str | None:
    kind, _, email = by.name.partition(":")
    return email if kind == "operator" else None
