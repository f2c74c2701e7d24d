"""The tables of notices that customers wait: each notice with its mail, and which waits were told."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata, partial_index

notices: Final = Table(
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("tickets", Integer, nullable=False),
    Column("after_min", Integer),
    Column("webhooks", Integer, nullable=False),
    Column("recipients", Json, nullable=False),
    Column("sender", Text),
    Column("shows_subjects", Boolean, nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    Column("error", SafeText),
    Column("sent_at", UtcDateTime),
    Column("draft_id", Text),
    Column("claim", Text),
    Column("claim_until", UtcDateTime),
    Index("ix_notices_at", "at", "id"),
    partial_index("ix_notices_due", "next_at", "id", where="state IN ('pending', 'sending')"),
)

# A wait that is here was told. The notice may be forgotten before the wait is over: no foreign key.
told_waits: Final = Table(
    "told_waits",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("waiting_since", UtcDateTime, primary_key=True),
    Column("notice_id", Uuid, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Index("ix_told_waits_notice_id", "notice_id"),
    Index("ix_told_waits_told_at", "told_at"),
)
