"""The tables of people, their logins and tokens, and of the leases that processes hold."""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table, Text, Uuid

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata, partial_index

__all__ = [
    "failed_logins",
    "leases",
    "metadata",
    "one_time_secrets",
    "operators",
    "recovery_codes",
    "sessions",
    "tokens",
]

operators: Final = Table(
    "operators",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("email", SafeText, nullable=False),
    Column("email_key", SafeText, nullable=False, unique=True),
    Column("name", SafeText, nullable=False),
    Column("role", String(20), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("signature", SafeText, nullable=False, server_default=""),
    Column("language", String(20), nullable=False, server_default=""),
    Column("time_zone", String(64), nullable=False, server_default=""),
    Column("disabled_at", UtcDateTime),
    Column("google_sub", Text),  # which Google account signs in here, from its first time on
    Column("totp_secret", LargeBinary),  # sealed
    Column("totp_since", UtcDateTime),  # empty while the secret was shown but no code of it was entered
    Column("totp_step", BigInteger, nullable=False, server_default="0"),  # of the last code that was used
)

sessions: Final = Table(
    "sessions",
    metadata,
    Column("id_hash", String(64), primary_key=True),
    Column("operator_id", Uuid, ForeignKey("operators.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("device", SafeText, nullable=False, server_default=""),
    Column("address", SafeText, nullable=False, server_default=""),
)

# Links and steps that work once: invitations, new passwords, the second step of a login, Google's answer.
one_time_secrets: Final = Table(
    "one_time_secrets",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("purpose", String(20), nullable=False),
    Column("about", SafeText, nullable=False),
    Column("fields", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index("ix_one_time_secrets_purpose_about", "purpose", "about"),
)

recovery_codes: Final = Table(
    "recovery_codes",
    metadata,
    Column("operator_id", Uuid, ForeignKey("operators.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
)

failed_logins: Final = Table(
    "failed_logins",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_failed_logins_key_at", "key", "at"),
)

tokens: Final = Table(
    "tokens",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", SafeText, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    Column("owner_id", Uuid),
    Column("last_used_at", UtcDateTime),
    partial_index("uq_tokens_live_name", "name", where="revoked_at IS NULL", unique=True),
)

leases: Final = Table(
    "leases",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("owner", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)
