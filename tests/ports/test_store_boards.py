"""Boards: every line once, in the board's order, page after page."""

import random
from dataclasses import replace

import pytest

from persistence.boards import SqlBoards
from tests.ports.store_builders import NOW, SECOND, Desk
from tickets.boards import BoardFilter, BoardLine
from tickets.errors import BadInput
from tickets.mail import Address
from tickets.status import Status


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
async def boards(desk) -> SqlBoards:
    return SqlBoards(desk.database)


async def every_line(boards: SqlBoards, wanted: BoardFilter, limit: int) -> list[BoardLine]:
    lines: list[BoardLine] = []
    cursor = None
    while True:
        page = await boards.page(wanted, limit=limit, cursor=cursor)
        assert len(page.lines) <= limit
        lines += page.lines
        cursor = page.next_cursor
        if cursor is None:
            return lines


@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("status", [None, Status.NEW, Status.NEEDS_ACTION, Status.WAITING_OTHERS, Status.DONE])
async def test_pages_show_each_ticket_once_even_where_times_are_equal(desk, boards, status, limit):
    chance = random.Random(limit)
    opened = [
        await desk.opened(
            status=chance.choice(list(Status)),
            waiting_since=NOW + chance.randrange(3) * SECOND,
            updated_at=NOW + chance.randrange(3) * SECOND,
        )
        for _ in range(24)
    ]

    lines = await every_line(boards, BoardFilter(status=status), limit)

    here = [ticket for ticket in opened if status in (None, ticket.status)]
    if status in (Status.NEW, Status.NEEDS_ACTION):
        expected = sorted(here, key=lambda t: (t.waiting_since, t.id))
    else:
        expected = sorted(here, key=lambda t: (t.updated_at, t.id), reverse=True)
    assert [line.id for line in lines] == [ticket.id for ticket in expected]


async def test_a_ticket_that_arrives_while_one_turns_pages_moves_nothing(desk, boards):
    opened = [await desk.opened(waiting_since=NOW + number * SECOND) for number in range(4)]
    first = await boards.page(BoardFilter(status=Status.NEW), limit=2, cursor=None)
    await desk.opened(waiting_since=NOW - SECOND)

    second = await boards.page(BoardFilter(status=Status.NEW), limit=2, cursor=first.next_cursor)

    assert [line.id for line in first.lines + second.lines] == [ticket.id for ticket in opened]


async def test_a_line_shows_the_ticket(desk, boards):
    ticket = await desk.opened(subject="E07", notice="Look.", is_leaving=True, status=Status.NEEDS_ACTION)

    (line,) = await every_line(boards, BoardFilter(), 5)

    assert (line.number, line.subject, line.mailbox, line.notice) == (1, "E07", desk.mailbox.address, "Look.")
    assert (line.requester_name, line.requester_address) == ("Ada Meier", "Ada@Example.org")
    assert line.status is Status.NEEDS_ACTION
    assert (line.is_leaving, line.stopped, line.has_draft, line.sender_failed) == (True, False, False, False)
    assert (line.created_at, line.waiting_since) == (ticket.created_at, ticket.waiting_since)


async def test_lines_are_found_by_assignee_or_by_having_none(desk, boards):
    mine = await desk.opened(assignee="bo@helios.example")
    nobodys = await desk.opened()

    assert [line.id for line in await every_line(boards, BoardFilter(assignee="bo@helios.example"), 5)] == [mine.id]
    assert [line.id for line in await every_line(boards, BoardFilter(assignee=""), 5)] == [nobodys.id]


@pytest.mark.parametrize(
    ("q", "is_found"),
    [
        ("e07", True),
        ("E07 inverter", True),
        ("müller", True),
        ("MÜLLER", True),
        ("hans@example.org", True),
        ("#1", True),
        ("100%", True),
        ("100_", False),
        ("%", True),
        ("\\", False),
        ("e08", False),
        ("  ", True),
    ],
)
async def test_lines_are_found_by_subject_requester_and_number(desk, boards, q, is_found):
    await desk.opened(subject="Inverter E07 at 100%", requester=Address("Hans MÜLLER", "Hans@example.org"))

    assert bool(await every_line(boards, BoardFilter(q=q), 5)) is is_found


async def test_a_renamed_ticket_is_found_by_its_new_words(desk, boards):
    ticket = await desk.opened(subject="Old words")
    async with desk.store.begin() as tx:
        await tx.save(replace(ticket, subject="New words"))

    assert await every_line(boards, BoardFilter(q="new"), 5)
    assert not await every_line(boards, BoardFilter(q="old"), 5)


@pytest.mark.parametrize("cursor", ["", "x", "!!", "bm9uc2Vuc2U", "WzEsMiwzXQ", "e30", "é", "W" * 5000])
async def test_a_cursor_that_is_none_of_ours_is_bad_input(boards, cursor):
    with pytest.raises(BadInput):
        await boards.page(BoardFilter(), limit=5, cursor=cursor)


async def test_a_cursor_of_another_board_s_order_is_bad_input(desk, boards):
    for _ in range(2):
        await desk.opened()
    page = await boards.page(BoardFilter(status=Status.NEW), limit=1, cursor=None)

    with pytest.raises(BadInput):
        await boards.page(BoardFilter(status=Status.DONE), limit=1, cursor=page.next_cursor)
