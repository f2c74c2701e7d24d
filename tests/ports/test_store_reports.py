"""The figures of the reports on both databases, against a small history that was counted by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from persistence.report_counting import ReportCounting
from persistence.reports import SqlFigures
from tests.ports.store_builders import Desk, a_mail
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.desk_settings import BusinessHours
from tickets.mail import MailKind
from tickets.report_tables import NAMES, Asked, report
from tickets.reports import Only, Report, Span
from tickets.service_level import Calendar
from tickets.status import Status
from tickets.ticket import Category, Ticket

FRIDAY = datetime(2026, 2, 27, 16, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADA, BO = "operator:ada@example.org", "operator:bo@example.org"
TWO_WEEKS = Span(date(2026, 2, 23), date(2026, 3, 8))


@pytest.fixture
async def desk(database) -> Desk:
    return await Desk.on(database)


async def counted(desk: Desk, name: str, only: Only | None = None, span: Span = TWO_WEEKS) -> Report:
    await ReportCounting(desk.database).catch_up()
    asked = Asked(SqlFigures(desk.database), span, only or Only(), Calendar(BusinessHours()), MONDAY + 10 * HOUR)
    return await report(name, asked)


async def mailed(desk: Desk, ticket: Ticket, kind: MailKind, at: datetime) -> None:
    await desk.received(ticket, a_mail(), kind=kind, at=at)
    await recorded(desk, ticket, EventKind.MAIL_ARRIVED, at, "sync", mail_id="m", kind=kind.value)


async def recorded(desk: Desk, ticket: Ticket, event: EventKind, at: datetime, actor: str = ADA, **fields) -> None:
    said: Fields = fields
    async with desk.store.begin() as tx:
        await tx.record(AuditEvent(event, actor, at, ticket.id, said))


async def replied(desk: Desk, ticket: Ticket, at: datetime, by: str = ADA, **measured) -> None:
    sent: Fields = {"send_id": str(uuid4()), "revision": 1}
    approval: Fields = {**sent, "content_hash": "h", "confirmed_flags": [], "agents_revision": 1, **measured}
    await recorded(desk, ticket, EventKind.APPROVED, at - timedelta(seconds=10), by, **approval)
    await desk.received(ticket, a_mail(), kind=MailKind.REPLY, at=at)
    await recorded(desk, ticket, EventKind.SENT, at, "agent", **sent)


async def closed(desk: Desk, ticket: Ticket, at: datetime, by: str = ADA) -> None:
    async with desk.store.begin() as tx:
        await tx.save(replace(await tx.ticket(ticket.id), status=Status.DONE))
    await recorded(desk, ticket, EventKind.CLOSED, at, by)


async def opened(desk: Desk, at: datetime, **changes) -> Ticket:
    ticket = await desk.opened(created_at=at, waiting_since=at, **changes)
    await mailed(desk, ticket, MailKind.CUSTOMER, at)
    return ticket


async def a_small_history(desk: Desk) -> None:
    """Three tickets over a weekend: one answered as drafted, one edited and reopened, one that waits."""
    first = await opened(desk, FRIDAY, category=Category.BILLING, language="de")
    await recorded(desk, first, EventKind.DRAFT_OFFERED, FRIDAY, "agent", revision=1, content_hash="h", written_by="m")
    await replied(desk, first, MONDAY + HOUR, unchanged=True, words=10, words_removed=0, words_added=0)
    await closed(desk, first, MONDAY + 2 * HOUR)
    second = await opened(desk, MONDAY, category=Category.SALES, language="en")
    await recorded(desk, second, EventKind.DRAFT_OFFERED, MONDAY, "agent", revision=1, content_hash="h", written_by="m")
    await replied(desk, second, MONDAY + 3 * HOUR, BO, unchanged=False, words=30, words_removed=4, words_added=6)
    await closed(desk, second, MONDAY + 3 * HOUR, BO)
    await recorded(desk, second, EventKind.REOPENED, MONDAY + 4 * HOUR, "sync")
    await mailed(desk, second, MailKind.CUSTOMER, MONDAY + 4 * HOUR)
    await closed(desk, second, MONDAY + 5 * HOUR, BO)
    await opened(desk, MONDAY + 2 * HOUR, status=Status.NEEDS_ACTION, category=Category.SALES)


async def test_volume_is_counted_by_week(desk):
    await a_small_history(desk)

    found = await counted(desk, "volume")

    assert found.rows == (("2026-02-23", 1, 0, 1, 0, 0), ("2026-03-02", 3, 2, 2, 3, 1))


async def test_a_first_response_after_the_weekend_took_business_hours_only(desk):
    await a_small_history(desk)

    found = await counted(desk, "first-response")

    # Friday 16 to 17 and Monday 9 to 10 are two hours; Monday 9 to 12 are three.
    assert found.rows == (("2026-02-23", 0, None, None), ("2026-03-02", 2, 2.0, 3.0))


async def test_a_resolution_runs_to_the_last_closing(desk):
    await a_small_history(desk)

    found = await counted(desk, "resolution")

    assert found.rows[1] == ("2026-03-02", 2, 3.0, 5.0)


async def test_drafts_are_counted_by_what_became_of_them(desk):
    await a_small_history(desk)

    found = await counted(desk, "drafts")

    assert found.rows == (
        ("2026-02-23", 1, 0, 0, 0, 0, None, None, None),
        ("2026-03-02", 1, 1, 1, 0, 0, 1.0, 0.5, 0.25),
    )


async def test_figures_are_counted_by_category_language_mailbox_and_operator(desk):
    await a_small_history(desk)

    assert (await counted(desk, "categories")).rows == (("sales", 3, 2, 1, 2, 0.0), ("billing", 1, 1, 1, 1, 1.0))
    assert (await counted(desk, "languages")).rows == (
        ("en", 2, 1, 1, 2, 0.0),
        ("de", 1, 1, 1, 1, 1.0),
        ("", 1, 1, 0, 0, None),
    )
    assert (await counted(desk, "mailboxes")).rows == (("support@helios.example", 4, 3, 2, 3, 0.5),)
    assert (await counted(desk, "operators")).rows == (("bo@example.org", 1, 2, 0.0), ("ada@example.org", 1, 1, 1.0))


async def test_filters_narrow_what_is_counted(desk):
    await a_small_history(desk)

    by_category = await counted(desk, "volume", Only(category="billing"))
    by_operator = await counted(desk, "volume", Only(operator=BO))
    elsewhere = await counted(desk, "first-response", Only(mailbox="else@helios.example"))

    assert by_category.rows[1] == ("2026-03-02", 0, 1, 0, 1, 0)
    assert by_operator.rows[1] == ("2026-03-02", 0, 1, 0, 2, 0)
    assert elsewhere.rows[1] == ("2026-03-02", 0, None, None)


async def test_the_backlog_is_counted_by_how_long_customers_wait(desk):
    await a_small_history(desk)  # the third ticket waits for eight hours

    found = await counted(desk, "backlog")

    assert [row[1] for row in found.rows] == [0, 1, 0, 0, 0, 0]


async def test_a_merge_moves_what_is_counted(desk):
    source, target = await opened(desk, FRIDAY), await opened(desk, MONDAY)
    before = await counted(desk, "volume")
    async with desk.store.begin() as tx:
        await tx.put_mails([message.id for message in await tx.messages(source.id)], source.id, target.id)
        await tx.save(replace(await tx.ticket(source.id), merged_into=target.id))
        for each in (source, target):
            merged: Fields = {"source": source.number, "into": target.number}
            await tx.record(AuditEvent(EventKind.MERGED, ADA, MONDAY, each.id, merged))

    found = await counted(desk, "volume")

    assert [row[3] for row in before.rows] == [1, 1]
    assert [row[1:4] for row in found.rows] == [(1, 0, 1), (1, 0, 0)]


async def test_counting_in_steps_and_again_gives_the_same(desk):
    await a_small_history(desk)
    counting = ReportCounting(desk.database)
    while await counting.step(2):
        pass
    once = [(await counted(desk, name)).rows for name in NAMES]
    await recorded(desk, await opened(desk, FRIDAY - 60 * 24 * HOUR), EventKind.ASSIGNED, MONDAY, assignee=None)

    again = [(await counted(desk, name)).rows for name in NAMES if name != "backlog"]

    assert again == [rows for name, rows in zip(NAMES, once, strict=True) if name != "backlog"]
    assert await SqlFigures(desk.database).behind() == 0


async def test_every_report_of_an_empty_desk_is_empty(desk):
    found = [await counted(desk, name) for name in NAMES]

    assert all(each.is_empty for each in found)


async def test_what_was_open_at_an_instant_is_told_afterwards(desk):
    await a_small_history(desk)
    await ReportCounting(desk.database).catch_up()

    instants = [FRIDAY, MONDAY, MONDAY + 2.5 * HOUR, MONDAY + 6 * HOUR]
    found = await SqlFigures(desk.database).open_at(instants)

    assert list(found) == [0, 1, 2, 1]
