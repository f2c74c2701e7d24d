"""The table of examples: what operators decided about mails, without personal data."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, String, Table, Uuid

from persistence.columns import SafeText, UtcDateTime
from persistence.rows import metadata, partial_index

TEACHES: Final = "is_resorted OR outcome = 'approved'"
COUNTER: Final = "example"  # the row of `counters` that numbers them

examples: Final = Table(
    "examples",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("work_seq", Integer, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("category", String(40), nullable=False),
    Column("language", SafeText, nullable=False),
    Column("question", SafeText, nullable=False),
    Column("answer", SafeText, nullable=False),
    Column("proposed", String(40)),
    Column("confidence", Float),
    Column("outcome", String(20), nullable=False),
    Column("is_edited", Boolean, nullable=False),
    Column("is_resorted", Boolean, nullable=False),
    Column("actor", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    partial_index("ix_examples_teaching", "number", where=TEACHES),
)
