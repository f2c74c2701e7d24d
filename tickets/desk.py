"""What operators do to tickets. Every use case is one transaction that reads like the promise it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.compose import new_message_id, reply_mime
from tickets.delivery import not_sent, record_sent
from tickets.errors import BadInput, Conflict, InFlight, StaleDraft
from tickets.mail import Address, MailId, Message, SenderVerdict, reply_subject
from tickets.outbox import OutboxState, Outgoing, Receipt
from tickets.people import Actor, Scope
from tickets.ports import Clock, Parser, TicketStore, Transaction
from tickets.status import Event, IllegalMove, Status, after
from tickets.ticket import (
    Conversation,
    Decision,
    DecisionId,
    DecisionKind,
    DecisionState,
    Draft,
    DraftState,
    Plan,
    Seen,
    Ticket,
    TicketId,
    Triage,
)
from tickets.withdraw import withdraw

MAX_BODY: Final = 50_000
MAX_SUBJECT: Final = 300
MAX_FEEDBACK: Final = 4_000


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything its page shows. `draft` is the newest revision, whatever its state."""

    ticket: Ticket
    messages: tuple[Message, ...]
    verdicts: Mapping[MailId, SenderVerdict]
    triage: Triage | None
    plan: Plan | None
    draft: Draft | None
    outgoing: Outgoing | None
    redraft_pending: bool
    events: tuple[AuditEvent, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """The use cases of an operator. `sender_name` is the name on outgoing mail."""

    store: TicketStore
    parser: Parser
    clock: Clock
    undo_window: timedelta
    sender_name: str

    async def show(self, ticket_id: TicketId) -> TicketView:
        """Everything about one ticket; raises NotFound."""
        conversation = await self.store.conversation(ticket_id)
        ticket = conversation.ticket
        pending = await self.store.pending_decision(ticket_id)
        return TicketView(
            ticket=ticket,
            messages=conversation.messages,
            verdicts=await self.store.verdicts(ticket_id),
            triage=await self.store.triage(ticket_id, ticket.work_seq),
            plan=await self.store.plan(ticket_id, ticket.work_seq),
            draft=await self.store.current_draft(ticket_id),
            outgoing=await self.store.latest_outgoing(ticket_id),
            redraft_pending=pending is not None and pending.kind is DecisionKind.REDRAFT,
            events=await self.store.events(ticket_id),
        )

    # --- the draft -------------------------------------------------------------------------------------------------

    async def edit(self, ticket_id: TicketId, revision: int | None, subject: str, body: str, *, by: Actor) -> Draft:
        """A new revision in the operator's words; `revision` names the one edited, None or 0 writes without a draft."""
        by.require(Scope.DRAFT)
        subject, body = _readable(subject, body)
        conversation = await self.store.conversation(ticket_id)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            current = await tx.current_draft(ticket_id)
            await _require_editable(tx, ticket, current, revision or 0)
            draft = Draft(
                ticket_id=ticket_id,
                revision=current.revision + 1 if current else 1,
                work_seq=ticket.work_seq,
                subject=subject,
                body=body,
                to=recipients(conversation),
                cc=current.cc if current else (),
                made_for=f"edit:{current.revision if current else 0}",
                written_by=by.name,
                created_at=now,
                sources=current.sources if current else (),
                # What operators typed themselves needs no source; what the model claimed still does.
                flags=tuple(flag for flag in current.flags if flag.text in f"{subject}\n{body}") if current else (),
            )
            if current and current.state is DraftState.OPEN:
                await tx.set_draft_state(ticket_id, current.revision, DraftState.SUPERSEDED)
            await tx.add_draft(draft)
            moved = after(ticket.status, Event.DRAFT_OFFERED)
            await tx.save(replace(ticket, status=moved, settled_seq=ticket.work_seq, updated_at=now))
            await tx.work(ticket_id, now)
            fields: Fields = {"revision": draft.revision, "content_hash": draft.content_hash}
            await tx.record(AuditEvent(EventKind.DRAFT_EDITED, by.name, now, ticket_id, fields))
        return draft

    async def redraft(self, ticket_id: TicketId, feedback: str | None, *, by: Actor) -> Ticket:
        """Ask the agent for another draft, with what the operator would like to be different."""
        by.require(Scope.DRAFT)
        if feedback and len(feedback) > MAX_FEEDBACK:
            raise BadInput(f"Feedback may have {MAX_FEEDBACK} characters at most. Shorten it.")
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            await _require_idle(tx, ticket)
            if ticket.settled_seq < ticket.work_seq and not feedback:
                return ticket  # the agent is writing the first draft already
            after(ticket.status, Event.DRAFT_OFFERED)
            draft = await tx.current_draft(ticket_id)
            decision = Decision(
                id=DecisionId(uuid4()),
                ticket_id=ticket_id,
                kind=DecisionKind.REDRAFT,
                revision=draft.revision if draft else None,
                actor=by.name,
                created_at=now,
                due_at=now,
                feedback=feedback or None,
            )
            await tx.add_decision(decision)
            await tx.work(ticket_id, now)
            fields: Fields = {"decision_id": str(decision.id)}
            await tx.record(AuditEvent(EventKind.REDRAFT_ASKED, by.name, now, ticket_id, fields))
        return ticket

    # --- approve, undo ---------------------------------------------------------------------------------------------

    async def approve_send(self, ticket_id: TicketId, seen: Seen, *, by: Actor) -> Ticket:
        """Approve exactly what the operator saw; the mail leaves when the undo window is over.

        Raises StaleDraft (somebody or the customer changed it), FlagsOpen (a claim without a source is not confirmed).
        The same approval again gives the same answer.
        """
        by.require(Scope.APPROVE)
        conversation = await self.store.conversation(ticket_id)
        thread = await self.store.provider_thread(ticket_id)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            draft = await tx.current_draft(ticket_id)
            if draft is None:
                raise StaleDraft("This ticket has no draft. Write a reply or ask for a draft first.")
            await _require_current(tx, ticket, draft, seen)
            if draft.state in (DraftState.APPROVED, DraftState.SENT):
                return ticket
            await _require_approvable(tx, ticket, draft)
            draft.require_flags_confirmed(seen.confirmed_flags)
            outgoing = self._outgoing(conversation, draft, thread, by)
            await tx.add_decision(_send_decision(outgoing, now))
            await tx.add_outgoing(outgoing)
            await tx.set_draft_state(ticket_id, draft.revision, DraftState.APPROVED)
            ticket = replace(ticket, is_leaving=True, notice=None, updated_at=now)
            await tx.save(ticket)
            await tx.work(ticket_id, outgoing.due_at)
            await tx.record(_approved(outgoing, draft, seen, now))
        return ticket

    def _outgoing(self, conversation: Conversation, draft: Draft, thread: str | None, by: Actor) -> Outgoing:
        """The outbox row, with the MIME frozen as it will leave."""
        ticket, now, send_id = conversation.ticket, self.clock.now(), uuid4()
        message_id = new_message_id(ticket.mailbox.rpartition("@")[2], str(send_id))
        parent = conversation.last_from_customer
        mime = reply_mime(
            sender=Address(self.sender_name, ticket.mailbox),
            to=draft.to,
            cc=draft.cc,
            subject=draft.subject,
            body=draft.body,
            parent=parent.mail if parent else None,
            send_id=send_id,
            message_id=message_id,
            date=now,
        )
        due_at = now + self.undo_window
        return Outgoing(
            id=send_id,
            decision_id=DecisionId(uuid4()),
            ticket_id=ticket.id,
            mailbox_id=ticket.mailbox_id,
            revision=draft.revision,
            work_seq=draft.work_seq,
            state=OutboxState.APPROVED,
            due_at=due_at,
            next_at=due_at,
            mime=mime,
            message_id=message_id,
            to=draft.to,
            approved_by=by.name,
            provider_thread_id=thread,
        )

    async def undo(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Take an approval back while nothing of it has left; the draft is offered again."""
        by.require(Scope.APPROVE)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            outgoing = await tx.latest_outgoing(ticket_id)
            if outgoing is None or outgoing.state in (OutboxState.FAILED, OutboxState.CANCELLED):
                raise Conflict("There is no approved reply to take back.")
            cancelled = replace(
                outgoing, state=OutboxState.CANCELLED, next_at=None, detail="Taken back by an operator."
            )
            if outgoing.state is not OutboxState.APPROVED or not await tx.move_outgoing(outgoing, cancelled):
                raise InFlight("Too late to take back: the reply has left or is leaving. Write a correction instead.")
            await tx.finish_decision(outgoing.decision_id, DecisionState.CANCELLED, "taken back")
            await tx.set_draft_state(ticket_id, outgoing.revision, DraftState.OPEN)
            ticket = replace(ticket, is_leaving=False, notice=None, updated_at=now)
            await tx.save(ticket)
            fields: Fields = {"revision": outgoing.revision, "send_id": str(outgoing.id)}
            await tx.record(AuditEvent(EventKind.UNDONE, by.name, now, ticket_id, fields))
        return ticket

    async def settle(self, ticket_id: TicketId, was_sent: bool, *, by: Actor) -> Ticket:
        """The operator's word on a reply of which nobody can tell whether it left."""
        by.require(Scope.APPROVE)
        now = self.clock.now()
        outgoing = await self.store.latest_outgoing(ticket_id)
        if outgoing is None or outgoing.state is not OutboxState.NEEDS_HUMAN:
            raise Conflict("No delivery of this ticket waits for your word. Reload the page to see where it stands.")
        parsed = await self.parser.parse(outgoing.mime)
        async with self.store.begin() as tx:
            if was_sent:
                receipt = Receipt(f"by-hand:{outgoing.id}", outgoing.message_id, outgoing.provider_thread_id)
                await record_sent(tx, outgoing, receipt, parsed, by.name, now)
            else:
                failed = replace(outgoing, state=OutboxState.FAILED, next_at=None, detail="Not sent, says an operator.")
                await not_sent(tx, outgoing, failed, "an operator found that it had not left.", by.name, now)
            await tx.work(ticket_id, now)
            fields: Fields = {"send_id": str(outgoing.id), "was_sent": was_sent}
            await tx.record(AuditEvent(EventKind.SEND_SETTLED_BY_HAND, by.name, now, ticket_id, fields))
            return await tx.ticket(ticket_id)

    # --- the ticket ------------------------------------------------------------------------------------------------

    async def reject(self, ticket_id: TicketId, reason: str, *, by: Actor) -> Ticket:
        """Close without a reply; what was offered is rejected, with the reason."""
        fields: Fields = {"reason": reason.strip()[:MAX_FEEDBACK] or "no reason given"}
        return await self._close(ticket_id, by, DraftState.REJECTED, EventKind.REJECTED, fields)

    async def close(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Done: an open draft or an approval that has not been claimed is withdrawn."""
        return await self._close(ticket_id, by, DraftState.SUPERSEDED, EventKind.CLOSED, {})

    async def _close(self, ticket_id: TicketId, by: Actor, into: DraftState, kind: EventKind, fields: Fields) -> Ticket:
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if ticket.status is Status.DONE:
                return ticket
            await _require_not_leaving(tx, ticket)
            ticket = await withdraw(tx, ticket, reason="the ticket was closed", by=by, at=now, into=into)
            moved = after(ticket.status, Event.CLOSED)
            ticket = replace(ticket, status=moved, settled_seq=ticket.work_seq, updated_at=now, notice=None)
            await tx.save(ticket)
            await tx.retry_work(ticket_id, now)
            await tx.record(AuditEvent(kind, by.name, now, ticket_id, fields))
        return ticket

    async def reopen(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Back to needs action, without a draft."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            moved = after(ticket.status, Event.REOPENED)
            ticket = replace(ticket, status=moved, updated_at=now, waiting_since=now, notice=None)
            await tx.save(ticket)
            await tx.record(AuditEvent(EventKind.REOPENED, by.name, now, ticket_id))
        return ticket

    async def set_status(self, ticket_id: TicketId, status: Status, *, by: Actor) -> Ticket:
        """Close (DONE) or reopen (NEEDS_ACTION); the other statuses follow from mail alone."""
        by.require(Scope.DRAFT)
        ticket = await self.store.ticket(ticket_id)
        if ticket.status is status:
            return ticket
        match status:
            case Status.DONE:
                return await self.close(ticket_id, by=by)
            case Status.NEEDS_ACTION:
                return await self.reopen(ticket_id, by=by)
            case Status.WAITING_OTHERS:
                # No IllegalMove: the move is in the table, but only a mail that left may make it.
                raise Conflict(
                    "A ticket is WAITING_OTHERS once a reply has left. Possible now: approve and send a reply, or set "
                    f"{Status.NEEDS_ACTION if ticket.status is Status.DONE else Status.DONE}."
                )
            case _:
                raise IllegalMove(ticket.status, Event.MAIL_ARRIVED)

    async def assign(self, ticket_id: TicketId, assignee: str | None, *, by: Actor) -> Ticket:
        """Give the ticket to a person of the desk (by address), or to nobody."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            if assignee and not await tx.is_operator(assignee):
                raise BadInput("Nobody at this desk has that address. Choose one of the operators.")
            ticket = replace(await tx.ticket(ticket_id), assignee=assignee or None, updated_at=now)
            await tx.save(ticket)
            fields: Fields = {"assignee": ticket.assignee}
            await tx.record(AuditEvent(EventKind.ASSIGNED, by.name, now, ticket_id, fields))
        return ticket

    async def retry(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Let the workflow try again after it stopped."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.retry_work(ticket_id, now)
            await tx.record(AuditEvent(EventKind.WORKFLOW_RETRIED, by.name, now, ticket_id))
            return await tx.ticket(ticket_id)


def recipients(conversation: Conversation) -> tuple[Address, ...]:
    """Whom a reply goes to: the sender of the customer's last mail. Never a model's or a Reply-To's choice."""
    last = conversation.last_from_customer
    to = last.mail.sender if last else conversation.ticket.requester
    return (to,) if to.address else ()


def default_subject(conversation: Conversation) -> str:
    """The subject of a reply, taken from the mail it answers."""
    last = conversation.last_from_customer
    return reply_subject(last.mail.subject if last else conversation.ticket.subject)


def _readable(subject: str, body: str) -> tuple[str, str]:
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip()
    if not subject or not body:
        raise BadInput("A reply needs a subject and a text. Fill in both.")
    if any(ord(sign) < 32 for sign in subject):
        raise BadInput("A subject is one line. Take the line breaks out.")
    if len(subject) > MAX_SUBJECT or len(body) > MAX_BODY:
        raise BadInput(f"A subject may have {MAX_SUBJECT} characters, a text {MAX_BODY}. Shorten it.")
    return subject, body


async def _require_not_leaving(tx: Transaction, ticket: Ticket) -> None:
    outgoing = await tx.latest_outgoing(ticket.id)
    if outgoing and outgoing.is_in_flight:
        raise InFlight("A reply is on its way out. Wait until its delivery has ended, then try again.")


async def _require_idle(tx: Transaction, ticket: Ticket) -> None:
    await _require_not_leaving(tx, ticket)
    if decision := await tx.pending_decision(ticket.id):
        if decision.kind is DecisionKind.SEND:
            raise Conflict("This draft is approved and about to leave. Undo the approval first.")
        raise Conflict("A new draft is being written. Wait for it, then go on.")


async def _require_editable(tx: Transaction, ticket: Ticket, current: Draft | None, revision: int) -> None:
    await _require_idle(tx, ticket)
    newest = current.revision if current else 0
    can_start_afresh = revision == 0 and (current is None or current.state is not DraftState.OPEN)
    if revision != newest and not can_start_afresh:
        await _require_not_replaced(tx, ticket, revision, newest)
        raise StaleDraft(f"Draft {revision} is not the current one. Review draft {newest}, then edit.", newest or None)
    if revision and current and current.state is DraftState.SUPERSEDED and current.work_seq < ticket.work_seq:
        raise StaleDraft("This draft was replaced when the customer wrote again. Review the new one.", newest)


async def _require_current(tx: Transaction, ticket: Ticket, draft: Draft, seen: Seen) -> None:
    if seen.revision < draft.revision:
        await _require_not_replaced(tx, ticket, seen.revision, draft.revision)
    seen.require_current(draft)


async def _require_not_replaced(tx: Transaction, ticket: Ticket, revision: int, newest: int) -> None:
    """Raises StaleDraft for a draft that is older than the answer to the customer's last mail."""
    answer = await tx.draft_made_for(ticket.id, f"mail:{ticket.work_seq}")
    if answer and revision < answer.revision and ticket.work_seq > 1:
        raise StaleDraft(
            f"Draft {revision} was replaced when the customer wrote again. Review draft {newest}, then decide.", newest
        )


async def _require_approvable(tx: Transaction, ticket: Ticket, draft: Draft) -> None:
    if draft.work_seq < ticket.work_seq:
        raise StaleDraft(
            f"Draft {draft.revision} was replaced when the customer wrote again. Review the new draft, then approve.",
            draft.revision,
        )
    if draft.state is not DraftState.OPEN:
        raise StaleDraft(f"Draft {draft.revision} is {draft.state}. Write or ask for a new one.", draft.revision)
    await _require_idle(tx, ticket)
    if not draft.to:
        raise BadInput("This ticket has no address to reply to. Close it, or answer in the mailbox itself.")
    if ticket.status is Status.DONE:
        raise IllegalMove(ticket.status, Event.DRAFT_OFFERED)


def _send_decision(outgoing: Outgoing, at: datetime) -> Decision:
    return Decision(
        id=outgoing.decision_id,
        ticket_id=outgoing.ticket_id,
        kind=DecisionKind.SEND,
        revision=outgoing.revision,
        actor=outgoing.approved_by,
        created_at=at,
        due_at=outgoing.due_at,
    )


def _approved(outgoing: Outgoing, draft: Draft, seen: Seen, at: datetime) -> AuditEvent:
    fields: Fields = {
        "revision": draft.revision,
        "content_hash": draft.content_hash,
        "confirmed_flags": sorted(seen.confirmed_flags),
        "send_id": str(outgoing.id),
    }
    return AuditEvent(EventKind.APPROVED, outgoing.approved_by, at, outgoing.ticket_id, fields)
