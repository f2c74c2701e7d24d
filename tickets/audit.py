"""The record of who did what and when: the kinds of events, the fields each must carry, and the hash chain.

Every event belongs to a chain (a ticket's, or the desk's own) and carries the hash of the one before it, so that a
changed or removed row breaks the chain at that row.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from tickets.ticket import TicketId

GENESIS: Final = "0" * 64

Field = str | int | float | bool | None | list[str]
Fields = Mapping[str, Field]


class EventKind(StrEnum):
    SYNCED = "synced"
    SYNC_FAILED = "sync_failed"
    MAIL_ARRIVED = "mail_arrived"
    MAIL_QUARANTINED = "mail_quarantined"
    MAIL_RETRIED = "mail_retried"
    MAIL_DISMISSED = "mail_dismissed"
    MAIL_TAKEN_UP = "mail_taken_up"
    TRIAGED = "triaged"
    PLANNED = "planned"
    DRAFT_OFFERED = "draft_offered"
    DRAFT_EDITED = "draft_edited"
    DRAFT_SUPERSEDED = "draft_superseded"
    DRAFT_RESTORED = "draft_restored"
    REDRAFT_ASKED = "redraft_asked"
    APPROVED = "approved"
    APPROVED_FIRST = "approved_first"
    APPROVAL_VOIDED = "approval_voided"
    UNDONE = "undone"
    SEND_CANCELLED = "send_cancelled"
    SEND_STEP = "send_step"
    SENT = "sent"
    SEND_FAILED = "send_failed"
    SEND_UNKNOWN = "send_unknown"
    SEND_SETTLED_BY_HAND = "send_settled_by_hand"
    HUMAN_ANSWERED = "human_answered"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"
    MERGE_UNDONE = "merge_undone"
    SPLIT = "split"
    SPLIT_UNDONE = "split_undone"
    STORM_CALMED = "storm_calmed"
    ASSIGNED = "assigned"
    SORTED = "sorted"
    NOTED = "noted"
    NOTE_EDITED = "note_edited"
    NOTE_DELETED = "note_deleted"
    TAGGED = "tagged"
    SNOOZED = "snoozed"
    WOKEN = "woken"
    FOLLOW_UP_DUE = "follow_up_due"
    WORKFLOW_FAILED = "workflow_failed"
    WORKFLOW_STOPPED = "workflow_stopped"
    WORKFLOW_RETRIED = "workflow_retried"
    WORKFLOW_REPAIRED = "workflow_repaired"
    STUDIO_REFUSED = "studio_refused"
    LOGGED_IN = "logged_in"
    LOGIN_FAILED = "login_failed"
    LOGGED_OUT = "logged_out"
    OPERATOR_ADDED = "operator_added"
    OPERATOR_INVITED = "operator_invited"
    OPERATOR_CHANGED = "operator_changed"
    TOKEN_CREATED = "token_created"  # noqa: S105 - the name of an event
    TOKEN_REVOKED = "token_revoked"  # noqa: S105
    MAILBOX_ADDED = "mailbox_added"
    MAILBOX_CONNECTED = "mailbox_connected"
    MAILBOX_DISCONNECTED = "mailbox_disconnected"
    MAILBOX_CHANGED = "mailbox_changed"
    MAILBOX_PAUSED = "mailbox_paused"
    MAILBOX_RESUMED = "mailbox_resumed"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_CHANGED = "webhook_changed"
    WEBHOOK_REMOVED = "webhook_removed"
    WEBHOOK_DISABLED = "webhook_disabled"
    WAITING_TOLD = "waiting_told"
    NOTICE_TESTED = "notice_tested"
    NOTICE_RETRIED = "notice_retried"
    NOTICE_SENT = "notice_sent"
    NOTICE_FAILED = "notice_failed"
    SETTINGS_CHANGED = "settings_changed"
    TICKETS_PURGED = "tickets_purged"
    CUSTOMER_ERASED = "customer_erased"
    ORIGINALS_PURGED = "originals_purged"
    NAMES_FORGOTTEN = "names_forgotten"
    KNOWLEDGE_CHANGED = "knowledge_changed"
    KNOWLEDGE_IMPORTED = "knowledge_imported"
    VIEW_SAVED = "view_saved"
    VIEW_CHANGED = "view_changed"
    VIEW_DELETED = "view_deleted"


REQUIRED: Final[Mapping[EventKind, frozenset[str]]] = {
    EventKind.SYNCED: frozenset({"mailbox", "opened", "appended", "automatic", "skipped", "quarantined"}),
    EventKind.MAIL_ARRIVED: frozenset({"mail_id", "kind"}),
    EventKind.MAIL_QUARANTINED: frozenset({"reason"}),
    EventKind.MAIL_DISMISSED: frozenset({"mailbox", "provider_id"}),
    EventKind.MAIL_TAKEN_UP: frozenset({"mail_id"}),
    EventKind.TRIAGED: frozenset({"category", "priority", "needs_reply", "confidence", "written_by"}),
    EventKind.PLANNED: frozenset({"steps", "written_by"}),
    EventKind.DRAFT_OFFERED: frozenset({"revision", "content_hash", "written_by"}),
    EventKind.DRAFT_EDITED: frozenset({"revision", "content_hash"}),
    EventKind.DRAFT_SUPERSEDED: frozenset({"revision", "reason"}),
    EventKind.REDRAFT_ASKED: frozenset({"decision_id"}),
    EventKind.APPROVED: frozenset({"revision", "content_hash", "confirmed_flags", "send_id"}),
    EventKind.APPROVED_FIRST: frozenset({"revision", "content_hash", "confirmed_flags", "reason"}),
    EventKind.APPROVAL_VOIDED: frozenset({"revision", "approved_by", "reason"}),
    EventKind.UNDONE: frozenset({"revision", "send_id"}),
    EventKind.SEND_CANCELLED: frozenset({"revision", "send_id", "reason"}),
    EventKind.SEND_STEP: frozenset({"send_id", "state"}),
    EventKind.SENT: frozenset({"send_id", "revision"}),
    EventKind.SEND_FAILED: frozenset({"send_id", "reason"}),
    EventKind.SEND_UNKNOWN: frozenset({"send_id"}),
    EventKind.ASSIGNED: frozenset({"assignee"}),
    EventKind.SORTED: frozenset({"category", "before"}),
    EventKind.NOTED: frozenset({"note_id", "called"}),
    EventKind.NOTE_EDITED: frozenset({"note_id", "called"}),
    EventKind.NOTE_DELETED: frozenset({"note_id"}),
    EventKind.TAGGED: frozenset({"added", "removed"}),
    EventKind.SNOOZED: frozenset({"until"}),
    EventKind.WOKEN: frozenset({"reason", "snoozed_by", "until"}),
    EventKind.FOLLOW_UP_DUE: frozenset({"silent_days"}),
    EventKind.REJECTED: frozenset({"reason"}),
    EventKind.OPERATOR_INVITED: frozenset({"email", "role"}),
    EventKind.OPERATOR_CHANGED: frozenset({"what"}),
    EventKind.DRAFT_RESTORED: frozenset({"revision", "content_hash", "written_by", "again"}),
    EventKind.MERGED: frozenset({"source", "into"}),
    EventKind.MERGE_UNDONE: frozenset({"source", "into"}),
    EventKind.SPLIT: frozenset({"source", "into", "mails"}),
    EventKind.SPLIT_UNDONE: frozenset({"source", "into"}),
    EventKind.TICKETS_PURGED: frozenset({"older_than_days", "tickets", "mails"}),
    EventKind.ORIGINALS_PURGED: frozenset({"mails", "dismissed"}),
    EventKind.NAMES_FORGOTTEN: frozenset({"older_than_days", "events"}),
    EventKind.CUSTOMER_ERASED: frozenset({"tickets", "mails"}),
    EventKind.MAILBOX_PAUSED: frozenset({"mailbox"}),
    EventKind.MAILBOX_RESUMED: frozenset({"mailbox"}),
    EventKind.KNOWLEDGE_CHANGED: frozenset({"article", "revision"}),
    EventKind.KNOWLEDGE_IMPORTED: frozenset({"added", "changed"}),
    EventKind.WAITING_TOLD: frozenset({"notice_id", "tickets", "recipients", "webhooks"}),
    EventKind.NOTICE_SENT: frozenset({"notice_id", "recipients"}),
    EventKind.NOTICE_FAILED: frozenset({"notice_id", "reason"}),
    EventKind.SETTINGS_CHANGED: frozenset({"section", "version", "changed"}),
}


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something that happened, by whom, when; `fields` hold ids and decisions, never mail text."""

    kind: EventKind
    actor: str
    at: datetime
    ticket_id: TicketId | None = None
    fields: Fields | None = None

    def __post_init__(self) -> None:
        if lacking := REQUIRED.get(self.kind, frozenset()) - set(self.fields or {}):
            raise ValueError(f"audit event '{self.kind}' lacks {', '.join(sorted(lacking))}")


def chained(event: AuditEvent, previous: str) -> str:
    """The event's hash: sha256 over the hash before it and everything it says."""
    said = [
        previous,
        event.kind,
        event.actor,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        str(event.ticket_id or ""),
        dict(sorted((event.fields or {}).items())),
    ]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
