"""Two people approve at the same moment, through two processes on one database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from adapters.memory import FixedClock
from adapters.parser import InlineParser
from persistence.boards import SqlBoards
from persistence.engine import Database, open_database
from persistence.rows import outbox
from persistence.store import SqlStore
from tests.ports.store_builders import Desk as Rows
from tickets import desk as use_cases
from tickets.audit import EventKind
from tickets.boards import BoardFilter
from tickets.desk_settings import TwoPerson
from tickets.errors import Conflict, DeskError
from tickets.people import SCOPES_OF, Actor, OperatorId, Role
from tickets.status import Status
from tickets.ticket import Category, Draft, Seen, Ticket

ROUNDS = 6


def person(name: str) -> Actor:
    return Actor(f"operator:{name}@helios.example", SCOPES_OF[Role.OPERATOR], OperatorId(uuid4()))


ANNA, BO, CARL = person("anna"), person("bo"), person("carl")


async def billing_needs_two() -> TwoPerson:
    return TwoPerson(categories=("billing",))


@dataclass
class Office:
    """Two processes on one database."""

    rows: Rows
    here: use_cases.Desk
    there: use_cases.Desk

    async def billing(self) -> tuple[Ticket, Draft]:
        ticket = await self.rows.opened(status=Status.NEEDS_ACTION, category=Category.BILLING, settled_seq=1)
        await self.rows.received(ticket)
        return ticket, await self.rows.drafted(ticket, flags=())

    async def replies(self, ticket: Ticket) -> int:
        query = select(func.count()).select_from(outbox).where(outbox.c.ticket_id == ticket.id)
        async with self.rows.database.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def kinds(self, ticket: Ticket) -> list[EventKind]:
        return [event.kind for event in await self.rows.store.events(ticket.id)]


@pytest.fixture
async def office(database: Database, database_url: str) -> AsyncIterator[Office]:
    other = open_database(database_url)
    yield Office(await Rows.on(database), a_desk(database), a_desk(other))
    await other.close()


def a_desk(database: Database) -> use_cases.Desk:
    clock = FixedClock()
    store = SqlStore(database, clock=clock)
    return use_cases.Desk(store, InlineParser(), clock, timedelta(seconds=10), "Helios", two_person=billing_needs_two)


def seen(draft: Draft) -> Seen:
    return Seen(draft.revision, draft.content_hash, frozenset(flag.id for flag in draft.flags))


async def at_once(*steps: Awaitable[object]) -> list[object]:
    """What each gives or is refused with; anything but a refusal of the desk is raised."""
    ends = await asyncio.gather(*steps, return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, DeskError):
            raise end
    return list(ends)


async def test_two_who_approve_at_once_are_two_and_one_reply_leaves(office):
    for _ in range(ROUNDS):
        ticket, draft = await office.billing()

        await at_once(
            office.here.approve_send(ticket.id, seen(draft), by=ANNA),
            office.there.approve_send(ticket.id, seen(draft), by=BO),
        )

        assert await office.replies(ticket) == 1
        assert await office.kinds(ticket) == [EventKind.APPROVED_FIRST, EventKind.APPROVED]


async def test_one_who_approves_twice_at_once_is_one(office):
    for _ in range(ROUNDS):
        ticket, draft = await office.billing()

        await at_once(
            office.here.approve_send(ticket.id, seen(draft), by=ANNA),
            office.there.approve_send(ticket.id, seen(draft), by=ANNA),
        )

        assert await office.replies(ticket) == 0
        assert await office.kinds(ticket) == [EventKind.APPROVED_FIRST]


async def test_of_three_at_once_the_third_finds_it_approved(office):
    for _ in range(ROUNDS):
        ticket, draft = await office.billing()

        await at_once(
            office.here.approve_send(ticket.id, seen(draft), by=ANNA),
            office.there.approve_send(ticket.id, seen(draft), by=BO),
            office.there.approve_send(ticket.id, seen(draft), by=CARL),
        )

        assert await office.replies(ticket) == 1


async def test_an_edit_at_the_same_moment_never_lets_words_leave_that_only_one_approved(office):
    for _ in range(ROUNDS):
        ticket, draft = await office.billing()
        await office.here.approve_send(ticket.id, seen(draft), by=ANNA)

        edited, approved = await at_once(
            office.here.edit(ticket.id, draft.revision, draft.subject, "Other words.", by=CARL),
            office.there.approve_send(ticket.id, seen(draft), by=BO),
        )

        was_edited = not isinstance(edited, Conflict)
        assert was_edited == isinstance(approved, Conflict)
        assert await office.replies(ticket) == (0 if was_edited else 1)
        assert await office.rows.store.first_approval(ticket.id) is None


async def test_boards_show_that_one_of_two_approved(office):
    ticket, draft = await office.billing()

    await office.here.approve_send(ticket.id, seen(draft), by=ANNA)
    (line,) = (await SqlBoards(office.rows.database).page(BoardFilter(), limit=9, cursor=None)).lines

    assert line.first_approved_by == ANNA.name
