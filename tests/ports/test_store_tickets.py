"""Tickets in the tables: numbers, fields, and board counts that are never counted."""

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest

from persistence.accounts import SqlAccounts
from persistence.boards import SqlBoards
from tests.ports.store_builders import NOW, SECOND, Desk, an_event
from tickets.boards import Counts
from tickets.errors import NotFound
from tickets.mail import Address
from tickets.people import Role
from tickets.snoozing import UNTIL_ANSWER
from tickets.status import MOVES, Status
from tickets.ticket import CameBack, Category, Plan, PlanStep, Priority, Sentiment, Ticket, Triage

BO = "bo@helios.example"


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


def counted(tickets: list[Ticket]) -> Counts:
    """What the counts should be for Bo, counted one by one."""
    awake = [t for t in tickets if t.snoozed_until is None]
    shown = Counter(t.status for t in awake if not (t.is_leaving and t.status is Status.NEEDS_ACTION))
    work = [t for t in awake if t.status in (Status.NEW, Status.NEEDS_ACTION) and not t.is_leaving]
    return Counts(
        new=shown[Status.NEW],
        needs_action=shown[Status.NEEDS_ACTION],
        waiting=shown[Status.WAITING_OTHERS],
        done=shown[Status.DONE],
        leaving=sum(t.is_leaving for t in tickets),
        snoozed=len(tickets) - len(awake),
        unassigned=sum(t.assignee is None for t in work),
        mine=sum(t.assignee == BO for t in work),
    )


async def test_every_field_of_a_ticket_is_read_back(desk):
    ticket = await desk.opened()
    changed = replace(
        ticket,
        status=Status.NEEDS_ACTION,
        subject="Re: E07 ☀",
        requester=Address("New name", "new@example.org"),
        updated_at=NOW + SECOND,
        waiting_since=NOW + 2 * SECOND,
        work_seq=3,
        settled_seq=2,
        category=Category.WARRANTY,
        priority=Priority.URGENT,
        sentiment=Sentiment.NEGATIVE,
        language="de",
        summary="It beeps.",
        confidence=0.75,
        assignee="bo@helios.example",
        notice="Look at it.",
        is_leaving=True,
        snoozed_until=UNTIL_ANSWER,
        snoozed_by="operator:bo@helios.example",
        came_back=CameBack.DATE,
    )

    async with desk.store.begin() as tx:
        await tx.save(changed)

    assert await desk.store.ticket(ticket.id) == changed


async def test_tickets_are_numbered_from_one_without_gaps(desk):
    numbers = [(await desk.opened()).number for _ in range(3)]
    with pytest.raises(RuntimeError):
        await _open_and_fail(desk)

    assert [*numbers, (await desk.opened()).number] == [1, 2, 3, 4]


async def _open_and_fail(desk: Desk) -> None:
    async with desk.store.begin() as tx:
        await tx.open_ticket(desk.ticket())
        raise RuntimeError("something else went wrong")


async def test_tickets_opened_at_once_have_different_numbers(desk):
    opened = await asyncio.gather(*(desk.opened() for _ in range(20)))

    assert {ticket.number for ticket in opened} == set(range(1, 21))
    assert (await SqlBoards(desk.database).counts()).new == 20


async def test_a_ticket_that_is_not_there_is_not_found(desk):
    with pytest.raises(NotFound):
        await desk.store.ticket(desk.ticket().id)
    with pytest.raises(NotFound):
        await desk.store.work_view(desk.ticket().id, NOW)
    async with desk.store.begin() as tx:
        with pytest.raises(NotFound):
            await tx.work(desk.ticket().id, NOW)


async def test_a_ticket_never_moves_back_in_time(desk):
    ticket = await desk.opened()
    async with desk.store.begin() as tx:
        await tx.save(replace(ticket, updated_at=NOW + SECOND))
        await tx.save(ticket)

    assert (await desk.store.ticket(ticket.id)).updated_at == NOW + SECOND


@pytest.mark.parametrize("seed", range(3))
async def test_the_board_counts_stay_in_step_with_any_sequence_of_moves(desk, seed):
    chance = random.Random(seed)
    known: list[Ticket] = []
    boards = SqlBoards(desk.database)

    for _ in range(40):
        async with desk.store.begin() as tx:
            for _ in range(chance.randint(1, 3)):
                if not known or chance.random() < 0.3:
                    known.append(await tx.open_ticket(desk.ticket()))
                    continue
                place = chance.randrange(len(known))
                ticket = await tx.ticket(known[place].id)
                status = chance.choice(list(MOVES[ticket.status].values()))
                known[place] = replace(
                    ticket,
                    status=status,
                    is_leaving=chance.random() < 0.3,
                    assignee=chance.choice([None, BO, "cy@helios.example"]),
                    snoozed_until=chance.choice([None, None, NOW]),
                )
                await tx.save(known[place])

    assert await boards.counts(BO) == counted(known)


async def test_concurrent_moves_lose_no_count(desk):
    opened = [await desk.opened() for _ in range(12)]
    boards = SqlBoards(desk.database)
    version = await boards.version()

    async def move(ticket: Ticket) -> None:
        for status in (Status.NEEDS_ACTION, Status.WAITING_OTHERS, Status.DONE, Status.NEEDS_ACTION):
            async with desk.store.begin() as tx:
                await tx.save(replace(await tx.ticket(ticket.id), status=status))
                await tx.record(an_event(ticket))

    await asyncio.gather(*(move(ticket) for ticket in opened))

    assert await boards.counts() == Counts(0, 12, 0, 0, 0, unassigned=12)
    assert await boards.version() == version + 48


async def test_a_rolled_back_move_is_not_counted(desk):
    ticket = await desk.opened()
    with pytest.raises(RuntimeError):
        await _move_and_fail(desk, ticket)

    assert await SqlBoards(desk.database).counts() == Counts(1, 0, 0, 0, 0, unassigned=1)


async def _move_and_fail(desk: Desk, ticket: Ticket) -> None:
    async with desk.store.begin() as tx:
        await tx.save(replace(ticket, status=Status.DONE))
        raise RuntimeError("something else went wrong")


async def test_the_agent_s_results_are_kept_once_for_each_mail(desk):
    ticket = await desk.opened()
    triage = Triage(
        Category.BILLING, Priority.LOW, Sentiment.NEUTRAL, "fr", True, "Invoice.", 0.5, ("says invoice",), "local"
    )
    plan = Plan((PlanStep("answer", "say when", ("the date",)), PlanStep("ask", "for a photo")), "local", "by rule")

    for summary in ("first", "second"):
        async with desk.store.begin() as tx:
            await tx.keep_triage(ticket.id, 1, replace(triage, summary=summary))
            await tx.keep_plan(ticket.id, 1, plan)

    assert await desk.store.triage(ticket.id, 1) == replace(triage, summary="second")
    assert await desk.store.plan(ticket.id, 1) == plan
    assert await desk.store.triage(ticket.id, 2) is None
    assert await desk.store.plan(ticket.id, 2) is None


async def test_only_people_with_an_account_are_operators(desk):
    await SqlAccounts(desk.database).add_operator("Bo@Helios.example", "Bo", Role.OPERATOR, "hash", an_event())

    async with desk.store.begin() as tx:
        assert await tx.is_operator("bo@helios.example")
        assert not await tx.is_operator("eve@example.org")
