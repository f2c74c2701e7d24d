"""Finds tickets whose thread is not where the tables say it is, and asks for work on them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tickets.audit import AuditEvent, EventKind
from tickets.drive import Step, next_step
from tickets.people import AGENT
from tickets.ports import Clock, Workflow
from tickets.storage import TicketStore
from tickets.ticket import TicketId

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Sweep:
    """Runs at start and every minute; what is due anyway is left to the drive."""

    store: TicketStore
    workflow: Workflow
    clock: Clock
    log: Callable[..., object]

    async def run(self) -> int:
        """How many tickets had to be woken."""
        woken, after = 0, None
        while page := await self.store.unrested(PAGE, after):
            for ticket_id in page:
                woken += await self._wake_if_astray(ticket_id)
            after = page[-1]
        return woken

    async def _wake_if_astray(self, ticket_id: TicketId) -> bool:
        now = self.clock.now()
        view = await self.store.work_view(ticket_id, now)
        position = await self.workflow.position(ticket_id)
        step = next_step(view.row(position), position)
        if step is Step.REST:
            return False
        async with self.store.begin() as tx:
            await tx.work(ticket_id, now)
            event = AuditEvent(EventKind.WORKFLOW_REPAIRED, AGENT.name, now, ticket_id, {"step": step.value})
            await tx.record(event)
        self.log("workflow_repaired", ticket_id=str(ticket_id), step=step.value)
        return True
