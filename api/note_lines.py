"""The notes of a ticket as its page shows them: between the mails, in the order of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from tickets.mail import Message
from tickets.mentions import calls_in, handle_of
from tickets.notes import Note
from tickets.noting import may_change
from tickets.people import Actor, Operator


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note. `parts` are its words in order, with whether they call somebody."""

    note: Note
    parts: tuple[tuple[str, bool], ...]
    is_changeable: bool


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom a note can call, and the word that does."""

    handle: str
    name: str


@dataclass(frozen=True, slots=True)
class TeamNotes:
    """The notes between the mails: those before a mail by its id, and those after the last one."""

    before: dict[UUID, list[NoteLine]]
    after_all: list[NoteLine]
    colleagues: tuple[Colleague, ...]

    def __len__(self) -> int:
        return len(self.after_all) + sum(map(len, self.before.values()))


def team_notes(
    notes: Sequence[Note], messages: Sequence[Message], people: Sequence[Operator], actor: Actor
) -> TeamNotes:
    """Put each note before the first mail that is younger."""
    lines = [NoteLine(note, tuple(_parts(note.text, people)), may_change(note, actor)) for note in notes]
    before: dict[UUID, list[NoteLine]] = {}
    placed = 0
    for message in messages:
        older = [line for line in lines[placed:] if line.note.created_at < message.at]
        before[message.id] = older
        placed += len(older)
    colleagues = tuple(Colleague(handle_of(one, people), one.name or one.email) for one in people)
    return TeamNotes(before, lines[placed:], colleagues)


def _parts(text: str, people: Sequence[Operator]) -> Iterator[tuple[str, bool]]:
    at = 0
    for call in calls_in(text, people):
        if call.start < at:
            continue
        yield text[at : call.start], False
        yield text[call.start : call.end], True
        at = call.end
    yield text[at:], False
