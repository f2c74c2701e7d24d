"""The tables of webhooks out, and of what is to be posted to them."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, Uuid

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata, partial_index

webhooks: Final = Table(
    "webhooks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("url", Text, nullable=False),
    Column("events", Json, nullable=False),
    Column("secret", LargeBinary, nullable=False),  # sealed, see `sealing`
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("disabled_at", UtcDateTime),
    Column("format", String(20), nullable=False, server_default="standard"),
)

webhook_deliveries: Final = Table(
    "webhook_deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("webhook_id", Uuid, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("payload", Json, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    Column("status", Integer),
    Column("error", SafeText),
    Column("delivered_at", UtcDateTime),
    Column("claim", Text),
    Column("claim_until", UtcDateTime),
    Index("ix_webhook_deliveries_webhook_id_created_at", "webhook_id", "created_at"),
    partial_index("ix_webhook_deliveries_due", "next_at", "id", where="state = 'pending'"),
)
