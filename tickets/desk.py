"""What operators do to tickets. Every use case is one transaction that reads like the promise it keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.authenticity import SenderWarning
from tickets.automatic import AutomaticFacts, automatic_facts, is_auto_reply
from tickets.away import away_note, back_on
from tickets.cautions import bounced_among, cautions, recipients_of, warnings_of
from tickets.desk_checks import recipients, require_not_leaving
from tickets.errors import BadInput, Conflict
from tickets.examples import Outcome
from tickets.learning import Lesson, learn, lesson_of
from tickets.mail import MailId, Message, SenderVerdict
from tickets.merging import Merging, require_not_merged
from tickets.noting import call_assignee
from tickets.outbox import Outgoing
from tickets.people import Actor, Scope
from tickets.regrouping import MoveLine
from tickets.related import Related
from tickets.second_person import TwoNeeded, two_needed
from tickets.snoozing import WakeReason, end_snooze
from tickets.status import Event, IllegalMove, Status, after
from tickets.storage import BouncedAddress
from tickets.taking_up import TakingUp
from tickets.ticket import (
    Conversation,
    DecisionKind,
    Draft,
    DraftState,
    Flag,
    Plan,
    Ticket,
    TicketId,
    Triage,
)
from tickets.withdraw import withdraw
from tickets.wording import Sentence
from tickets.writing import MAX_FEEDBACK, Writing

MAX_READS: Final = 5  # of a ticket that keeps moving while it is read


@dataclass(frozen=True, slots=True)
class Absence:
    """What an out-of-office says: the last day of absence or the first day back, and that in words."""

    until: date
    note: str


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket with everything its page shows. `draft` is the newest revision, whatever its state.

    `warnings` are of the customer's mails, `facts` of every mail that came in. `bounced` holds, by address key, those
    of the reply's recipients that refused our mail; `cautions` what approving the open draft asks to confirm beside its
    own flags. `moves` are the merges and splits that can be undone.
    """

    ticket: Ticket
    messages: tuple[Message, ...]
    verdicts: Mapping[MailId, SenderVerdict]
    triage: Triage | None
    plan: Plan | None
    draft: Draft | None
    outgoing: Outgoing | None
    redraft_pending: bool
    events: tuple[AuditEvent, ...]
    warnings: Mapping[MailId, tuple[SenderWarning, ...]] = field(default_factory=dict)
    facts: Mapping[MailId, AutomaticFacts] = field(default_factory=dict)
    away: Mapping[MailId, Absence] = field(default_factory=dict)
    bounced: Mapping[str, BouncedAddress] = field(default_factory=dict)
    cautions: tuple[Flag, ...] = ()
    related: Related = field(default_factory=Related)
    two_needed: TwoNeeded | None = None
    moves: tuple[MoveLine, ...] = ()

    @property
    def has_open_draft(self) -> bool:
        return self.draft is not None and self.draft.state is DraftState.OPEN


class Desk(Writing):
    """The use cases of an operator."""

    __slots__ = ()

    async def show(self, ticket_id: TicketId) -> TicketView:
        """Everything about one ticket, all of one moment; raises NotFound."""
        for _ in range(MAX_READS):
            view = await self._read(ticket_id)
            # Its parts are read one by one: one that moved meanwhile would tell of a delivery that its status denies.
            if view.ticket == await self.store.ticket(ticket_id):
                break
        return view

    async def _read(self, ticket_id: TicketId) -> TicketView:
        conversation = await self.store.conversation(ticket_id)
        ticket = conversation.ticket
        pending = await self.store.pending_decision(ticket_id)
        view = TicketView(
            ticket=ticket,
            messages=conversation.messages,
            verdicts=await self.store.verdicts(ticket_id),
            triage=await self.store.triage(ticket_id, ticket.work_seq),
            plan=await self.store.plan(ticket_id, ticket.work_seq),
            draft=await self.store.current_draft(ticket_id),
            outgoing=await self.store.latest_outgoing(ticket_id),
            redraft_pending=pending is not None and pending.kind is DecisionKind.REDRAFT,
            events=await self.store.events(ticket_id),
            warnings=await warnings_of(self.store, conversation, self.sender_name),
            facts={each.id: automatic_facts(each.mail) for each in conversation.messages if not each.is_ours},
            away=_absences(conversation.messages),
            related=await self.store.related(ticket),
            moves=await self.store.moves(ticket_id),
        )
        return await self._with_bounced(await self._with_second_person(view))

    async def _with_second_person(self, view: TicketView) -> TicketView:
        """Whether two people have to approve the open draft, and who has."""
        draft = view.draft
        needed = two_needed(await self.two_person(), view.ticket, draft) if draft and view.has_open_draft else None
        if draft is None or needed is None:
            return view
        first = await self.store.first_approval(view.ticket.id)
        return replace(view, two_needed=replace(needed, first=first if first and first.is_of(draft) else None))

    async def _with_bounced(self, view: TicketView) -> TicketView:
        """What its addresses are known for, and what that asks of whoever approves."""
        draft = view.draft
        to = recipients_of(draft) if draft else recipients(Conversation(view.ticket, view.messages))
        bounced = await bounced_among(self.store, to)
        doubts = cautions(view.messages, view.warnings, view.verdicts, tuple(bounced.values()))
        return replace(view, bounced=bounced, cautions=doubts if view.has_open_draft else ())

    # --- the ticket ------------------------------------------------------------------------------------------------

    async def reject(self, ticket_id: TicketId, reason: str, *, by: Actor) -> Ticket:
        """Close without a reply; what was offered is rejected, with the reason."""
        fields: Fields = {"reason": reason.strip()[:MAX_FEEDBACK] or "no reason given"}
        lesson = await lesson_of(self.store, await self.store.conversation(ticket_id))
        return await self._close(ticket_id, by, DraftState.REJECTED, EventKind.REJECTED, fields, lesson)

    async def close(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Done: an open draft or an approval that has not been claimed is withdrawn."""
        return await self._close(ticket_id, by, DraftState.SUPERSEDED, EventKind.CLOSED, {})

    async def _close(
        self,
        ticket_id: TicketId,
        by: Actor,
        into: DraftState,
        kind: EventKind,
        fields: Fields,
        lesson: Lesson | None = None,
    ) -> Ticket:
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if ticket.status is Status.DONE:
                return ticket
            await require_not_leaving(tx, ticket)
            ticket = await withdraw(tx, ticket, reason="the ticket was closed", by=by, at=now, into=into)
            ticket = await end_snooze(tx, ticket, WakeReason.CLOSED, by.name, now)
            moved = after(ticket.status, Event.CLOSED)
            ticket = replace(ticket, status=moved, settled_seq=ticket.work_seq, updated_at=now, notice=None)
            await tx.save(ticket)
            await tx.retry_work(ticket_id, now)
            await tx.drop_work_copies(ticket_id)
            if lesson:
                await learn(tx, ticket, lesson, by=by, at=now, outcome=Outcome.REJECTED)
            await tx.record(AuditEvent(kind, by.name, now, ticket_id, fields))
        return ticket

    async def reopen(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Back to needs action, without a draft."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            require_not_merged(ticket)
            moved = after(ticket.status, Event.REOPENED)
            ticket = await end_snooze(tx, ticket, WakeReason.BY_HAND, by.name, now)
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
                other = Status.NEEDS_ACTION if ticket.status is Status.DONE else Status.DONE
                raise Conflict(
                    Sentence(
                        "A ticket is WAITING_OTHERS once a reply has left. "
                        "Possible now: approve and send a reply, or set %(status)s.",
                        status=other.value,
                    )
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
            ticket = await tx.ticket(ticket_id)
            require_not_merged(ticket)
            if (assignee or None) == ticket.assignee:
                return ticket
            ticket = replace(ticket, assignee=assignee or None, updated_at=now)
            await tx.save(ticket)
            await call_assignee(tx, ticket_id, ticket.assignee, by, now)
            fields: Fields = {"assignee": ticket.assignee}
            await tx.record(AuditEvent(EventKind.ASSIGNED, by.name, now, ticket_id, fields))
        return ticket

    async def merge(self, ticket_id: TicketId, into: TicketId, *, by: Actor, confirmed: bool = False) -> Ticket:
        """Move all mails to another ticket, which is given back; see Merging.merge for what it raises."""
        return await Merging(self.store, self.clock).merge(ticket_id, into, by=by, confirmed=confirmed)

    async def take_up(self, mail_id: MailId, *, by: Actor) -> TicketId:
        """Make a ticket of an automatic mail that is on none; see TakingUp.take_up for what it raises."""
        return await TakingUp(self.store, self.clock).take_up(mail_id, by=by)

    async def retry(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Let the workflow try again after it stopped."""
        by.require(Scope.DRAFT)
        now = self.clock.now()
        async with self.store.begin() as tx:
            await tx.retry_work(ticket_id, now)
            await tx.record(AuditEvent(EventKind.WORKFLOW_RETRIED, by.name, now, ticket_id))
            return await tx.ticket(ticket_id)


def _absences(messages: Sequence[Message]) -> dict[MailId, Absence]:
    """What the out-of-offices among these mails say of their authors' return."""
    found = {}
    for message in messages:
        day = None if message.is_ours or not is_auto_reply(message.mail) else back_on(message.mail, message.at)
        note = away_note(message.mail, message.at) if day else None
        if day and note:
            found[message.id] = Absence(day, note)
    return found
