"""The tables of notes that colleagues leave each other, and of the calls that notes and assignments make."""

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint, Uuid

from persistence.account_rows import metadata
from persistence.columns import SafeText, UtcDateTime
from persistence.rows import partial_index

notes: Final = Table(
    "notes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("author", SafeText, nullable=False),
    Column("text", SafeText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("came_from", Uuid),  # of tickets; no foreign key: SQLite cannot add one to a table in use
    Index("ix_notes_ticket_id_created_at", "ticket_id", "created_at", "id"),
)

mentions: Final = Table(
    "mentions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("operator_id", Uuid, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("note_id", Uuid, ForeignKey("notes.id", ondelete="CASCADE")),
    Column("kind", String(20), nullable=False),
    Column("by", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("read_at", UtcDateTime),
    UniqueConstraint("note_id", "operator_id"),
    Index("ix_mentions_operator_id_at", "operator_id", "at", "id"),
    Index("ix_mentions_ticket_id", "ticket_id"),
    partial_index("ix_mentions_unread", "operator_id", "at", "id", where="read_at IS NULL"),
)
