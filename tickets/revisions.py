"""The earlier revisions of a reply: who wrote each, when, what it was asked to be, and why it gave way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from tickets.audit import AuditEvent, EventKind
from tickets.ticket import Draft, DraftState, TicketId

MAX_REVISIONS: Final = 200  # that are listed, the newest of them


class End(StrEnum):
    """What became of a revision."""

    EDITED = "edited"  # somebody changed its words, its recipients or its files
    REDRAFTED = "redrafted"  # somebody asked the agent for another one
    CUSTOMER_WROTE = "customer_wrote"
    WITHDRAWN = "withdrawn"  # the ticket was closed or merged; `reason` says so
    REJECTED = "rejected"
    SENT = "sent"
    LEAVING = "leaving"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision as a list shows it, without its text.

    `asked_by` and `feedback` are of the wish for another draft that it answers, if it answers one. `length` is in
    characters. `prompt` is as in Triage.
    """

    revision: int
    made_for: str
    written_by: str
    created_at: datetime
    state: DraftState
    subject: str
    length: int
    flags: int
    asked_by: str | None = None
    feedback: str | None = None
    prompt: str | None = None

    @property
    def is_by_agent(self) -> bool:
        return not self.made_for.startswith("edit:")


@dataclass(frozen=True, slots=True)
class Replaced:
    """Why a revision is not the current one any more; `by` is the revision that came after it."""

    end: End
    by: int | None = None
    reason: str | None = None


class RevisionReads(Protocol):
    """The store's reads of a reply's history."""

    async def revisions(self, ticket_id: TicketId, limit: int = MAX_REVISIONS) -> tuple[Revision, ...]:
        """The newest first."""
        ...

    async def revision(self, ticket_id: TicketId, revision: int) -> Draft:
        """Raises NotFound."""
        ...

    async def agents_draft(self, ticket_id: TicketId, up_to: int) -> Draft | None:
        """The newest revision, up to that one, that the agent wrote."""
        ...


def ends(newest_first: Sequence[Revision], events: Sequence[AuditEvent]) -> dict[int, Replaced]:
    """What became of each revision, from its state, from what came after it and from the record."""
    reasons = {
        event.fields["revision"]: str(event.fields["reason"])
        for event in events
        if event.kind is EventKind.DRAFT_SUPERSEDED and event.fields
    }
    found: dict[int, Replaced] = {}
    later: Revision | None = None
    for each in newest_first:
        found[each.revision] = _end(each, later, reasons.get(each.revision))
        later = each
    return found


_OF_STATE: Final = {
    DraftState.OPEN: End.OPEN,
    DraftState.APPROVED: End.LEAVING,
    DraftState.SENT: End.SENT,
    DraftState.REJECTED: End.REJECTED,
}


def _end(revision: Revision, later: Revision | None, reason: str | None) -> Replaced:
    by = later.revision if later else None
    if revision.state is not DraftState.SUPERSEDED:
        return Replaced(_OF_STATE[revision.state], by, reason)
    if later is None or (reason and not later.made_for.startswith("mail:")):
        return Replaced(End.WITHDRAWN, by, reason)
    kind = later.made_for.partition(":")[0]
    return Replaced({"edit": End.EDITED, "decision": End.REDRAFTED}.get(kind, End.CUSTOMER_WROTE), by, reason)
