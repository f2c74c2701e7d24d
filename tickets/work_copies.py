"""What an operator is typing, kept while it is typed: private, one for each operator and ticket, and no revision.

It says on which revision it was begun. It goes when its text is saved or approved, when the ticket is closed, or when
its owner drops it; what nobody touched for long is cleared up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tickets.ticket import Draft, DraftState, TicketId

Around = Mapping[str, str]
"""The fields around the words, as they were typed, by their names in the form."""


@dataclass(frozen=True, slots=True)
class WorkCopy:
    """Somebody's unsaved text. `revision` is the one it was begun on (0: none); `version` rises with every keeping."""

    ticket_id: TicketId
    owner: str
    revision: int
    subject: str
    body: str
    around: Around = field(default_factory=dict)
    version: int = 0
    updated_at: datetime | None = None

    def is_of(self, draft: Draft | None) -> bool:
        """Whether it was begun on what an editor shows now."""
        return self.revision == editable_revision(draft)


class WorkCopyReads(Protocol):
    """The store's read of it."""

    async def work_copy(self, ticket_id: TicketId, owner: str) -> WorkCopy | None: ...


class WorkCopyWrites(Protocol):
    """What a transaction can do with it."""

    async def work_copy(self, ticket_id: TicketId, owner: str) -> WorkCopy | None: ...
    async def keep_work_copy(self, copy: WorkCopy) -> None:
        """Insert, or replace the one that its owner has for the ticket."""
        ...

    async def drop_work_copy(self, ticket_id: TicketId, owner: str) -> None: ...
    async def drop_work_copies(self, ticket_id: TicketId) -> None:
        """Everybody's."""
        ...

    async def drop_stale_work_copies(self, owner: str, before: datetime) -> None:
        """Those of that owner which nobody has touched since then."""
        ...


def editable_revision(draft: Draft | None) -> int:
    """Which revision an editor shows; 0 when it begins empty."""
    return draft.revision if draft and draft.state is DraftState.OPEN else 0
