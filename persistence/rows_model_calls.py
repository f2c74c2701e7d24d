"""The table of calls to language models: what each cost, never what was said."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text, Uuid

from persistence.columns import SafeText, UtcDateTime
from persistence.rows import metadata

model_calls: Final = Table(
    "model_calls",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("ticket_id", Uuid),  # None for a call that somebody tried; no foreign key: costs outlive tickets
    Column("step", String(20), nullable=False),
    Column("model", SafeText, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("cost_nano", BigInteger, nullable=False),  # billionths of the budget's currency, so that sums are exact
    Column("currency", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Index("ix_model_calls_at", "at"),
    Index("ix_model_calls_ticket_id", "ticket_id"),
)
