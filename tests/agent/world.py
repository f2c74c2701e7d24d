"""A whole desk in one process: real graph, store, leases and checkpoints; mailbox, model and clock as twins."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from adapters.memory import FixedClock, MemoryKnowledge, MemoryMailbox, MemoryModel
from adapters.parser import InlineParser
from adapters.raw_headers import send_id
from graph.approvals import Approvals
from graph.build import Ports, build
from graph.threads import Threads
from persistence.boards import SqlBoards
from persistence.checkpoints import open_saver, prune
from persistence.engine import open_database
from persistence.leases import SqlLeases
from persistence.mailboxes import SqlMailboxes
from persistence.store import SqlStore
from tests.service import a_mail
from tickets.agent import Agent
from tickets.audit import AuditEvent, EventKind
from tickets.boards import BoardFilter
from tickets.delivery import Deliveries
from tickets.desk import Desk
from tickets.drive import Drive, Step, next_step
from tickets.mail import MailboxId
from tickets.people import Actor, Scope
from tickets.ports import Mailbox
from tickets.sweep import Sweep
from tickets.sync import Sync
from tickets.ticket import Seen, Ticket, TicketId

ADDRESS = "support@helios.example"
ANNA = Actor("operator:anna@helios.example", frozenset(Scope))
UNDO = timedelta(seconds=10)
SETTLE_S = 60.0


class Killed(Exception):
    """The run ended here; its claim is as good as gone."""


class ForgettingLeases(SqlLeases):
    """Every claim of an earlier run is a dead process's."""

    def is_gone(self, claimant: str) -> bool:
        return True


def quiet(*_: object, **__: object) -> None:
    """No log."""


@dataclass
class World:
    """The desk, and the hands of everybody around it.

    `crash_at` makes the delivery break off at a named point, once, as if its process had been killed there.
    """

    clock: FixedClock
    mailbox: MemoryMailbox
    model: MemoryModel
    store: SqlStore
    boards: SqlBoards
    desk: Desk
    sync: Sync
    drive: Drive
    sweep: Sweep
    threads: Threads
    saver: Any
    database: Any
    crash_at: str | None = None

    def crash(self, point: str) -> None:
        if point == self.crash_at:
            self.crash_at = None
            raise Killed(point)

    async def customer_writes(self, subject: str = "Inverter error") -> None:
        self.mailbox.receive(a_mail(subject, sender=f"Customer <{uuid4().hex[:8]}@example.net>").as_bytes())
        await self.sync.run()

    async def customer_answers(self, ticket: Ticket) -> None:
        conversation = await self.store.conversation(ticket.id)
        parent = conversation.messages[-1].mail.message_id
        mail = a_mail(f"Re: {ticket.subject}", sender=ticket.requester.address, In_Reply_To=parent, References=parent)
        self.mailbox.receive(mail.as_bytes())
        await self.sync.run()

    async def work(self) -> None:
        """Drive everything that is due, until nothing is."""
        for _ in range(50):
            due = await self.store.due(self.clock.now(), 100)
            if not due:
                return
            for ticket_id in due:
                await self.drive.to_rest(ticket_id)
        raise AssertionError("the work does not end")

    async def tickets(self) -> list[Ticket]:
        page = await self.boards.page(BoardFilter(), limit=200, cursor=None)
        return [await self.store.ticket(TicketId(line.id)) for line in sorted(page.lines, key=lambda x: x.number)]

    async def approve(self, ticket_id: TicketId) -> Ticket:
        draft = await self.store.current_draft(ticket_id)
        assert draft is not None
        seen = Seen(draft.revision, draft.content_hash, frozenset(flag.id for flag in draft.flags))
        return await self.desk.approve_send(ticket_id, seen, by=ANNA)

    async def lose_thread(self, ticket_id: TicketId) -> None:
        await self.saver.adelete_thread(str(ticket_id))

    async def is_at_rest(self, ticket_id: TicketId) -> bool:
        view = await self.store.work_view(ticket_id, self.clock.now())
        position = await self.threads.position(ticket_id)
        return next_step(view.row(position), position) is Step.REST

    def sent_ids(self) -> list[str | None]:
        """The send id of every mail that left."""
        return [send_id(raw) for raw in self.mailbox.sent]


@asynccontextmanager
async def a_world(desk_file: Path) -> AsyncIterator[World]:
    """A desk on that migrated SQLite file, with one in-memory mailbox."""
    clock, secret = FixedClock(), secrets.token_bytes(32)
    mailbox, model = MemoryMailbox(ADDRESS, clock=clock, settle_s=SETTLE_S), MemoryModel()
    database = open_database(f"sqlite:///{desk_file}")
    async with open_saver(f"sqlite:///{desk_file.with_suffix('.checkpoints')}", secret) as saver:
        store, leases, parser = SqlStore(database, clock=clock), ForgettingLeases(database), InlineParser()
        event = AuditEvent(EventKind.MAILBOX_ADDED, "console", clock.now(), fields={"kind": "memory"})
        await SqlMailboxes(database, secret).add("memory", ADDRESS, {}, event)

        async def open_mailbox(_: MailboxId) -> Mailbox:
            return mailbox

        desk = Desk(store, parser, clock, UNDO, "Helios Solar")
        agent = Agent(store, model, MemoryKnowledge(()), clock, desk_name="Helios Solar")
        deliveries = Deliveries(store, open_mailbox, parser, leases, clock, lambda point: world.crash(point))
        approvals = Approvals(store, desk, clock, "http://desk/boards/tickets", studio_may_approve=False)
        graph = build(Ports(store, agent, approvals, deliveries, quiet), saver)
        threads = Threads(graph, store, partial(prune, saver))
        world = World(
            clock=clock,
            mailbox=mailbox,
            model=model,
            store=store,
            boards=SqlBoards(database),
            desk=desk,
            sync=Sync(store, open_mailbox, parser, leases, clock, quiet),
            drive=Drive(store, threads, leases, clock, quiet),
            sweep=Sweep(store, threads, clock, quiet),
            threads=threads,
            saver=saver,
            database=database,
        )
        yield world
    await database.close()
