"""The table of requests that carried an Idempotency-Key."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, Uuid, false

from persistence.columns import Compressed, Json, UtcDateTime
from persistence.rows import metadata

request_keys: Final = Table(
    "request_keys",
    metadata,
    Column("token_id", Uuid, primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("claimant", Text, nullable=False),
    Column("claim_until", UtcDateTime, nullable=False),
    Column("is_written", Boolean, nullable=False, server_default=false()),  # set in the transaction of the effect
    Column("status", Integer),  # of the answer; empty while there is none
    Column("headers", Json),
    Column("body", Compressed),
    Index("ix_request_keys_created_at", "created_at"),
)
