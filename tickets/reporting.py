"""What happened to a ticket, as reports count it: moments, each of one kind, and when it was opened, answered, closed.

A ticket is read whole whenever something new is on its record, so a merge, an undo or a late mail corrects what was
counted before. Tickets that were merged into others count nowhere: their mails count where they are now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from tickets.audit import AuditEvent, EventKind
from tickets.mail import MailKind


class MomentKind(StrEnum):
    """What is counted."""

    MAIL_IN = "mail_in"
    OPENED = "opened"
    CLOSED = "closed"
    REOPENED = "reopened"
    SENT_UNCHANGED = "sent_unchanged"  # the agent's draft left as it was
    SENT_EDITED = "sent_edited"  # an operator changed the agent's draft first
    SENT_OWN = "sent_own"  # there was no draft of the agent's for that mail
    SENT_UNMEASURED = "sent_unmeasured"  # from before changes were measured
    SENT_OUTSIDE = "sent_outside"  # a colleague answered in the mailbox itself
    DRAFT_OFFERED = "draft_offered"
    DRAFT_REJECTED = "draft_rejected"
    DRAFT_REDONE = "draft_redone"


SENT: Final = (
    MomentKind.SENT_UNCHANGED,
    MomentKind.SENT_EDITED,
    MomentKind.SENT_OWN,
    MomentKind.SENT_UNMEASURED,
    MomentKind.SENT_OUTSIDE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing to count. `words` and `changed` are of a reply: how many it has, how many were put in or taken out."""

    kind: MomentKind
    at: datetime
    by: str | None = None
    words: int = 0
    changed: int = 0


@dataclass(frozen=True, slots=True)
class History:
    """A ticket's record, oldest first: what its facts are made of."""

    created_at: datetime
    is_done: bool
    is_merged: bool
    mails: Sequence[tuple[MailKind, datetime]]
    events: Sequence[AuditEvent]


@dataclass(frozen=True, slots=True)
class Facts:
    """What reports know of one ticket."""

    opened_at: datetime
    answered_at: datetime | None = None
    answered_by: str | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    moments: tuple[Moment, ...] = field(default=())


_COUNTED: Final = {
    EventKind.CLOSED: MomentKind.CLOSED,
    EventKind.REJECTED: MomentKind.CLOSED,
    EventKind.REOPENED: MomentKind.REOPENED,
    EventKind.DRAFT_OFFERED: MomentKind.DRAFT_OFFERED,
    EventKind.REDRAFT_ASKED: MomentKind.DRAFT_REDONE,
}
_OURS: Final = (MailKind.REPLY, MailKind.HUMAN_REPLY)


def facts_of(history: History) -> Facts | None:
    """None for a ticket that was merged into another one."""
    if history.is_merged:
        return None
    arrived = [at for kind, at in history.mails if kind is MailKind.CUSTOMER]
    opened_at = min([history.created_at, *arrived])
    moments = (
        Moment(MomentKind.OPENED, opened_at),
        *(Moment(MomentKind.MAIL_IN, at) for at in arrived),
        *(Moment(MomentKind.SENT_OUTSIDE, at) for kind, at in history.mails if kind is MailKind.HUMAN_REPLY),
        *_from_events(history.events),
    )
    answered_at = min((at for kind, at in history.mails if kind in _OURS and at >= opened_at), default=None)
    closing = [moment for moment in moments if moment.kind is MomentKind.CLOSED]
    last = closing[-1] if closing and history.is_done else None
    return Facts(
        opened_at,
        answered_at,
        next((moment.by for moment in moments if moment.kind in SENT and moment.at == answered_at), None),
        last.at if last else None,
        last.by if last else None,
        moments,
    )


def _from_events(events: Sequence[AuditEvent]) -> Iterator[Moment]:
    approvals = {_field(event, "send_id"): event for event in events if event.kind is EventKind.APPROVED}
    has_draft = False
    for event in events:
        if event.kind is EventKind.SENT:
            yield _sent(event, approvals.get(_field(event, "send_id")))
        elif event.kind is EventKind.REJECTED and has_draft:
            yield Moment(MomentKind.DRAFT_REJECTED, event.at, event.actor)
        if kind := _COUNTED.get(event.kind):
            yield Moment(kind, event.at, event.actor)
        has_draft = _leaves_a_draft(event, has_draft)


def _leaves_a_draft(event: AuditEvent, had_one: bool) -> bool:
    """Whether a draft that the agent began lies open after the event."""
    if event.kind in (EventKind.DRAFT_OFFERED, EventKind.DRAFT_RESTORED):
        return True
    ends = (EventKind.SENT, EventKind.CLOSED, EventKind.REJECTED, EventKind.DRAFT_SUPERSEDED, EventKind.REDRAFT_ASKED)
    return had_one and event.kind not in ends


def _sent(event: AuditEvent, approval: AuditEvent | None) -> Moment:
    """A reply counts for who approved it, when it left."""
    if approval is None or "agents_revision" not in (approval.fields or {}):
        return Moment(MomentKind.SENT_UNMEASURED, event.at, approval.actor if approval else None)
    if _field(approval, "agents_revision") is None:
        return Moment(MomentKind.SENT_OWN, event.at, approval.actor)
    kind = MomentKind.SENT_UNCHANGED if _field(approval, "unchanged") else MomentKind.SENT_EDITED
    changed = _number(approval, "words_removed") + _number(approval, "words_added")
    return Moment(kind, event.at, approval.actor, _number(approval, "words"), changed)


def _field(event: AuditEvent, name: str) -> object:
    return (event.fields or {}).get(name)


def _number(event: AuditEvent, name: str) -> int:
    value = _field(event, name)
    return value if isinstance(value, int) else 0
