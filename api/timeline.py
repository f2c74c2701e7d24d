"""The audit trail in words: one sentence for each kind of event that a ticket can carry."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from api.language import _, said
from api.shelf_words import shelf_sentence
from tickets.audit import AuditEvent, EventKind
from tickets.categories import SHIPPED, Categories
from tickets.wording import N_

_SENTENCES: Final[Mapping[EventKind, str]] = {
    EventKind.MAIL_ARRIVED: N_("A mail arrived"),
    EventKind.MAIL_QUARANTINED: N_("A mail could not be read: %(reason)s"),
    EventKind.MAIL_RETRIED: N_("A mail came out of quarantine"),
    EventKind.MAIL_DISMISSED: N_("Dismissed a mail from quarantine"),
    EventKind.MAIL_TAKEN_UP: N_("Made a ticket of an automatic mail"),
    EventKind.SORTED: N_("Put into the category %(category)s"),
    EventKind.TRIAGED: N_("Read as %(category)s, %(priority)s"),
    EventKind.PLANNED: N_("Planned the answer"),
    EventKind.DRAFT_OFFERED: N_("Offered draft %(revision)s"),
    EventKind.DRAFT_EDITED: N_("Edited: draft %(revision)s"),
    EventKind.DRAFT_SUPERSEDED: N_("Draft %(revision)s was replaced: %(reason)s"),
    EventKind.REDRAFT_ASKED: N_("Asked for another draft"),
    EventKind.APPROVED: N_("Approved draft %(revision)s"),
    EventKind.APPROVED_FIRST: N_("Approved draft %(revision)s as the first of two people: %(reason)s"),
    EventKind.APPROVAL_VOIDED: N_("The first approval of draft %(revision)s counts no more: %(reason)s"),
    EventKind.UNDONE: N_("Took the approval of draft %(revision)s back"),
    EventKind.SEND_CANCELLED: N_("Draft %(revision)s was not sent: %(reason)s"),
    EventKind.SEND_STEP: N_("Delivery: %(state)s"),
    EventKind.SENT: N_("Draft %(revision)s was sent"),
    EventKind.SEND_FAILED: N_("The mailbox refused the reply: %(reason)s"),
    EventKind.SEND_UNKNOWN: N_("The mailbox did not say whether the reply left"),
    EventKind.SEND_SETTLED_BY_HAND: N_("Decided by hand whether the reply left"),
    EventKind.HUMAN_ANSWERED: N_("A colleague answered in the mailbox itself"),
    EventKind.BOUNCED: N_("The reply came back undelivered"),
    EventKind.REJECTED: N_("Closed without a reply: %(reason)s"),
    EventKind.CLOSED: N_("Closed the ticket"),
    EventKind.REOPENED: N_("Reopened the ticket"),
    EventKind.DRAFT_RESTORED: N_("Draft %(again)s is there again as draft %(revision)s"),
    EventKind.MERGED: N_("Merged ticket #%(source)s into #%(into)s"),
    EventKind.MERGE_UNDONE: N_("Undid the merge of ticket #%(source)s into #%(into)s"),
    EventKind.SPLIT: N_("Split mails off ticket #%(source)s into #%(into)s: %(mails)s"),
    EventKind.SPLIT_UNDONE: N_("Undid the split of ticket #%(into)s off #%(source)s"),
    EventKind.STORM_CALMED: N_("So many mails came within an hour that the newest ask for no draft"),
    EventKind.ASSIGNED: N_("Assigned to %(assignee)s"),
    EventKind.FOLLOW_UP_DUE: N_("Came back after %(silent_days)s days without an answer"),
    EventKind.NOTED: N_("Left an internal note"),
    EventKind.NOTE_EDITED: N_("Changed an internal note"),
    EventKind.NOTE_DELETED: N_("Deleted an internal note"),
    EventKind.WORKFLOW_FAILED: N_("A step of the agent failed; it tries again by itself"),
    EventKind.WORKFLOW_STOPPED: N_("The agent gave up"),
    EventKind.WORKFLOW_RETRIED: N_("Started the agent again"),
    EventKind.WORKFLOW_REPAIRED: N_("The agent's place in the work was restored"),
    EventKind.STUDIO_REFUSED: N_("A decision from Studio was refused"),
}

_MAIL_KINDS: Final = {
    "customer": N_("The customer wrote"),
    "automatic": N_("An automatic mail arrived"),
    "bounce": N_("A delivery report arrived"),
    "reply": N_("The reply is on record"),
    "human_reply": N_("A colleague's answer is on record"),
}

# What was confirmed of senders and recipients, as an approval records it.
_CONFIRMED: Final = {
    "failed": N_("the sender failed the provider's check"),
    "look_alike": N_("look-alike domain"),
    "mixed_letters": N_("mixed alphabets"),
    "other_address_shown": N_("another address shown"),
    "borrowed_name": N_("borrowed name"),
    "bounced": N_("an address that bounced"),
}

# Steps inside one delivery: worth keeping, not worth reading first.
DETAILS: Final = frozenset({EventKind.SEND_STEP, EventKind.PLANNED, EventKind.WORKFLOW_REPAIRED})


def sentence(event: AuditEvent, categories: Categories = SHIPPED) -> str:
    """What happened, without who and when. An unknown kind is shown by its own name."""
    if (of_shelves := shelf_sentence(event)) is not None:
        return of_shelves
    fields = event.fields or {}
    if event.kind is EventKind.MAIL_ARRIVED:
        return _(_MAIL_KINDS.get(str(fields.get("kind")), _SENTENCES[event.kind]))
    if event.kind is EventKind.ASSIGNED and not fields.get("assignee"):
        return _("Took the ticket off everybody")
    if event.kind is EventKind.APPROVED and (doubts := fields.get("confirmed_warnings")):
        named = ", ".join(said(_CONFIRMED.get(kind, kind)) for kind in (doubts if isinstance(doubts, list) else ()))
        revision = fields.get("revision", _("not recorded"))
        return _("Approved draft %(revision)s; confirmed: %(named)s", revision=revision, named=named)
    if event.kind is EventKind.DRAFT_EDITED and (fields.get("words_added") or fields.get("words_removed")):
        added, removed = fields.get("words_added"), fields.get("words_removed")
        revision = fields.get("revision", _("not recorded"))
        words = {"revision": revision, "added": added, "removed": removed}
        return _("Edited: draft %(revision)s, words added %(added)s, removed %(removed)s", **words)
    known = defaultdict(lambda: _("not recorded"), {key: str(value) for key, value in fields.items()})
    if "category" in known:
        known["category"] = categories.title(known["category"])
    return said(_SENTENCES.get(event.kind, event.kind.replace("_", " ").capitalize())) % known
