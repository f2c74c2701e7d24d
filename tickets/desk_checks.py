"""What must hold before an operator's step, and what a reply takes from the conversation."""

from collections.abc import Sequence
from typing import Final

from tickets.cautions import is_caution
from tickets.errors import BadInput, Conflict, FlagsOpen, InFlight, StaleDraft
from tickets.mail import Address, reply_subject
from tickets.slots import KIND as BLANK
from tickets.status import Event, IllegalMove, Status
from tickets.storage import Transaction
from tickets.ticket import Conversation, DecisionKind, Draft, DraftState, Flag, Seen, Ticket
from tickets.wording import Sentence

MAX_BODY: Final = 50_000
MAX_SUBJECT: Final = 300


def recipients(conversation: Conversation) -> tuple[Address, ...]:
    """Whom a reply goes to: the sender of the customer's last mail. Never a model's or a Reply-To's choice."""
    last = conversation.last_from_customer
    to = last.mail.sender if last else conversation.ticket.requester
    return (to,) if to.address else ()


def default_subject(conversation: Conversation) -> str:
    """The subject of a reply, taken from the mail it answers."""
    last = conversation.last_from_customer
    return reply_subject(last.mail.subject if last else conversation.ticket.subject)


def readable(subject: str, body: str) -> tuple[str, str]:
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    if not subject or not body:
        raise BadInput("A reply needs a subject and a text. Fill in both.")
    if any(ord(sign) < 32 for sign in subject):
        raise BadInput("A subject is one line. Take the line breaks out.")
    if len(subject) > MAX_SUBJECT or len(body) > MAX_BODY:
        raise BadInput(
            Sentence(
                "A subject may have %(max_subject)s characters, a text %(max_body)s. Shorten it.",
                max_subject=MAX_SUBJECT,
                max_body=MAX_BODY,
            )
        )
    return subject, body


async def require_not_leaving(tx: Transaction, ticket: Ticket) -> None:
    outgoing = await tx.latest_outgoing(ticket.id)
    if outgoing and outgoing.is_in_flight:
        raise InFlight("A reply is on its way out. Wait until its delivery has ended, then try again.")


async def require_idle(tx: Transaction, ticket: Ticket) -> None:
    await require_not_leaving(tx, ticket)
    if decision := await tx.pending_decision(ticket.id):
        if decision.kind is DecisionKind.SEND:
            raise Conflict("This draft is approved and about to leave. Undo the approval first.")
        raise Conflict("A new draft is being written. Wait for it, then go on.")


async def require_editable(tx: Transaction, ticket: Ticket, current: Draft | None, revision: int) -> None:
    await require_idle(tx, ticket)
    newest = current.revision if current else 0
    can_start_afresh = revision == 0 and (current is None or current.state is not DraftState.OPEN)
    if revision != newest and not can_start_afresh:
        await require_not_replaced(tx, ticket, revision, newest)
        if not newest:
            raise StaleDraft("This ticket has no draft. Write a reply (revision 0) or ask for a draft first.")
        raise StaleDraft(
            Sentence(
                "Draft %(revision)s is not the current one. Review draft %(newest)s, then edit.",
                revision=revision,
                newest=newest,
            ),
            newest,
        )
    if revision and current and current.state is DraftState.SUPERSEDED and current.work_seq < ticket.work_seq:
        raise StaleDraft("This draft was replaced when the customer wrote again. Review the new one.", newest)


async def require_current(tx: Transaction, ticket: Ticket, draft: Draft, seen: Seen) -> None:
    if seen.revision < draft.revision:
        await require_not_replaced(tx, ticket, seen.revision, draft.revision)
    seen.require_current(draft)


async def require_not_replaced(tx: Transaction, ticket: Ticket, revision: int, newest: int) -> None:
    """Raises StaleDraft for a draft that is older than the answer to the customer's last mail."""
    answer = await tx.draft_made_for(ticket.id, f"mail:{ticket.work_seq}")
    if answer and revision < answer.revision and ticket.work_seq > 1:
        raise StaleDraft(
            Sentence(
                "Draft %(revision)s was replaced when the customer wrote again. Review draft %(newest)s, then decide.",
                revision=revision,
                newest=newest,
            ),
            newest,
        )


async def require_approvable(tx: Transaction, ticket: Ticket, draft: Draft) -> None:
    if draft.work_seq < ticket.work_seq:
        raise StaleDraft(
            Sentence(
                "Draft %(revision)s was replaced when the customer wrote again. Review the new draft, then approve.",
                revision=draft.revision,
            ),
            draft.revision,
        )
    if draft.state is not DraftState.OPEN:
        raise StaleDraft(
            Sentence(
                "Draft %(revision)s is %(state)s. Write or ask for a new one.",
                revision=draft.revision,
                state=draft.state,
            ),
            draft.revision,
        )
    await require_idle(tx, ticket)
    if not draft.to:
        raise BadInput("This ticket has no address to reply to. Close it, or answer in the mailbox itself.")
    if ticket.status is Status.DONE:
        raise IllegalMove(ticket.status, Event.DRAFT_OFFERED)


def require_confirmed(flags: Sequence[Flag], confirmed: frozenset[str]) -> None:
    """Raises FlagsOpen with the ids that the approver did not confirm."""
    if still_open := [flag for flag in flags if flag.id not in confirmed]:
        doubts, blanks = sum(is_caution(flag.id) for flag in still_open), sum(flag.kind == BLANK for flag in still_open)
        raise FlagsOpen([flag.id for flag in still_open], doubts, blanks)
