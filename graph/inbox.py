"""The approval interrupt without its thread: an inbox of another program asks and answers, the desk acts.

The thread stays parked. What is decided here is written where the board writes it, and the drive moves the thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.answers import Accept, Decided, Edit, Unclear, read_answer
from graph.approvals import Approvals
from tickets.errors import DeskError, NotAllowed
from tickets.inbox import Outcome
from tickets.people import Actor, Scope
from tickets.ticket import TicketId


@dataclass(frozen=True, slots=True)
class ApprovalInbox:
    """The port Inbox, with the gate that Studio has too."""

    approvals: Approvals

    async def question(
        self, ticket_id: TicketId, *, by: Actor, outcome: Outcome | None = None
    ) -> Sequence[Mapping[str, Any]]:
        told = outcome or Outcome()
        state: Any = {"ticket_id": str(ticket_id), "problem": told.problem, "note": told.note}
        (request,) = await self.approvals.request(state)
        may_approve = self.approvals.studio_may_approve and by.may(Scope.APPROVE)
        may_draft = by.may(Scope.DRAFT)
        offered = {
            "allow_ignore": may_draft,
            "allow_respond": may_draft,
            "allow_edit": may_approve and may_draft,
            "allow_accept": may_approve,
        }
        return [{**request, "config": offered}]

    async def answer(self, ticket_id: TicketId, said: object, *, by: Actor) -> Outcome:
        meant = read_answer(said)
        if isinstance(meant, Accept | Edit):
            by.require(Scope.APPROVE)
        if isinstance(meant, Decided):
            meant = Unclear()  # the drive's own word, which nobody else may say
        try:
            following = await self.approvals.answer_of(ticket_id, meant, by)
        except NotAllowed:
            raise
        except DeskError as error:
            return Outcome(problem=str(error))
        closed = "Closed without a reply." if following.to == "close" else None
        return Outcome(following.problem, following.note or closed)
