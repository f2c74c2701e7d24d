"""What the approval node asks, and what its answers lead to. Only the desk writes an approval, whoever asks for one."""

from dataclasses import dataclass
from typing import Literal

from graph.answers import Accept, Answer, ApprovalRequest, Decided, Edit, Ignore, Respond, Unclear, read_answer
from graph.state import TicketState, ticket_id_of
from tickets.audit import AuditEvent, EventKind
from tickets.desk import Desk
from tickets.errors import DeskError
from tickets.outbox import ENDED, OutboxState
from tickets.people import STUDIO, Actor
from tickets.ports import Clock
from tickets.storage import TicketStore
from tickets.ticket import DecisionKind, DecisionState, Draft, Seen, Ticket, TicketId


@dataclass(frozen=True, slots=True)
class Next:
    """Where the thread goes, with which decision, and what to tell whoever is asked again."""

    to: Literal["send", "redraft", "close", "ask again"]
    decision_id: str | None = None
    problem: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Approvals:
    """Asks for approval and reads the answer. `page` makes the address of a ticket's page."""

    store: TicketStore
    desk: Desk
    clock: Clock
    page_root: str
    studio_may_approve: bool

    async def request(self, state: TicketState) -> list[ApprovalRequest]:
        """The interrupt's value: the draft and how to answer. It never holds the customer's text."""
        ticket = await self.store.ticket(ticket_id_of(state))
        draft = await self.store.current_draft(ticket.id)
        return [
            {
                "action_request": {
                    "action": "send_reply",
                    "args": {"subject": draft.subject if draft else "", "body": draft.body if draft else ""},
                },
                "config": {
                    "allow_ignore": True,
                    "allow_respond": True,
                    "allow_edit": self.studio_may_approve,
                    "allow_accept": self.studio_may_approve,
                },
                "description": self._description(ticket, draft, state),
                "ticket_id": str(ticket.id),
                "revision": draft.revision if draft else None,
                "content_hash": draft.content_hash if draft else None,
            }
        ]

    def _description(self, ticket: Ticket, draft: Draft | None, state: TicketState) -> str:
        problem, note = state.get("problem"), state.get("note")
        triage = ", ".join(str(fact) for fact in (ticket.category, ticket.priority, ticket.language) if fact)
        lines = [
            f"**Not done:** {problem}" if problem else "",
            f"**{note}**" if note else "",
            f"Ticket #{ticket.number} from {ticket.requester.label} ({triage or 'not triaged'})",
            f"Draft {draft.revision} by {draft.written_by}, {len(draft.flags)} to check" if draft else "No draft yet",
            f"[Open the ticket]({self.page_root}/{ticket.id})",
        ]
        return "\n\n".join(line for line in lines if line)

    async def read(self, answer: object, state: TicketState) -> Next:
        """What follows from an answer; never raises for what a person answered."""
        ticket_id, meant = ticket_id_of(state), read_answer(answer)
        if isinstance(meant, Decided):
            return await self._decided(ticket_id, meant)
        try:
            return await self.answer_of(ticket_id, meant, STUDIO)
        except DeskError as error:
            return Next("ask again", problem=str(error))

    async def _decided(self, ticket_id: TicketId, decided: Decided) -> Next:
        """A decision counts only as the tables have it: of this ticket, still wanted, and due."""
        decision = await self.store.decision(decided.decision_id)
        if decision is None or decision.ticket_id != ticket_id or decision.state is not DecisionState.PENDING:
            return Next("ask again", problem="That decision is not open any more. Review the draft again.")
        if decision.due_at > self.clock.now():
            return Next("ask again", problem="That approval is not due yet; it can still be taken back.")
        if decision.kind is DecisionKind.REDRAFT:
            return Next("redraft", str(decision.id))
        outgoing = await self.store.latest_outgoing(ticket_id)
        if outgoing is None or outgoing.decision_id != decision.id or outgoing.state in ENDED:
            return Next("ask again", problem="That approval was withdrawn. Review the draft again.")
        if outgoing.state is OutboxState.NEEDS_HUMAN:
            return Next("ask again", problem="An operator has to say first whether the reply was sent.")
        return Next("send", str(decision.id))

    async def answer_of(self, ticket_id: TicketId, meant: Answer, by: Actor) -> Next:
        """Act on what somebody says from outside the desk's own pages. Raises what the use cases raise."""
        match meant:
            case Accept() | Edit():
                return await self._approve(ticket_id, meant, by)
            case Respond(feedback):
                await self.desk.redraft(ticket_id, feedback, by=by)
                return Next("ask again", note="Another draft is being written with your feedback.")
            case Ignore():
                await self.desk.reject(ticket_id, "closed without a reply from Studio", by=by)
                return Next("close")
            case Unclear() | Decided():
                return Next("ask again", problem="That answer was not understood. Accept, edit, respond or ignore.")

    async def _approve(self, ticket_id: TicketId, meant: Accept | Edit, by: Actor) -> Next:
        if not self.studio_may_approve:
            await self._record_refusal(ticket_id, by)
            return Next(
                "ask again",
                problem="Approving from Studio is off (CA_ALLOW_STUDIO_APPROVAL). Approve on the ticket's page.",
            )
        draft = await self.store.current_draft(ticket_id)
        if draft is None:
            return Next("ask again", problem="There is no draft to approve. Write one on the ticket's page.")
        subject, body = meant.subject or draft.subject, meant.body or draft.body
        is_other_text = (subject, body) != (draft.subject, draft.body)
        if isinstance(meant, Accept) and is_other_text:
            return Next("ask again", problem=f"That was an older text. Review draft {draft.revision}, then accept.")
        if is_other_text:
            draft = await self.desk.edit(ticket_id, draft.revision, subject, body, by=by)
        approved = await self.desk.approve_send(ticket_id, Seen(draft.revision, draft.content_hash), by=by)
        if not approved.is_leaving:
            return Next("ask again", note="Approved by one of two people; it leaves once another one approves it.")
        return Next("ask again", note="Approved; it leaves when the undo window is over.")

    async def _record_refusal(self, ticket_id: TicketId, by: Actor) -> None:
        async with self.store.begin() as tx:
            event = AuditEvent(EventKind.STUDIO_REFUSED, by.name, self.clock.now(), ticket_id)
            await tx.record(event)
