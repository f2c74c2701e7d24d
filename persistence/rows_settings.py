"""The table of what administrators set on the settings pages."""

from typing import Final

from sqlalchemy import Column, Integer, String, Table

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata

desk_settings: Final = Table(
    "desk_settings",
    metadata,
    Column("section", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("changed_by", SafeText, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
