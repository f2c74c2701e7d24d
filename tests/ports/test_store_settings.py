"""What administrators set, on both databases: typed, versioned, on record, and read by every process at once."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest
from sqlalchemy import event as database_event
from sqlalchemy import update

from persistence.desk_settings import SqlDeskSettings
from persistence.engine import Database, DatabaseFault, open_database
from persistence.record import first_break
from persistence.rows_settings import desk_settings
from tests.ports.store_builders import NOW
from tickets.categories import SHIPPED
from tickets.desk_settings import (
    BusinessHours,
    Change,
    FollowUp,
    ModelBudget,
    Price,
    Retention,
    Section,
    ServiceLevels,
    StaleSettings,
    Target,
    TwoPerson,
)
from tickets.people import Actor
from tickets.status import Status
from tickets.waiting import Notifications

ADA = Actor("operator:ada@helios.example")

SET: list[Section] = [
    TwoPerson(("billing", "warranty"), Decimal("99.90")),
    FollowUp(None),
    BusinessHours("Europe/Berlin", (0, 5), time(8, 30), time(), (date(2026, 12, 24),)),
    ServiceLevels({"urgent": Target(30)}, {"billing": Target(None, 90)}),
    Retention(365),
    ModelBudget(Decimal("2.5"), "EUR", {"large": Price(Decimal("0.15"), Decimal("0.60"))}),
    SHIPPED.added("Battery take-back", "recycling").retired("warranty"),
    Notifications(15, ("team@helios.example",), "support@helios.example", statuses=(Status.NEW,)),
]


@pytest.fixture
def settings(database: Database) -> SqlDeskSettings:
    return SqlDeskSettings(database)


async def put(settings: SqlDeskSettings, value: Section, version: int = 0) -> None:
    await settings.write(Change(value, version), by=ADA, now=NOW)


@pytest.mark.parametrize("value", SET, ids=lambda value: value.section)
async def test_a_section_is_read_as_it_was_written(settings: SqlDeskSettings, value: Section) -> None:
    await put(settings, value)

    stored = await settings.stored(type(value))

    assert await settings.read(type(value)) == value
    assert (stored.value, stored.version, stored.changed_by, stored.changed_at) == (value, 1, ADA.name, NOW)


async def test_a_section_that_nobody_changed_is_its_default(settings: SqlDeskSettings, database: Database) -> None:
    from_environment = SqlDeskSettings(database, [Retention(30)])

    assert await settings.read(Retention) == Retention(None)
    assert await from_environment.read(Retention) == Retention(30)
    assert (await from_environment.stored(Retention)).version == 0


async def test_who_was_second_changes_nothing_and_learns_the_version(settings: SqlDeskSettings) -> None:
    await put(settings, Retention(30))
    await put(settings, Retention(60), version=1)

    for version in (0, 1, 3):
        with pytest.raises(StaleSettings) as caught:
            await put(settings, Retention(90), version)
        assert caught.value.version == 2

    assert await settings.read(Retention) == Retention(60)


async def test_several_sections_change_together_or_not_at_all(settings: SqlDeskSettings) -> None:
    await put(settings, Retention(30))

    with pytest.raises(StaleSettings):
        await settings.write(Change(FollowUp(3), 0), Change(Retention(60), 0), by=ADA, now=NOW)

    assert await settings.read(FollowUp) == FollowUp()


async def test_a_change_is_on_record_with_the_fields_that_changed(
    settings: SqlDeskSettings, database: Database
) -> None:
    seen: list[str] = []
    await put(settings, replace(BusinessHours(), zone="Europe/Berlin", days=(0, 1)))
    engine = database.writer.sync_engine
    database_event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))

    await put(settings, replace(BusinessHours(), zone="Europe/Berlin", days=(0, 1)), version=1)

    assert await first_break(database) is None
    assert (await settings.stored(BusinessHours)).version == 1
    assert not [statement for statement in seen if "audit_events" in statement], "nothing changed: nothing to record"


async def test_another_process_reads_the_change_at_once(database: Database, database_url: str) -> None:
    here, elsewhere = SqlDeskSettings(database), open_database(database_url)
    there = SqlDeskSettings(elsewhere)
    before = await there.read(Retention)

    await put(here, Retention(7))
    after = await there.read(Retention)
    await elsewhere.close()

    assert (before, after) == (Retention(), Retention(7))


async def test_what_was_read_is_not_read_again_while_nothing_happens(
    settings: SqlDeskSettings, database: Database
) -> None:
    await settings.read(ServiceLevels)
    seen: list[str] = []
    engine = database.reader.sync_engine
    database_event.listen(engine, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))

    await settings.read(ServiceLevels)

    assert not [statement for statement in seen if "desk_settings" in statement]


@pytest.mark.parametrize("content", [{"closed_after_days": "soon"}, {"closed_after_days": -1}])
async def test_what_this_version_cannot_read_is_a_fault_that_names_the_page(
    settings: SqlDeskSettings, database: Database, content: dict[str, object]
) -> None:
    await put(settings, Retention(7))
    async with database.write() as connection:
        await connection.execute(update(desk_settings).values(content=content))

    with pytest.raises(DatabaseFault, match="retention"):
        await settings.stored(Retention)
