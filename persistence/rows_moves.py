"""The table of merges and splits: what was moved, and how the tickets stood before."""

from typing import Final

from sqlalchemy import Column, ForeignKey, String, Table, Uuid

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata, partial_index

STANDS: Final = "undone_at IS NULL"

# `content` holds what no query asks for. A ticket that is erased takes its moves along.
moves: Final = Table(
    "moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("source", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("into", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("by", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("content", Json, nullable=False),
    Column("undone_by", SafeText),
    Column("undone_at", UtcDateTime),
    partial_index("ix_moves_source", "source", "at", where=STANDS),
    partial_index("ix_moves_into", "into", "at", where=STANDS),
    # However many try at once, a ticket is emptied by one merge and opened by one split.
    partial_index("uq_moves_merged", "source", where=f"kind = 'merge' AND {STANDS}", unique=True),
    partial_index("uq_moves_split", "into", where=f"kind = 'split' AND {STANDS}", unique=True),
)
