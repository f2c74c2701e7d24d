"""What forgetting by the clock needs: bytes of dismissed mail with their day, and a record of each run."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from persistence.columns import Json, UtcDateTime
from persistence.rows import metadata

# A blob is never deleted for being here: only when besides nothing refers to it.
dismissed_bytes: Final = Table(
    "dismissed_bytes",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_dismissed_bytes_at", "at"),
)

retention_runs: Final = Table(
    "retention_runs",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("counts", Json),
)
