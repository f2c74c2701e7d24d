"""What tests of the agent do on a world: bring a ticket somewhere, answer its interrupt as Studio does, look at it."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt

from adapters.memory import MemoryKnowledge, MemoryMailbox
from graph.approvals import Approvals
from graph.build import Graph, Ports, build
from graph.threads import Threads
from persistence.checkpoints import prune
from tests.agent.world import SETTLE_S, World, quiet
from tickets.agent import Agent
from tickets.audit import AuditEvent, EventKind
from tickets.delivery import GIVE_UP_S, Deliveries
from tickets.drive import Drive
from tickets.leases import Leases
from tickets.mail import MailboxId
from tickets.outbox import Outgoing
from tickets.ports import Mailbox, Model
from tickets.sweep import Sweep
from tickets.ticket import Draft, Ticket, TicketId

UNDO_S = 10


def rebuilt(
    world: World, *, studio_may_approve: bool = False, leases: Leases | None = None, model: Model | None = None
) -> World:
    """The same desk, with other parts in its agent; `world` itself keeps its own."""
    leases = leases or world.drive.leases
    agent = Agent(world.store, model or world.model, MemoryKnowledge(()), world.clock, desk_name="Helios Solar")
    deliveries = Deliveries(world.store, world.sync.open_mailbox, world.desk.parser, leases, world.clock, world.crash)
    approvals = Approvals(world.store, world.desk, world.clock, "http://desk/boards/tickets", studio_may_approve)
    graph = build(Ports(world.store, agent, approvals, deliveries, quiet), world.saver)
    threads = Threads(graph, world.store, partial(prune, world.saver))
    return replace(
        world,
        threads=threads,
        drive=Drive(world.store, threads, leases, world.clock, quiet),
        sweep=Sweep(world.store, threads, world.clock, quiet),
    )


def graph_of(world: World) -> Graph:
    return world.threads.graph


def thread_of(ticket_id: TicketId | UUID) -> RunnableConfig:
    return {"configurable": {"thread_id": str(ticket_id)}}


# --- tickets -------------------------------------------------------------------------------------------------------


async def a_drafted_ticket(world: World, subject: str = "Inverter error") -> Ticket:
    """A ticket whose draft waits for an approval: the newest one."""
    await world.customer_writes(subject)
    await world.work()
    return (await world.tickets())[-1]


async def an_approved_ticket(world: World) -> Ticket:
    """A ticket whose reply leaves when its undo window is over."""
    ticket = await world.approve((await a_drafted_ticket(world)).id)
    await world.work()
    return ticket


async def a_due_ticket(world: World) -> Ticket:
    """A ticket whose approved reply leaves with the next piece of work."""
    ticket = await an_approved_ticket(world)
    world.clock.advance(UNDO_S)
    return ticket


async def an_answered_ticket(world: World) -> Ticket:
    """A ticket whose reply left."""
    ticket = await a_due_ticket(world)
    await world.work()
    return await world.store.ticket(ticket.id)


async def draft_of(world: World, ticket: Ticket) -> Draft:
    draft = await world.store.current_draft(ticket.id)
    assert draft is not None
    return draft


async def outgoing_of(world: World, ticket: Ticket) -> Outgoing:
    outgoing = await world.store.latest_outgoing(ticket.id)
    assert outgoing is not None
    return outgoing


async def events_of(world: World, ticket: Ticket, *kinds: EventKind) -> list[AuditEvent]:
    """The ticket's events of these kinds, or all of them, oldest first."""
    recorded = await world.store.events(ticket.id)
    return [event for event in recorded if not kinds or event.kind in kinds]


def said(event: AuditEvent, name: str) -> Any:
    """One field of an event."""
    return (event.fields or {})[name]


# --- threads -------------------------------------------------------------------------------------------------------


async def waiting(world: World, ticket: Ticket) -> Interrupt:
    """The one interrupt at which the ticket's thread waits."""
    snapshot = await graph_of(world).aget_state(thread_of(ticket.id))
    (interrupt,) = [interrupt for task in snapshot.tasks for interrupt in task.interrupts]
    return interrupt


async def question(world: World, ticket: Ticket) -> Mapping[str, Any]:
    """What the thread asks at present."""
    (asked,) = (await waiting(world, ticket)).value
    return cast("Mapping[str, Any]", asked)


async def answer(world: World, ticket: Ticket, value: object) -> None:
    """Answer the interrupt as Studio and Agent Inbox do: the value alone."""
    await graph_of(world).ainvoke(Command(resume=value), thread_of(ticket.id), durability="sync")


async def ways(world: World, ticket: Ticket) -> list[str]:
    """The nodes that have run or wait on the ticket's thread, oldest first, since it began."""
    history = [snapshot async for snapshot in graph_of(world).aget_state_history(thread_of(ticket.id))]
    return [name for snapshot in reversed(history) for name in snapshot.next if name != "__start__"]


async def checkpoints(world: World, ticket: Ticket) -> int:
    return len([kept async for kept in world.saver.alist(thread_of(ticket.id))])


# --- deliveries -----------------------------------------------------------------------------------------------------


def deliveries_of(world: World, *, leases: Any = None) -> Deliveries:
    """The same deliveries as those of the graph."""
    return Deliveries(
        world.store,
        world.sync.open_mailbox,
        world.desk.parser,
        leases or world.drive.leases,
        world.clock,
        world.crash,
    )


def deliveries_into(world: World, mailbox: MemoryMailbox) -> Deliveries:
    """Deliveries into another mailbox than the world's."""

    async def opened(_: MailboxId) -> Mailbox:
        return mailbox

    return replace(deliveries_of(world), open_mailbox=opened)


async def an_untraceable_ticket(world: World) -> Ticket:
    """Nobody can tell whether its reply left."""
    ticket = await a_due_ticket(world)
    world.mailbox.will("lost_before_accept", on="submit")
    await world.work()
    world.mailbox.drafts.clear()
    for _ in range(int(GIVE_UP_S / SETTLE_S) + 1):
        world.clock.advance(SETTLE_S)
        await world.work()
    return await world.store.ticket(ticket.id)
