"""Boards: every line once, in the board's order, page after page."""

import random
import re
from dataclasses import replace
from typing import Any

import pytest

from persistence.boards import SqlBoards, lines_query
from tests.ports.store_builders import NOW, SECOND, Desk
from tickets.boards import BoardFilter, BoardLine, Order
from tickets.errors import BadInput
from tickets.mail import Address
from tickets.snoozing import UNTIL_ANSWER
from tickets.status import Status


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


@pytest.fixture
async def boards(desk) -> SqlBoards:
    return SqlBoards(desk.database)


async def every_line(boards: SqlBoards, wanted: BoardFilter, limit: int, order: Order | None = None) -> list[BoardLine]:
    lines: list[BoardLine] = []
    cursor = None
    while True:
        page = await boards.page(wanted, limit=limit, cursor=cursor, order=order)
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


@pytest.mark.parametrize("order", [order for order in Order if order is not Order.WAKES_FIRST])
async def test_lines_can_be_sorted_both_ways_by_waiting_and_by_last_move(desk, boards, order):
    chance = random.Random(order)
    opened = [
        await desk.opened(
            waiting_since=NOW + chance.randrange(3) * SECOND, updated_at=NOW + chance.randrange(3) * SECOND
        )
        for _ in range(12)
    ]

    lines = await every_line(boards, BoardFilter(status=Status.NEW), 5, order)

    moment = "waiting_since" if "waiting" in order else "updated_at"
    expected = sorted(opened, key=lambda t: (getattr(t, moment), t.id), reverse=order.startswith("-"))
    assert [line.id for line in lines] == [ticket.id for ticket in expected]


@pytest.mark.parametrize("order", [Order.LONGEST_WAIT, Order.LAST_MOVED])
async def test_turning_back_shows_the_pages_that_one_came_from(desk, boards, order):
    for number in range(7):
        await desk.opened(waiting_since=NOW + number // 2 * SECOND, updated_at=NOW + number // 2 * SECOND)
    wanted, pages, cursor = BoardFilter(), [], None
    while not pages or cursor:
        pages.append(await boards.page(wanted, limit=2, cursor=cursor, order=order))
        cursor = pages[-1].next_cursor

    back, turned = pages[-1], []
    while back.previous_cursor:
        back = await boards.page(wanted, limit=2, cursor=back.previous_cursor, order=order)
        turned.append(back)

    assert pages[0].previous_cursor is None
    assert [page.lines for page in turned] == [page.lines for page in reversed(pages[:-1])]
    assert turned[-1].previous_cursor is None


async def test_turning_back_to_less_than_a_page_shows_the_whole_first_page(desk, boards):
    opened = [await desk.opened(waiting_since=NOW + number * SECOND) for number in range(5)]
    second = await boards.page(BoardFilter(status=Status.NEW), limit=2, cursor=None)
    third = await boards.page(BoardFilter(status=Status.NEW), limit=2, cursor=second.next_cursor)
    async with desk.store.begin() as tx:
        await tx.save(replace(await tx.ticket(opened[0].id), status=Status.DONE))

    first = await boards.page(BoardFilter(status=Status.NEW), limit=2, cursor=third.previous_cursor)

    assert [line.id for line in first.lines] == [opened[1].id, opened[2].id]


@pytest.mark.parametrize(
    "fields",
    [{"category": "billing"}, {"priority": "urgent"}, {"mailbox": "sales@helios.example"}, {"language": "fi"}],
)
@pytest.mark.parametrize("status", [None, Status.NEW, Status.DONE])
async def test_lines_are_found_by_what_they_are(desk, boards, fields, status):
    wanted = await desk.opened(status=status or Status.NEW, **fields)
    await desk.opened(status=status or Status.NEW)

    lines = await every_line(boards, BoardFilter(status=status, **fields), 5)

    assert [line.id for line in lines] == [wanted.id]


async def test_filters_are_combined(desk, boards):
    both = await desk.opened(category="billing", priority="urgent", assignee="bo@helios.example")
    await desk.opened(category="billing")
    await desk.opened(priority="urgent")

    wanted = BoardFilter(category="billing", priority="urgent", assignee="bo@helios.example", q="e07")

    assert [line.id for line in await every_line(boards, wanted, 5)] == [both.id]


async def test_an_age_is_measured_by_what_the_board_is_sorted_by(desk, boards):
    old = await desk.opened(waiting_since=NOW - SECOND, updated_at=NOW)
    await desk.opened(waiting_since=NOW, updated_at=NOW)

    by_wait = await every_line(boards, BoardFilter(status=Status.NEW, before=NOW), 5)
    by_move = await every_line(boards, BoardFilter(before=NOW), 5)

    assert [line.id for line in by_wait] == [old.id]
    assert by_move == []


async def test_what_is_ours_is_new_or_needs_action_and_is_not_put_off(desk, boards):
    ours = [await desk.opened(status=status) for status in (Status.NEW, Status.NEEDS_ACTION)]
    for status in (Status.WAITING_OTHERS, Status.DONE):
        await desk.opened(status=status)
    put_off = await desk.opened(snoozed_until=UNTIL_ANSWER)

    lines = await every_line(boards, BoardFilter(is_ours=True), 5)
    snoozed = await every_line(boards, BoardFilter(is_snoozed=True), 5)

    assert {line.id for line in lines} == {ticket.id for ticket in ours}
    assert [line.id for line in snoozed] == [put_off.id]


async def test_put_off_tickets_are_sorted_by_when_they_come_back(desk, boards):
    at = {until: await desk.opened(snoozed_until=until) for until in (UNTIL_ANSWER, NOW + SECOND, NOW)}

    lines = await every_line(boards, BoardFilter(is_snoozed=True), 1)

    assert [line.id for line in lines] == [at[until].id for until in sorted(at)]


async def test_a_line_bears_all_the_tags_that_are_asked_for(desk, boards):
    both, one = await desk.opened(), await desk.opened()
    async with desk.store.begin() as tx:
        await tx.set_tags(both.id, ["vip", "refund"])
        await tx.set_tags(one.id, ["vip"])

    assert {line.id for line in await every_line(boards, BoardFilter(tags=("vip",)), 5)} == {both.id, one.id}
    (line,) = await every_line(boards, BoardFilter(tags=("vip", "refund")), 5)
    assert (line.id, line.tags) == (both.id, ("vip", "refund"))


async def test_the_tags_in_use_are_listed_the_most_used_first(desk):
    first, second = await desk.opened(), await desk.opened()
    async with desk.store.begin() as tx:
        await tx.set_tags(first.id, ["vip", "refund", "gone"])
        await tx.set_tags(second.id, ["vip"])
        await tx.set_tags(first.id, ["vip", "refund"])

    assert await desk.store.tags(10) == ("vip", "refund")
    assert (await desk.store.ticket(first.id)).tags == ("vip", "refund")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (BoardFilter(Status.NEEDS_ACTION, is_snoozed=False), "ix_tickets_status_waiting_since"),
        (BoardFilter(Status.WAITING_OTHERS, is_snoozed=False), "ix_tickets_status_updated_at"),
        (BoardFilter(assignee="bo@helios.example", is_ours=True), "ix_tickets_ours"),
        (BoardFilter(assignee="", is_ours=True), "ix_tickets_(nobodys|ours)"),
        (BoardFilter(is_snoozed=True), "ix_tickets_snoozed_until"),
        (BoardFilter(Status.DONE, "bo@helios.example", is_snoozed=False), "ix_tickets_done_assignee"),
        (BoardFilter(Status.DONE, category="billing", is_snoozed=False), "ix_tickets_done_category"),
        (BoardFilter(Status.DONE, priority="urgent", is_snoozed=False), "ix_tickets_done_priority"),
        (BoardFilter(Status.DONE, mailbox="a@helios.example", is_snoozed=False), "ix_tickets_done_mailbox"),
        (BoardFilter(Status.DONE, language="fi", is_snoozed=False), "ix_tickets_done_language"),
        (BoardFilter(), "ix_tickets_updated_at"),
    ],
)
async def test_the_usual_boards_are_read_from_an_index_in_its_order(desk, boards, wanted, index):
    plan = await explained(desk, wanted)

    assert re.search(index, plan)
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


async def explained(desk: Desk, wanted: BoardFilter) -> str:
    """How the database would read the first page of that board, if it held many tickets."""
    database = desk.database
    query = lines_query(wanted, wanted.natural_order, None, 51)
    compiled = query.compile(dialect=database.reader.dialect, compile_kwargs={"render_postcompile": True})
    given: Any = compiled.params
    if database.is_sqlite:
        given = tuple(compiled.params[name] for name in compiled.positiontup or ())
    async with database.read() as connection:
        if not database.is_sqlite:
            await connection.exec_driver_sql("SET enable_seqscan = off")
            await connection.exec_driver_sql("SET enable_sort = off")
        explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
        return " ".join(str(row) for row in await connection.exec_driver_sql(f"{explain} {compiled}", given))
