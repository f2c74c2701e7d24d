"""The table of first approvals: of replies that a second person has to approve, too."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Uuid

from persistence.account_rows import metadata
from persistence.columns import SafeText, UtcDateTime

first_approvals: Final = Table(
    "first_approvals",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("person_id", Uuid, nullable=False),  # no foreign key: who approved stays on record whatever becomes of them
    Column("actor", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
