"""The table of what operators are typing."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, Table, Uuid

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata

work_copies: Final = Table(
    "work_copies",
    metadata,
    Column("owner", SafeText, primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("revision", Integer, nullable=False),
    Column("subject", SafeText, nullable=False),
    Column("body", SafeText, nullable=False),
    Column("around", Json, nullable=False),
    Column("version", Integer, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
