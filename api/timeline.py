"""The audit trail in words: one sentence for each kind of event that a ticket can carry."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from tickets.audit import AuditEvent, EventKind

_SENTENCES: Final[Mapping[EventKind, str]] = {
    EventKind.MAIL_ARRIVED: "A mail arrived",
    EventKind.MAIL_QUARANTINED: "A mail could not be read: {reason}",
    EventKind.MAIL_RETRIED: "A mail came out of quarantine",
    EventKind.MAIL_TAKEN_UP: "Made a ticket of an automatic mail",
    EventKind.TRIAGED: "Read as {category}, {priority}",
    EventKind.PLANNED: "Planned the answer",
    EventKind.DRAFT_OFFERED: "Offered draft {revision}",
    EventKind.DRAFT_EDITED: "Edited: draft {revision}",
    EventKind.DRAFT_SUPERSEDED: "Draft {revision} was replaced: {reason}",
    EventKind.REDRAFT_ASKED: "Asked for another draft",
    EventKind.APPROVED: "Approved draft {revision}",
    EventKind.UNDONE: "Took the approval of draft {revision} back",
    EventKind.SEND_CANCELLED: "Draft {revision} was not sent: {reason}",
    EventKind.SEND_STEP: "Delivery: {state}",
    EventKind.SENT: "Draft {revision} was sent",
    EventKind.SEND_FAILED: "The mailbox refused the reply: {reason}",
    EventKind.SEND_UNKNOWN: "The mailbox did not say whether the reply left",
    EventKind.SEND_SETTLED_BY_HAND: "Decided by hand whether the reply left",
    EventKind.HUMAN_ANSWERED: "A colleague answered in the mailbox itself",
    EventKind.BOUNCED: "The reply came back undelivered",
    EventKind.REJECTED: "Closed without a reply: {reason}",
    EventKind.CLOSED: "Closed the ticket",
    EventKind.REOPENED: "Reopened the ticket",
    EventKind.MERGED: "Merged ticket #{source} into #{into}",
    EventKind.STORM_CALMED: "So many mails came within an hour that the newest ask for no draft",
    EventKind.ASSIGNED: "Assigned to {assignee}",
    EventKind.NOTED: "Left an internal note",
    EventKind.NOTE_EDITED: "Changed an internal note",
    EventKind.NOTE_DELETED: "Deleted an internal note",
    EventKind.WORKFLOW_FAILED: "A step of the agent failed; it tries again by itself",
    EventKind.WORKFLOW_STOPPED: "The agent gave up",
    EventKind.WORKFLOW_RETRIED: "Started the agent again",
    EventKind.WORKFLOW_REPAIRED: "The agent's place in the work was restored",
    EventKind.STUDIO_REFUSED: "A decision from Studio was refused",
}

_MAIL_KINDS: Final = {
    "customer": "The customer wrote",
    "automatic": "An automatic mail arrived",
    "bounce": "A delivery report arrived",
    "reply": "The reply is on record",
    "human_reply": "A colleague's answer is on record",
}

# What was confirmed of senders and recipients, as an approval records it.
_CONFIRMED: Final = {
    "failed": "the sender failed the provider's check",
    "look_alike": "look-alike domain",
    "mixed_letters": "mixed alphabets",
    "other_address_shown": "another address shown",
    "borrowed_name": "borrowed name",
    "bounced": "an address that bounced",
}

# Steps inside one delivery: worth keeping, not worth reading first.
DETAILS: Final = frozenset({EventKind.SEND_STEP, EventKind.PLANNED, EventKind.WORKFLOW_REPAIRED})


def sentence(event: AuditEvent) -> str:
    """What happened, without who and when. An unknown kind is shown by its own name."""
    fields = event.fields or {}
    if event.kind is EventKind.MAIL_ARRIVED:
        return _MAIL_KINDS.get(str(fields.get("kind")), _SENTENCES[event.kind])
    if event.kind is EventKind.ASSIGNED and not fields.get("assignee"):
        return "Took the ticket off everybody"
    if event.kind is EventKind.APPROVED and (doubts := fields.get("confirmed_warnings")):
        named = ", ".join(_CONFIRMED.get(kind, kind) for kind in (doubts if isinstance(doubts, list) else ()))
        return f"Approved draft {fields.get('revision', 'not recorded')}; confirmed: {named}"
    known = defaultdict(lambda: "not recorded", {key: str(value) for key, value in fields.items()})
    return _SENTENCES.get(event.kind, event.kind.replace("_", " ").capitalize()).format_map(known)
