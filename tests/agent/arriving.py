"""What tests of arriving mail do on a world: write as anybody, to any mailbox, under any policy."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from adapters.memory import MemoryMailbox
from persistence.accounts import SqlAccounts
from persistence.mailboxes import SqlMailboxes
from tests.agent.world import ANNA, World
from tests.service import a_mail
from tickets.audit import AuditEvent, EventKind
from tickets.mail import MailboxId, MailKind, Message
from tickets.own_ids import OwnIds
from tickets.people import Role
from tickets.ports import Mailbox
from tickets.sync import SyncReport
from tickets.ticket import Conversation, Ticket

SERVER = "mx.helios.example"
VERIFIED = f"{SERVER}; dmarc=pass"
FAILED = f"{SERVER}; dmarc=fail"
OWN_IDS = OwnIds.of_secret(bytes(range(32)))
CUSTOMER = "Anna Keller <anna@example.net>"
STRANGER = "Eve <eve@elsewhere.example>"


def with_policy(world: World, **changes: Any) -> None:
    """The desk signs its Message-IDs, believes its provider, and keeps these rules."""
    world.mailbox.authserv_id = SERVER
    policy = replace(world.sync.policy, own_ids=OWN_IDS, **changes)
    world.sync = replace(world.sync, policy=policy)


async def arrives(
    world: World, *, thread: str | None = None, into: MemoryMailbox | None = None, **mail: str
) -> SyncReport:
    """A mail comes in, and the desk looks."""
    mailbox = into or world.mailbox
    mailbox.receive(a_mail(**mail).as_bytes(), provider_thread_id=thread)
    reports = await world.sync.run()
    return next(report for report in reports if report.address == mailbox.address)


async def opened(world: World, **mail: Any) -> Ticket:
    """The ticket that a customer's first mail opens."""
    await arrives(world, **({"sender": CUSTOMER, "subject": "Inverter error"} | mail))
    return (await world.tickets())[-1]


def own_id(ticket: Ticket) -> str:
    """The Message-ID of a reply of ours on that ticket."""
    return OWN_IDS.message_id(ticket.id, uuid4(), "helios.example")


async def again(world: World, ticket: Ticket) -> Ticket:
    """The ticket as it is now."""
    return await world.store.ticket(ticket.id)


async def conversation(world: World, ticket: Ticket) -> Conversation:
    return await world.store.conversation(ticket.id)


async def last(world: World, ticket: Ticket) -> Message:
    """The newest mail of the ticket."""
    return (await conversation(world, ticket)).messages[-1]


async def kinds(world: World, ticket: Ticket) -> list[MailKind]:
    return [message.kind for message in (await conversation(world, ticket)).messages]


async def a_second_mailbox(world: World, address: str = "sales@helios.example") -> MemoryMailbox:
    """Another mailbox of the desk."""
    event = AuditEvent(EventKind.MAILBOX_ADDED, "console", world.clock.now(), fields={"kind": "memory"})
    record = await SqlMailboxes(world.database, bytes(32)).add("memory", address, {}, event)
    second = MemoryMailbox(address, clock=world.clock, authserv_id=world.mailbox.authserv_id)

    async def open_mailbox(mailbox_id: MailboxId) -> Mailbox:
        return second if mailbox_id == record.id else world.mailbox

    world.sync = replace(world.sync, open_mailbox=open_mailbox)
    return second


async def closed(world: World, ticket: Ticket, days_ago: int = 0) -> Ticket:
    """Closed by an operator, and left alone since."""
    done = await world.desk.close(ticket.id, by=ANNA)
    await world.work()
    world.clock.advance(timedelta(days=days_ago).total_seconds())
    return done


async def an_operator(world: World, email: str = "bea@helios-staff.example") -> str:
    """The address of somebody with an account at the desk."""
    event = AuditEvent(EventKind.OPERATOR_ADDED, "console", world.clock.now())
    await SqlAccounts(world.database).add_operator(email, "Bea Lindqvist", Role.OPERATOR, "-", event)
    return email
