"""Disabled operators, Google accounts, second factors, links that work once, and where sessions and tokens are used."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _added() -> dict[str, list[sa.Column[object]]]:
    """New columns, by their table. All may be empty or have defaults: rows from before stay as they are."""
    return {
        "operators": [
            sa.Column("disabled_at", UtcDateTime()),
            sa.Column("google_sub", sa.Text()),
            sa.Column("totp_secret", sa.LargeBinary()),
            sa.Column("totp_since", UtcDateTime()),
            sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"),
        ],
        "sessions": [
            sa.Column("device", sa.Text(), nullable=False, server_default=""),
            sa.Column("address", sa.Text(), nullable=False, server_default=""),
        ],
        "tokens": [sa.Column("owner_id", sa.Uuid()), sa.Column("last_used_at", UtcDateTime())],
    }


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "one_time_secrets",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="pk_one_time_secrets"),
    )
    op.create_index("ix_one_time_secrets_purpose_about", "one_time_secrets", ["purpose", "about"])
    op.create_table(
        "recovery_codes",
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["operators.id"], name="fk_recovery_codes_operator_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("operator_id", "code_hash", name="pk_recovery_codes"),
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("one_time_secrets")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
