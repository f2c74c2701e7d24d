"""Where a ticket stands for the person who looks at it: which banner, which buttons."""

from enum import StrEnum
from hashlib import sha256

from tickets.desk import TicketView
from tickets.outbox import OutboxState
from tickets.status import Status
from tickets.ticket import DraftState


class Stage(StrEnum):
    """What the operator can do next."""

    WORKING = "working"  # the agent reads or writes
    REVIEW = "review"  # an open draft waits for approval
    NO_DRAFT = "no_draft"  # write a reply, or close
    LEAVING = "leaving"  # approved; can be undone
    SENDING = "sending"
    UNKNOWN = "unknown"  # the mailbox did not say whether it left; looked up again later
    ASK = "ask"  # only an operator can say whether it left
    ANSWERED = "answered"  # the customer's turn
    CLOSED = "closed"
    MERGED = "merged"  # all its mails are on another ticket


_DELIVERY: dict[OutboxState, Stage] = {
    OutboxState.APPROVED: Stage.LEAVING,
    OutboxState.DRAFTING: Stage.SENDING,
    OutboxState.DRAFTED: Stage.SENDING,
    OutboxState.SENDING: Stage.SENDING,
    OutboxState.UNKNOWN: Stage.UNKNOWN,
    OutboxState.NEEDS_HUMAN: Stage.ASK,
}


def stage_of(view: TicketView) -> Stage:
    """A delivery under way hides everything else; then closed, agent at work, open draft, customer's turn."""
    ticket = view.ticket
    if ticket.merged_into is not None:
        return Stage.MERGED
    if view.outgoing and (under_way := _DELIVERY.get(view.outgoing.state)):
        return under_way
    if ticket.status is Status.DONE:
        return Stage.CLOSED
    if not ticket.stopped and (view.redraft_pending or ticket.work_seq > ticket.settled_seq):
        return Stage.WORKING
    if view.draft and view.draft.state is DraftState.OPEN:
        return Stage.REVIEW
    return Stage.ANSWERED if ticket.status is Status.WAITING_OTHERS else Stage.NO_DRAFT


def fingerprint(view: TicketView) -> str:
    """Changes whenever the page would show something else; an open page compares it before it redraws itself."""
    ticket, outgoing = view.ticket, view.outgoing
    seen = (
        len(view.events),
        len(view.messages),
        ticket.updated_at,
        ticket.status,
        ticket.assignee,
        ticket.notice,
        ticket.stopped,
        view.draft and (view.draft.revision, view.draft.state),
        outgoing and (outgoing.id, outgoing.state, outgoing.next_at),
        view.redraft_pending,
        [flag.id for flag in view.cautions],
        view.related.followed_by and view.related.followed_by.number,
    )
    return sha256(repr(seen).encode()).hexdigest()[:16]
