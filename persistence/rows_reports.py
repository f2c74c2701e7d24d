"""The tables of the reports: what `tickets.reporting` makes of each ticket's record, and how far it was read."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Uuid

from persistence.columns import SafeText, UtcDateTime
from persistence.rows import metadata

report_tickets: Final = Table(
    "report_tickets",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", SafeText),
    Column("closed_at", UtcDateTime),
    Column("closed_by", SafeText),
    Index("ix_report_tickets_answered_at", "answered_at"),
    Index("ix_report_tickets_closed_at", "closed_at"),
)

report_moments: Final = Table(
    "report_moments",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", SafeText),
    Column("words", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    # What the ticket was when it was counted.
    Column("mailbox", SafeText),
    Column("category", String(40)),
    Column("language", SafeText),
    # All that is counted of moments, so that a report reads nothing but this.
    Index("ix_report_moments_counted", "at", "kind", "by", "mailbox", "category", "language", "words", "changed"),
)

# One row: the last event on record whose ticket is counted.
report_position: Final = Table(
    "report_position",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("event_id", BigInteger, nullable=False),
)
