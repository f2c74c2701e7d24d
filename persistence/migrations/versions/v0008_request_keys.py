"""Requests that carried an Idempotency-Key, with their answers."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_keys",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("claimant", sa.Text(), nullable=False),
        sa.Column("claim_until", UtcDateTime(), nullable=False),
        sa.Column("is_written", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.Text()),
        sa.Column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("token_id", "key_hash", name="pk_request_keys"),
    )
    op.create_index("ix_request_keys_created_at", "request_keys", ["created_at"])


def downgrade() -> None:
    op.drop_table("request_keys")
