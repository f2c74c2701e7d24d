"""What the agent does next on a ticket: a pure table, and the one loop that follows it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from typing import Final

from tickets.audit import AuditEvent, EventKind
from tickets.errors import LeaseLost, Unsettled
from tickets.leases import Lease, Leases, fence
from tickets.people import AGENT
from tickets.ports import Clock, Workflow
from tickets.storage import TicketStore
from tickets.ticket import DecisionId, TicketId

MAX_STEPS: Final = 16  # a ticket that needs more moves in one go is going round in circles
MAX_ATTEMPTS: Final = 5
LEASE_S: Final = 30.0


class InFlight(StrEnum):
    """Whether a reply is between its first remote write and its end."""

    NO = auto()
    SETTLING = auto()  # look again later, or an operator decides
    DUE = auto()


@dataclass(frozen=True, slots=True)
class Row:
    """What the tables say of the ticket's work."""

    has_new_mail: bool  # work_seq is ahead of the thread's, or the thread forgot it
    decision_due: bool  # feedback, or an approval whose undo window is over
    delivery: InFlight
    has_open_draft: bool
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Position:
    """What the checkpoint says. `work_seq` is 0 for a lost thread."""

    is_lost: bool
    is_parked: bool  # at the approval interrupt
    has_tasks: bool
    work_seq: int = 0


class Step(StrEnum):
    """One move of a ticket's thread."""

    START = auto()  # new input at the first node
    CARRY_ON = auto()  # finish what was interrupted by a crash or an unsettled delivery
    RESUME = auto()  # answer the interrupt with the due decision
    PARK = auto()  # put a lost or ended thread back at the approval, without a model call
    END = auto()  # drop what is pending: the ticket was closed
    REST = auto()


def next_step(row: Row, position: Position) -> Step:
    """The whole policy. Nothing ever starts over a mail that may be leaving."""
    has_thread = position.has_tasks and not position.is_lost
    if row.delivery is InFlight.SETTLING:
        return Step.REST
    if row.delivery is InFlight.DUE:
        if not has_thread:
            return Step.PARK
        return Step.RESUME if position.is_parked else Step.CARRY_ON
    if row.is_closed:
        return Step.END if has_thread else Step.REST
    if row.has_new_mail:
        return Step.START
    if not has_thread:
        return Step.PARK if row.has_open_draft or row.decision_due else Step.REST
    if position.is_parked:
        return Step.RESUME if row.decision_due else Step.REST
    return Step.CARRY_ON


@dataclass(frozen=True, slots=True)
class WorkView:
    """A ticket's work as the tables have it at one instant. `version` changes whenever somebody asks for work."""

    ticket_id: TicketId
    version: int
    attempts: int
    work_seq: int
    settled_seq: int
    decision_due: DecisionId | None
    delivery: InFlight
    in_flight_decision: DecisionId | None
    has_open_draft: bool
    is_closed: bool
    next_at: datetime | None  # when a known later event is due: an undo window, a settle window
    claim: str | None = None  # the run that is sending the reply that is in flight
    claim_until: datetime | None = None

    def row(self, position: Position) -> Row:
        """The facts that `next_step` asks for. A thread that is not there any more knows only what was settled."""
        known = position.work_seq if position.has_tasks and not position.is_lost else self.settled_seq
        return Row(
            has_new_mail=self.work_seq > known,
            decision_due=self.decision_due is not None,
            delivery=self.delivery,
            has_open_draft=self.has_open_draft,
            is_closed=self.is_closed,
        )


@dataclass(frozen=True, slots=True)
class Drive:
    """Brings tickets to rest, one lease a ticket."""

    store: TicketStore
    workflow: Workflow
    leases: Leases
    clock: Clock
    log: Callable[..., object]

    async def to_rest(self, ticket_id: TicketId) -> bool:
        """Drive one ticket until nothing is due; False when somebody else holds it.

        A failure is written to the ticket and tried again with growing pauses; after five it waits for Retry.
        """
        async with self.leases.hold(f"ticket:{ticket_id}", LEASE_S) as lease:
            if lease is None:
                return False
            with fence(lease):
                await self._guarded(ticket_id, lease)
            return True

    async def _guarded(self, ticket_id: TicketId, lease: Lease) -> None:
        try:
            await self._follow(ticket_id, lease)
        except LeaseLost:
            self.log("drive_lease_lost", ticket_id=str(ticket_id))
        except Exception as error:  # whatever failed, the ticket must say so and be tried again
            self.log("drive_failed", ticket_id=str(ticket_id), exc_info=error)
            await self._failed(ticket_id, error)

    async def _follow(self, ticket_id: TicketId, lease: Lease) -> None:
        for _ in range(MAX_STEPS):
            view = self._judged(await self.store.work_view(ticket_id, self.clock.now()))
            position = await self.workflow.position(ticket_id)
            step = next_step(view.row(position), position)
            if step is Step.REST:
                if view.is_closed and not position.is_lost:
                    await self.workflow.prune(ticket_id)
                if await self._rested(view):
                    return
                continue
            await lease.check()
            await self._take(step, view)
        raise RuntimeError("the workflow did not come to rest")

    def _judged(self, view: WorkView) -> WorkView:
        """A delivery that another live run has claimed is left to it; a dead one's claim counts for nothing."""
        if view.delivery is not InFlight.DUE or view.claim is None or view.claim_until is None:
            return view
        if view.claim_until <= self.clock.now() or self.leases.is_gone(view.claim):
            return view
        return replace(view, delivery=InFlight.SETTLING, next_at=view.claim_until)

    async def _take(self, step: Step, view: WorkView) -> None:
        ticket_id = view.ticket_id
        try:
            match step:
                case Step.START:
                    await self.workflow.start(ticket_id, view.work_seq)
                case Step.CARRY_ON:
                    await self.workflow.carry_on(ticket_id)
                case Step.RESUME:
                    decision_id = view.in_flight_decision or view.decision_due
                    assert decision_id is not None, "RESUME is only chosen for a due decision"
                    await self.workflow.resume(ticket_id, decision_id)
                case Step.PARK:
                    await self.workflow.park(ticket_id)
                case _:
                    await self.workflow.end(ticket_id)
        except Unsettled:
            # Not a failure: the outbox row says when to look again, and the view that follows rests until then.
            return

    async def _rested(self, view: WorkView) -> bool:
        """Clear the request for work, unless somebody asked again meanwhile."""
        async with self.store.begin() as tx:
            return await tx.rest(view.ticket_id, view.version, view.next_at)

    async def _failed(self, ticket_id: TicketId, error: Exception) -> None:
        now = self.clock.now()
        name = type(error).__name__
        async with self.store.begin() as tx:
            has_stopped = await tx.work_failed(ticket_id, name, now, retry_delay, MAX_ATTEMPTS)
            kind = EventKind.WORKFLOW_STOPPED if has_stopped else EventKind.WORKFLOW_FAILED
            await tx.record(AuditEvent(kind, AGENT.name, now, ticket_id, {"error": name}))


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after that many failures: 2 s, 4 s, 8 s, ... at most five minutes."""
    return timedelta(seconds=min(2.0**attempts, 300.0))
