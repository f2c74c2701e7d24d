"""Open pages in the table: few writes, nothing in the record, and an end by themselves."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from persistence.accounts import SqlAccounts
from persistence.boards import SqlBoards
from persistence.presence import SqlPresence
from persistence.rows_presence import presence
from tests.ports.store_builders import NOW, SECOND, Desk
from tickets.audit import AuditEvent, EventKind
from tickets.errors import NotFound
from tickets.people import Operator, Role
from tickets.presence import HEARTBEAT, TTL
from tickets.ticket import TicketId

PAGE = "page-0001"


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def operator(desk: Desk, name: str = "Ada") -> Operator:
    event = AuditEvent(EventKind.OPERATOR_ADDED, "console", NOW)
    email = f"{name.lower()}@helios.example"
    return await SqlAccounts(desk.database).add_operator(email, name, Role.OPERATOR, "-", event)


async def rows(desk: Desk) -> int:
    async with desk.database.read() as connection:
        return int((await connection.execute(select(func.count()).select_from(presence))).scalar_one())


async def test_who_is_at_a_ticket_is_seen_until_it_expires(desk):
    here, ticket, ada = SqlPresence(desk.database), await desk.opened(), await operator(desk)

    await here.here(PAGE, ticket.id, ada, is_editing=False, at=NOW)

    (seen,) = await here.now(NOW + TTL - SECOND)
    assert (seen.ticket_id, seen.name, seen.is_editing) == (ticket.id, "Ada", False)
    assert await here.now(NOW + TTL) == ()


async def test_it_is_no_event_of_the_record(desk):
    here, ticket, ada = SqlPresence(desk.database), await desk.opened(), await operator(desk)
    before = await SqlBoards(desk.database).version()

    await here.here(PAGE, ticket.id, ada, is_editing=True, at=NOW)
    await here.gone(PAGE, ada)

    assert await SqlBoards(desk.database).version() == before
    assert await desk.store.events(ticket.id) == ()


async def test_a_page_that_repeats_itself_is_written_once_in_a_while(desk):
    here, ticket, ada = SqlPresence(desk.database), await desk.opened(), await operator(desk)
    for n in range(9):
        await here.here(PAGE, ticket.id, ada, is_editing=False, at=NOW + n * SECOND)
    untouched = (await here.now(NOW))[0].until

    await here.here(PAGE, ticket.id, ada, is_editing=False, at=NOW + HEARTBEAT)

    assert untouched == NOW + TTL
    assert (await here.now(NOW))[0].until == NOW + HEARTBEAT + TTL


async def test_the_change_to_editing_is_written_but_not_more_than_once_a_second(desk):
    here, ticket, ada = SqlPresence(desk.database), await desk.opened(), await operator(desk)
    await here.here(PAGE, ticket.id, ada, is_editing=False, at=NOW)

    await here.here(PAGE, ticket.id, ada, is_editing=True, at=NOW + SECOND / 2)
    too_soon = (await here.now(NOW))[0].is_editing
    await here.here(PAGE, ticket.id, ada, is_editing=True, at=NOW + SECOND)

    assert not too_soon
    assert (await here.now(NOW))[0].is_editing


async def test_who_edits_in_one_window_and_looks_in_another_edits(desk):
    here, ticket, ada = SqlPresence(desk.database), await desk.opened(), await operator(desk)
    await here.here("page-edits", ticket.id, ada, is_editing=True, at=NOW)
    await here.here("page-looks", ticket.id, ada, is_editing=False, at=NOW + SECOND)

    (seen,) = await here.now(NOW + SECOND)

    assert seen.is_editing


async def test_dead_pages_are_cleared_away_by_the_next_write(desk):
    here, ticket, ada = SqlPresence(desk.database), await desk.opened(), await operator(desk)
    for n in range(20):
        await here.here(f"page-{n:04}", ticket.id, ada, is_editing=False, at=NOW)

    await here.here("page-later", ticket.id, ada, is_editing=False, at=NOW + TTL)

    assert await rows(desk) == 1


async def test_nobody_speaks_for_the_page_of_another(desk):
    here, ticket = SqlPresence(desk.database), await desk.opened()
    ada, bo = await operator(desk), await operator(desk, "Bo")
    await here.here(PAGE, ticket.id, ada, is_editing=False, at=NOW)

    await here.here(PAGE, ticket.id, bo, is_editing=True, at=NOW + 2 * SECOND)
    await here.gone(PAGE, bo)

    (seen,) = await here.now(NOW + 2 * SECOND)
    assert (seen.name, seen.is_editing) == ("Ada", False)


async def test_nobody_is_at_a_ticket_that_does_not_exist(desk):
    ada = await operator(desk)

    with pytest.raises(NotFound):
        await SqlPresence(desk.database).here(PAGE, TicketId(uuid4()), ada, is_editing=False, at=NOW)
