"""Snoozes, steps on many tickets and saved views on both databases, two at once included."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from persistence.boards import SqlBoards
from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database
from persistence.store import SqlStore
from persistence.views import SqlViews
from tests.ports.store_builders import NOW, Desk, a_mail
from tickets.audit import EventKind
from tickets.boards import Board
from tickets.bulk import on_each
from tickets.errors import BadInput, Conflict, NotAllowed, NotFound
from tickets.people import CONSOLE, SCOPES_OF, Actor, Role, Scope
from tickets.putting_off import PuttingOff
from tickets.rousing import Rousing
from tickets.snoozing import UNTIL_ANSWER
from tickets.status import Status
from tickets.tags import Tagging
from tickets.ticket import CameBack, Ticket, TicketId
from tickets.views import MAX_VIEWS, SavedView, Views

DAY = timedelta(days=1)
ADA = Actor("operator:ada@helios.example", SCOPES_OF[Role.OPERATOR])
BO = Actor("operator:bo@helios.example", SCOPES_OF[Role.OPERATOR])


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await Desk.on(database)


def rousing(desk: Desk) -> Rousing:
    return Rousing(desk.store, desk.clock, SqlDeskSettings(desk.database))


async def put_off(desk: Desk, ticket: Ticket, days: int) -> None:
    until = NOW + days * DAY if days else UNTIL_ANSWER
    await PuttingOff(desk.store, desk.clock).snooze(ticket.id, until, by=ADA)


async def snoozed(desk: Desk) -> int:
    return (await SqlBoards(desk.database).counts()).snoozed


# --- snoozes --------------------------------------------------------------------------------------------------------


async def test_snoozes_that_are_over_come_longest_over_first_and_the_rest_not_at_all(desk: Desk) -> None:
    later, sooner, far, never = [await desk.opened() for _ in range(4)]
    for ticket, days in ((later, 2), (sooner, 1), (far, 9), (never, 0)):
        await put_off(desk, ticket, days)

    assert await desk.store.snoozes_over(NOW + 3 * DAY, 10) == (sooner.id, later.id)
    assert await desk.store.snoozes_over(NOW + 3 * DAY, 1) == (sooner.id,)
    assert await snoozed(desk) == 4


async def test_two_processes_wake_a_ticket_once_and_count_it_once(desk: Desk) -> None:
    tickets = [await desk.opened(status=Status.NEEDS_ACTION) for _ in range(5)]
    for ticket in tickets:
        await put_off(desk, ticket, 1)
    desk.clock.at = NOW + 2 * DAY

    woken = await asyncio.gather(*[rousing(desk).run() for _ in range(3)])

    assert sum(woken) == 5
    assert await snoozed(desk) == 0
    for ticket in tickets:
        assert (await desk.store.ticket(ticket.id)).came_back is CameBack.DATE
        assert [each.kind for each in await desk.store.events(ticket.id)].count(EventKind.WOKEN) == 1


async def test_a_snooze_and_its_end_at_once_leave_the_counts_right(desk: Desk) -> None:
    ticket = await desk.opened(status=Status.NEEDS_ACTION)
    putting_off = PuttingOff(desk.store, desk.clock)

    await asyncio.gather(
        *[putting_off.snooze(ticket.id, NOW + DAY, by=ADA) for _ in range(3)],
        *[putting_off.wake(ticket.id, by=BO) for _ in range(3)],
    )

    now, counts = await desk.store.ticket(ticket.id), await SqlBoards(desk.database).counts()
    assert (counts.snoozed, counts.needs_action) == ((1, 0) if now.snoozed_until else (0, 1))


async def test_silence_is_measured_from_the_last_word_of_a_person(desk: Desk) -> None:
    silent, lively, asleep = [await desk.opened(status=Status.WAITING_OTHERS) for _ in range(3)]
    for ticket, days in ((silent, 0), (lively, 5), (asleep, 0)):
        await desk.received(ticket, a_mail(), at=NOW + days * DAY)
    await put_off(desk, asleep, 30)

    assert await desk.store.silent_since(NOW + 3 * DAY, 10) == (silent.id,)
    assert await desk.store.silent_since(NOW + 5 * DAY, 10) == (silent.id, lively.id)


# --- one step on many -----------------------------------------------------------------------------------------------


async def named(store: SqlStore, ticket_id: TicketId) -> tuple[int, str]:
    ticket = await store.ticket(ticket_id)
    return ticket.number, ticket.subject


async def test_what_cannot_be_done_on_one_is_told_and_done_on_the_others(desk: Desk) -> None:
    first, closed, last = await desk.opened(), await desk.opened(status=Status.DONE), await desk.opened()
    putting_off, nowhere = PuttingOff(desk.store, desk.clock), TicketId(uuid4())

    report = await on_each(
        [first.id, closed.id, nowhere, last.id, first.id],
        lambda ticket_id: putting_off.snooze(ticket_id, NOW + DAY, by=ADA),
        lambda ticket_id: named(desk.store, ticket_id),
    )

    assert report.done == (first.id, last.id)
    assert [(each.ticket_id, each.number) for each in report.refused] == [(closed.id, closed.number), (nowhere, None)]
    assert await snoozed(desk) == 2


async def test_two_who_tag_the_same_tickets_in_other_orders_wait_for_each_other_and_end(desk: Desk) -> None:
    tickets = [(await desk.opened()).id for _ in range(8)]
    tagging = Tagging(desk.store, desk.clock)

    reports = await asyncio.gather(
        *[
            on_each(
                order,
                lambda ticket_id, own=tag: tagging.change(ticket_id, add=[own, "shared"], by=ADA),  # type: ignore[misc]
                lambda ticket_id: named(desk.store, ticket_id),
            )
            for tag, order in (("zinc", tickets), ("amber", tickets[::-1]))
        ]
    )

    assert [len(report.done) for report in reports] == [8, 8]
    for ticket_id in tickets:
        assert set((await desk.store.ticket(ticket_id)).tags) == {"zinc", "amber", "shared"}
    assert set(await desk.store.tags(10)) == {"zinc", "amber", "shared"}


# --- saved views ----------------------------------------------------------------------------------------------------


@pytest.fixture
def views(desk: Desk) -> Views:
    return Views(SqlViews(desk.database), desk.clock)


async def saved(views: Views, name: str, by: Actor = ADA, *, is_shared: bool = False) -> SavedView:
    return await views.save(name, Board.NEEDS_ACTION, "tag=vip", is_shared=is_shared, by=by)


async def test_one_sees_ones_own_views_and_the_shared_ones_by_name(views: Views) -> None:
    await saved(views, "Zebra")
    await saved(views, "apple", BO, is_shared=True)
    await saved(views, "private", BO)

    assert [view.name for view in await views.seen_by(ADA)] == ["apple", "Zebra"]


async def test_a_name_is_used_once_by_a_person_however_it_is_written(views: Views) -> None:
    mine = await saved(views, "Urgent")
    other = await saved(views, "Mine")

    with pytest.raises(Conflict, match="that name already"):
        await saved(views, "URGENT")
    with pytest.raises(Conflict, match="that name already"):
        await views.change(other.id, name="urgent", by=ADA)
    await saved(views, "Urgent", BO)

    assert [view.id for view in await views.seen_by(ADA)] == [other.id, mine.id]


async def test_of_two_who_save_the_same_name_at_once_one_is_told(views: Views) -> None:
    outcomes = await asyncio.gather(*[saved(views, "Urgent") for _ in range(4)], return_exceptions=True)

    assert sum(isinstance(each, SavedView) for each in outcomes) == 1
    assert sum(isinstance(each, Conflict) for each in outcomes) == 3


async def test_a_shared_view_is_its_owners_and_an_administrators_to_change(views: Views) -> None:
    view = await saved(views, "Ours", is_shared=True)
    admin = Actor("operator:root@helios.example", frozenset(Scope))

    with pytest.raises(NotAllowed):
        await views.delete(view.id, by=BO)
    await views.change(view.id, name="Theirs", is_shared=False, by=admin)
    with pytest.raises(NotFound):
        await views.change(view.id, name="Mine", by=BO)

    assert [each.name for each in await views.seen_by(ADA)] == ["Theirs"]


async def test_views_are_kept_up_to_a_limit_each(views: Views) -> None:
    for number in range(MAX_VIEWS):
        await saved(views, f"View {number}")

    with pytest.raises(BadInput, match="Delete one first"):
        await saved(views, "One more")
    await views.delete((await views.seen_by(ADA))[0].id, by=ADA)
    await saved(views, "One more")

    assert len(await views.seen_by(CONSOLE)) == 0
