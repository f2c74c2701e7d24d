"""Tags: short words that operators put on tickets, to find them again."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.errors import BadInput
from tickets.merging import require_not_merged
from tickets.people import Actor, Scope
from tickets.ports import Clock
from tickets.storage import TicketStore
from tickets.ticket import Ticket, TicketId
from tickets.wording import Sentence

MAX_LENGTH: Final = 40
MAX_TAGS: Final = 20
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f,]")


def tag_of(text: str) -> str:
    """A tag as it is kept: one spelling for all who type it. Raises BadInput."""
    tag = " ".join(text.split()).casefold()
    if not tag or len(tag) > MAX_LENGTH or _CONTROL.search(tag):
        raise BadInput(
            Sentence(
                "A tag is a word or a few, up to %(max_length)s characters, without commas. Correct it.",
                max_length=MAX_LENGTH,
            )
        )
    return tag


def tags_in(text: str) -> tuple[str, ...]:
    """The tags of a form's field, separated by commas. Raises BadInput."""
    return tuple(dict.fromkeys(tag_of(part) for part in text.split(",") if part.strip()))


@dataclass(frozen=True, slots=True)
class Tagging:
    """Puts tags on tickets and takes them off."""

    store: TicketStore
    clock: Clock

    async def change(
        self, ticket_id: TicketId, *, add: Iterable[str] = (), remove: Iterable[str] = (), by: Actor
    ) -> Ticket:
        """Asking for what is so already changes nothing. Raises BadInput for too many tags or one that is none."""
        by.require(Scope.DRAFT)
        wanted, unwanted = {tag_of(tag): None for tag in add}, {tag_of(tag) for tag in remove}
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            require_not_merged(ticket)
            tags = tuple(tag for tag in dict.fromkeys((*ticket.tags, *wanted)) if tag not in unwanted)
            if tags == ticket.tags:
                return ticket
            if len(tags) > max(MAX_TAGS, len(ticket.tags)):  # a merge may have brought more
                raise BadInput(
                    Sentence("A ticket bears %(max_tags)s tags at most. Take one off first.", max_tags=MAX_TAGS)
                )
            tagged = replace(ticket, tags=tags, updated_at=now)
            await tx.save(tagged)
            await tx.set_tags(ticket_id, tags)
            fields: Fields = {"added": _without(tags, ticket.tags), "removed": _without(ticket.tags, tags)}
            await tx.record(AuditEvent(EventKind.TAGGED, by.name, now, ticket_id, fields))
        return tagged


def _without(tags: Sequence[str], others: Sequence[str]) -> list[str]:
    return [tag for tag in tags if tag not in others]
