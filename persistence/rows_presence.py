"""The table of open pages. Its rows live for seconds; nothing refers to them and nothing is learnt from them."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, Uuid

from persistence.account_rows import metadata
from persistence.columns import UtcDateTime

presence: Final = Table(
    "presence",
    metadata,
    Column("page", String(40), primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("operator_id", Uuid, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
    Column("is_editing", Boolean, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_presence_expires_at", "expires_at"),
)
