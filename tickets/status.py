"""The ticket's life: which event moves a ticket from which status to which. Nothing else changes a status.

Undoing a merge or a split is no move: it puts back the status from before (`putting_back`).
"""

from enum import StrEnum
from typing import Final

from tickets.errors import Conflict
from tickets.wording import N_, Sentence, Sentences


class Status(StrEnum):
    """Where a ticket stands, as the boards show it."""

    NEW = "NEW"
    NEEDS_ACTION = "NEEDS_ACTION"
    WAITING_OTHERS = "WAITING_OTHERS"
    DONE = "DONE"


class Event(StrEnum):
    """What happens to a ticket. A ticket is born NEW by `mail_arrived`; the rest are moves."""

    MAIL_ARRIVED = "mail_arrived"
    DRAFT_OFFERED = "draft_offered"
    NO_REPLY_NEEDED = "no_reply_needed"
    REPLY_SENT = "reply_sent"
    DELIVERY_FAILED = "delivery_failed"
    CUSTOMER_WROTE = "customer_wrote"
    FOLLOW_UP_DUE = "follow_up_due"
    CLOSED = "closed"
    REOPENED = "reopened"


MOVES: Final[dict[Status | None, dict[Event, Status]]] = {
    None: {
        Event.MAIL_ARRIVED: Status.NEW,
    },
    Status.NEW: {
        Event.DRAFT_OFFERED: Status.NEEDS_ACTION,
        Event.NO_REPLY_NEEDED: Status.NEEDS_ACTION,
        Event.REPLY_SENT: Status.WAITING_OTHERS,  # a human answered in the mailbox itself
        Event.CUSTOMER_WROTE: Status.NEW,
        Event.CLOSED: Status.DONE,
    },
    Status.NEEDS_ACTION: {
        Event.DRAFT_OFFERED: Status.NEEDS_ACTION,
        Event.NO_REPLY_NEEDED: Status.NEEDS_ACTION,
        Event.REPLY_SENT: Status.WAITING_OTHERS,
        Event.DELIVERY_FAILED: Status.NEEDS_ACTION,
        Event.CUSTOMER_WROTE: Status.NEEDS_ACTION,
        Event.CLOSED: Status.DONE,
    },
    Status.WAITING_OTHERS: {
        Event.DRAFT_OFFERED: Status.NEEDS_ACTION,  # an operator asked for a follow-up
        Event.REPLY_SENT: Status.WAITING_OTHERS,
        Event.DELIVERY_FAILED: Status.NEEDS_ACTION,  # it bounced
        Event.CUSTOMER_WROTE: Status.NEEDS_ACTION,
        Event.FOLLOW_UP_DUE: Status.NEEDS_ACTION,  # silent for too long, or put off until now
        Event.CLOSED: Status.DONE,
        Event.REOPENED: Status.NEEDS_ACTION,
    },
    Status.DONE: {
        Event.REPLY_SENT: Status.DONE,
        Event.DELIVERY_FAILED: Status.NEEDS_ACTION,
        Event.CUSTOMER_WROTE: Status.NEEDS_ACTION,
        Event.REOPENED: Status.NEEDS_ACTION,
    },
}

_HOW: Final[dict[Event, str]] = {
    Event.CLOSED: N_("close it"),
    Event.REOPENED: N_("reopen it"),
    Event.DRAFT_OFFERED: N_("write or redraft a reply"),
}


class IllegalMove(Conflict):
    """The ticket cannot do that now; the message says what it can do."""

    def __init__(self, status: Status | None, event: Event) -> None:
        possible = ", ".join(MOVES[status])
        steps = Sentences((_HOW[known] for known in MOVES[status] if known in _HOW), between=N_(" or "))
        said: list[str] = [_refused(status, event, possible)]
        if steps:
            said.append(Sentence("You can %(steps)s.", steps=steps))
        super().__init__(Sentences(said))


def _refused(status: Status | None, event: Event, possible: str) -> Sentence:
    if status is None:
        return Sentence(
            "A ticket that does not exist yet cannot take '%(event)s'. Possible now: %(possible)s.",
            event=event.value,
            possible=possible,
        )
    return Sentence(
        "A %(status)s ticket cannot take '%(event)s'. Possible now: %(possible)s.",
        status=status.value,
        event=event.value,
        possible=possible,
    )


def after(status: Status | None, event: Event) -> Status:
    """The status that follows; raises IllegalMove."""
    try:
        return MOVES[status][event]
    except KeyError:
        raise IllegalMove(status, event) from None
