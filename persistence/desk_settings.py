"""The sections of the settings: stored whole as JSON, compared and set by version, kept by each process."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, cast

import msgspec
from sqlalchemy import Row, select, update

from persistence.engine import Database, DatabaseFault
from persistence.rows import tallies
from persistence.rows_settings import desk_settings
from persistence.unit import Unit, unit_of_work
from tickets.audit import AuditEvent, EventKind, Fields
from tickets.desk_settings import Change, S, Section, StaleSettings, Stored
from tickets.errors import BadInput
from tickets.people import Actor

_DAMAGED: Final = "The stored settings '{}' cannot be read by this version. Update the desk, or save that page anew."


class SqlDeskSettings:
    """The port DeskSettings. `defaults` are what the environment says where nobody has changed anything."""

    def __init__(self, database: Database, defaults: Iterable[Section] = ()) -> None:
        self._database = database
        self._defaults: Mapping[type[Section], Section] = {type(each): each for each in defaults}
        self._seen_at: int | None = None
        self._kept: dict[type[Section], Section] = {}

    async def read(self, section: type[S]) -> S:
        """From memory while nothing was recorded anywhere in the desk since it was read."""
        async with self._database.read() as connection:
            # The count of events is read first: whatever is read after it is at least as new.
            events = (await connection.execute(select(tallies.c.events))).scalar_one()
            if events != self._seen_at:
                self._kept, self._seen_at = {}, events
            kept = self._kept
            if section not in kept:
                kept[section] = self._unpacked(section, (await connection.execute(_row_of(section))).first()).value
        return cast(S, kept[section])

    async def stored(self, section: type[S]) -> Stored[S]:
        """Read afresh, for a form."""
        async with self._database.read() as connection:
            return self._unpacked(section, (await connection.execute(_row_of(section))).first())

    async def write(self, *changes: Change[Section], by: Actor, now: datetime) -> None:
        """All or nothing, on record; what says nothing new is not written. Raises StaleSettings."""
        async with unit_of_work(self._database) as unit:
            for change in changes:
                await self._write(unit, change, by, now)

    async def _write(self, unit: Unit, change: Change[Section], by: Actor, now: datetime) -> None:
        section = type(change.value)
        row = (await unit.connection.execute(_row_of(section).with_for_update())).first()
        stored = self._unpacked(section, row)
        if stored.version != change.version:
            raise StaleSettings(stored.version)
        changed = [
            each.name
            for each in fields(cast(Any, section))
            if getattr(change.value, each.name) != getattr(stored.value, each.name)
        ]
        if not changed:
            return
        values = {
            "version": change.version + 1,
            "content": msgspec.to_builtins(change.value),
            "changed_by": by.name,
            "changed_at": now,
        }
        await _put(unit, section.section, change.version, values)
        said: Fields = {"section": section.section, "version": change.version + 1, "changed": changed}
        unit.events.append(AuditEvent(EventKind.SETTINGS_CHANGED, by.name, now, fields=said))

    def _unpacked(self, section: type[S], row: Row[Any] | None) -> Stored[S]:
        if row is None:
            return Stored(cast(S, self._defaults.get(section) or section()))
        try:
            value = msgspec.convert(row.content, section)
        except (msgspec.ValidationError, BadInput) as error:
            raise DatabaseFault(_DAMAGED.format(section.section)) from error
        return Stored(value, row.version, row.changed_by, row.changed_at)


def _row_of(section: type[Section]) -> Any:
    return select(desk_settings).where(desk_settings.c.section == section.section)


async def _put(unit: Unit, key: str, version: int, values: dict[str, Any]) -> None:
    """Compare and set: the row of that version, or none yet, becomes these values."""
    write: Any
    if version:
        is_that = (desk_settings.c.section == key) & (desk_settings.c.version == version)
        write = update(desk_settings).where(is_that).values(values)
    else:
        put = unit.upsert(desk_settings).values({"section": key, **values})
        write = put.on_conflict_do_nothing(index_elements=["section"])
    if (await unit.connection.execute(write.returning(desk_settings.c.section))).first() is None:
        raise StaleSettings(version + 1)
