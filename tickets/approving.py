"""Approving a reply, taking that back, and saying what became of one that nobody can trace."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import Final, Protocol
from uuid import UUID, uuid4

from tickets.audit import AuditEvent, EventKind, Fields
from tickets.cautions import bounced_among, cautions, is_caution, recipients_of, warnings_of
from tickets.compose import File, new_message_id, reply_mime
from tickets.desk_checks import require_approvable, require_confirmed, require_current
from tickets.desk_settings import TwoPerson
from tickets.edits import approval_measured
from tickets.errors import Conflict, InFlight, StaleDraft
from tickets.examples import Outcome
from tickets.learning import learn, lesson_of, unlearn_approval
from tickets.letter import html_text, plain_text
from tickets.mail import Address
from tickets.outbox import OutboxState, Outgoing, Receipt
from tickets.outcome import not_sent, record_sent
from tickets.people import Actor, Scope
from tickets.ports import Clock, Parser
from tickets.second_person import FirstApproval, second_of_two, two_needed, void_first_approval
from tickets.storage import TicketStore
from tickets.ticket import (
    Conversation,
    Decision,
    DecisionId,
    DecisionKind,
    DecisionState,
    Draft,
    DraftState,
    Flag,
    Seen,
    Ticket,
    TicketId,
)

MAX_FILES_BYTES: Final = 18 * 2**20  # what fits into the 25 MB that most servers take, once encoded

ToHtml = Callable[[str], str]
"""Renders an approved text as the inside of an HTML body; what is no markup in it comes out as text."""


async def one_is_enough() -> TwoPerson:
    """The policy of a desk that asks for no second person."""
    return TwoPerson()


class OwnIds(Protocol):
    """Makes Message-IDs that prove, in an answer's References, that the desk wrote them."""

    def message_id(self, ticket_id: TicketId, send_id: UUID, domain: str) -> str: ...


def escaped(text: str) -> str:
    """The plainest rendering: the same lines."""
    return escape(text, quote=False).replace("\n", "<br>\n")


@dataclass(frozen=True, slots=True)
class Approving:
    """The use cases around an approval.

    `sender_name` is the name on outgoing mail, `to_html` renders the approved text, `ids` makes Message-IDs that the
    desk knows again, `two_person` reads which replies two people approve.
    """

    store: TicketStore
    parser: Parser
    clock: Clock
    undo_window: timedelta
    sender_name: str
    to_html: ToHtml = escaped
    ids: OwnIds | None = None
    max_files_bytes: int = MAX_FILES_BYTES
    two_person: Callable[[], Awaitable[TwoPerson]] = one_is_enough

    async def approve_send(self, ticket_id: TicketId, seen: Seen, *, by: Actor) -> Ticket:
        """Approve exactly what the operator saw; the mail leaves when the undo window is over.

        Where two people have to approve, the first approval is only put on record. Raises StaleDraft (somebody or the
        customer changed it), FlagsOpen (a claim without a source, a doubtful sender or an address that bounced is not
        confirmed), PersonNeeded. The same approval again gives the same answer.
        """
        by.require(Scope.APPROVE)
        conversation = await self.store.conversation(ticket_id)
        thread = await self.store.provider_thread(ticket_id)
        looked_at = await self.store.current_draft(ticket_id)
        files = await self._files(looked_at)
        doubts = await self._cautions(conversation, looked_at)
        policy = await self.two_person()
        measured = await approval_measured(self.store, looked_at) if looked_at else {}
        lesson = await lesson_of(self.store, conversation)
        answer = lesson.answer(looked_at) if looked_at else ""
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            draft = await tx.current_draft(ticket_id)
            if draft is None:
                raise StaleDraft("This ticket has no draft. Write a reply or ask for a draft first.")
            await require_current(tx, ticket, draft, seen)
            if draft.state in (DraftState.APPROVED, DraftState.SENT):
                return ticket
            await require_approvable(tx, ticket, draft)
            if looked_at is None or looked_at.content_hash != draft.content_hash:
                raise StaleDraft("This draft has just changed. Review it, then approve.", draft.revision)
            require_confirmed((*draft.flags, *doubts), seen.confirmed_flags)
            first = None
            if why := two_needed(policy, ticket, draft):
                first = await second_of_two(tx, draft, seen, why=why, doubts=doubts, by=by, at=now)
                if first is None:
                    return ticket
            await tx.drop_first_approval(ticket_id)
            attached = [files[file.sha256] for file in draft.attachments]
            outgoing = self._outgoing(conversation, draft, thread, attached, by)
            await tx.add_decision(_send_decision(outgoing, now))
            await tx.add_outgoing(outgoing)
            await tx.set_draft_state(ticket_id, draft.revision, DraftState.APPROVED)
            ticket = replace(ticket, is_leaving=True, notice=None, updated_at=now)
            await tx.save(ticket)
            await tx.work(ticket_id, outgoing.due_at)
            await tx.drop_work_copy(ticket_id, by.name)
            is_edited = measured.get("unchanged") is False
            await learn(tx, ticket, lesson, by=by, at=now, outcome=Outcome.APPROVED, answer=answer, is_edited=is_edited)
            await tx.record(_approved(outgoing, draft, seen, doubts, first, measured, now))
        return ticket

    async def _cautions(self, conversation: Conversation, draft: Draft | None) -> tuple[Flag, ...]:
        """What has to be confirmed of the senders and the recipients, read before the transaction."""
        if draft is None or draft.state is not DraftState.OPEN:
            return ()
        warnings = await warnings_of(self.store, conversation, self.sender_name)
        verdicts = await self.store.verdicts(conversation.ticket.id)
        bounced = await bounced_among(self.store, recipients_of(draft))
        return cautions(conversation.messages, warnings, verdicts, tuple(bounced.values()))

    async def _files(self, draft: Draft | None) -> dict[str, File]:
        """The draft's attachments by their sha256, read before the transaction."""
        attached = draft.attachments if draft else ()
        return {
            file.sha256: File(file.filename, file.content_type, await self.store.blob(file.sha256)) for file in attached
        }

    def _outgoing(
        self, conversation: Conversation, draft: Draft, thread: str | None, files: Sequence[File], by: Actor
    ) -> Outgoing:
        """The outbox row, with the MIME frozen as it will leave."""
        ticket, now, send_id = conversation.ticket, self.clock.now(), uuid4()
        sender = draft.sender or Address(self.sender_name, ticket.mailbox)
        domain = sender.address.rpartition("@")[2]
        if self.ids:
            message_id = self.ids.message_id(ticket.id, send_id, domain)
        else:
            message_id = new_message_id(domain, str(send_id))
        parent = conversation.last_from_customer
        mime = reply_mime(
            sender=sender,
            to=draft.to,
            cc=draft.cc,
            bcc=draft.bcc,
            subject=draft.subject,
            body=plain_text(draft),
            html=html_text(draft, self.to_html(draft.body)),
            files=files,
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
            cc=draft.cc,
            bcc=draft.bcc,
            sender=sender.address,
            approved_by=by.name,
            provider_thread_id=thread,
        )

    async def undo(self, ticket_id: TicketId, *, by: Actor) -> Ticket:
        """Take an approval back while nothing of it has left; the draft is offered again."""
        by.require(Scope.APPROVE)
        now = self.clock.now()
        async with self.store.begin() as tx:
            ticket = await tx.ticket(ticket_id)
            if await void_first_approval(tx, ticket_id, "taken back", by, now):
                return ticket
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
            await unlearn_approval(tx, ticket, outgoing.work_seq, by, now)
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
            await tx.retry_work(ticket_id, now)
            fields: Fields = {"send_id": str(outgoing.id), "was_sent": was_sent}
            await tx.record(AuditEvent(EventKind.SEND_SETTLED_BY_HAND, by.name, now, ticket_id, fields))
            return await tx.ticket(ticket_id)


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


def _approved(
    outgoing: Outgoing,
    draft: Draft,
    seen: Seen,
    doubts: Sequence[Flag],
    first: FirstApproval | None,
    measured: Fields,
    at: datetime,
) -> AuditEvent:
    fields: Fields = {
        "revision": draft.revision,
        "content_hash": draft.content_hash,
        "confirmed_flags": sorted(flag for flag in seen.confirmed_flags if not is_caution(flag)),
        # Only which doubts there were: what they say names addresses, and the trail outlives an erasure.
        "confirmed_warnings": sorted({doubt.kind for doubt in doubts}),
        "send_id": str(outgoing.id),
        **measured,
    }
    if first:
        fields = {**fields, "first_approved_by": first.actor}
    return AuditEvent(EventKind.APPROVED, outgoing.approved_by, at, outgoing.ticket_id, fields)
