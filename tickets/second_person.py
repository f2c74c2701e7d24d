"""Replies that two people approve: which they are, whose approval counts, and when a first approval is worth nothing.

The policy is the section TwoPerson of the settings. A first approval counts for exactly the revision and content that
were seen; whatever changes the draft, or the customer's next mail, voids it. Only people count: an operator at the
desk, or an API token as the operator who owns it, and nobody twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.desk_settings import TwoPerson
from tickets.errors import NotAllowed
from tickets.flags import amounts_in
from tickets.people import Actor, OperatorId
from tickets.ticket import Draft, Flag, Seen, Ticket, TicketId


class PersonNeeded(NotAllowed):
    """Two people have to approve this reply, and whoever asks is nobody in particular."""


@dataclass(frozen=True, slots=True)
class FirstApproval:
    """One of two: who approved exactly what, and when. `actor` is named as the record names actors."""

    ticket_id: TicketId
    revision: int
    content_hash: str
    person_id: OperatorId
    actor: str
    at: datetime

    def is_of(self, draft: Draft) -> bool:
        """Whether it counts for this draft: to the letter what was seen."""
        return (self.revision, self.content_hash) == (draft.revision, draft.content_hash)


@dataclass(frozen=True, slots=True)
class TwoNeeded:
    """Why two people have to approve a draft, and the first of them, if somebody has."""

    category: str | None = None
    amount_above: Decimal | None = None  # the limit, not the amount
    first: FirstApproval | None = None

    @property
    def reason(self) -> str:
        """For the record and for scripts."""
        if self.amount_above is not None:
            return f"it states an amount above {self.amount_above:f}"
        return f"its category is {self.category}"


class FirstApprovalReads(Protocol):
    async def first_approval(self, ticket_id: TicketId) -> FirstApproval | None: ...


class FirstApprovalWrites(FirstApprovalReads, Protocol):
    """The part of a transaction that keeps first approvals. The caller holds the ticket's row."""

    async def keep_first_approval(self, approval: FirstApproval) -> None: ...
    async def drop_first_approval(self, ticket_id: TicketId) -> None: ...
    async def record(self, event: AuditEvent) -> None: ...


def two_needed(policy: TwoPerson, ticket: Ticket, draft: Draft) -> TwoNeeded | None:
    """Why this reply needs two people; None when one is enough."""
    if ticket.category is not None and ticket.category in policy.categories:
        return TwoNeeded(category=ticket.category)
    limit = policy.amount_above
    if limit is not None and any(amount > limit for amount in amounts_in(f"{draft.subject}\n{draft.body}")):
        return TwoNeeded(amount_above=limit)
    return None


async def second_of_two(
    tx: FirstApprovalWrites,
    draft: Draft,
    seen: Seen,
    *,
    why: TwoNeeded,
    doubts: Sequence[Flag],
    by: Actor,
    at: datetime,
) -> FirstApproval | None:
    """The first approval, when `by` is the second person for the same content.

    None when theirs is the first, now or already: it is on record, and nothing may leave. Raises PersonNeeded.
    """
    if by.person_id is None:
        raise PersonNeeded(
            "This reply needs two people, and this access belongs to nobody in particular. Approve it on the ticket's "
            "page, or with a token that has an owner."
        )
    first = await tx.first_approval(draft.ticket_id)
    if first and first.is_of(draft):
        return first if first.person_id != by.person_id else None
    if first:
        await void_first_approval(tx, draft.ticket_id, "the draft has changed", by, at)
    await tx.keep_first_approval(
        FirstApproval(draft.ticket_id, draft.revision, draft.content_hash, by.person_id, by.name, at)
    )
    fields: Fields = {
        "revision": draft.revision,
        "content_hash": draft.content_hash,
        "reason": why.reason,
        "confirmed_flags": sorted(flag.id for flag in draft.flags if flag.id in seen.confirmed_flags),
        "confirmed_warnings": sorted({doubt.kind for doubt in doubts}),
    }
    await tx.record(AuditEvent(EventKind.APPROVED_FIRST, by.name, at, draft.ticket_id, fields))
    return None


async def void_first_approval(
    tx: FirstApprovalWrites, ticket_id: TicketId, reason: str, by: Actor, at: datetime
) -> bool:
    """Take a first approval off the ticket; False when there is none."""
    first = await tx.first_approval(ticket_id)
    if first is None:
        return False
    await tx.drop_first_approval(ticket_id)
    fields: Fields = {"revision": first.revision, "approved_by": first.actor, "reason": reason}
    await tx.record(AuditEvent(EventKind.APPROVAL_VOIDED, by.name, at, ticket_id, fields))
    return True
