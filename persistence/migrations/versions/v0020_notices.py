"""Notices that customers wait, the waits that were told, and webhooks of chat rooms."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("format", sa.String(20), nullable=False, server_default="standard"))
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("after_min", sa.Integer()),
        sa.Column("webhooks", sa.Integer(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text()),
        sa.Column("shows_subjects", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime()),
        sa.Column("error", sa.Text()),
        sa.Column("sent_at", UtcDateTime()),
        sa.Column("draft_id", sa.Text()),
        sa.Column("claim", sa.Text()),
        sa.Column("claim_until", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
    )
    op.create_index("ix_notices_at", "notices", ["at", "id"])
    due = sa.text("state IN ('pending', 'sending')")
    op.create_index("ix_notices_due", "notices", ["next_at", "id"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "told_waits",
        sa.Column("ticket_id", sa.Uuid(), sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("waiting_since", UtcDateTime(), primary_key=True),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_told_waits_notice_id", "told_waits", ["notice_id"])
    op.create_index("ix_told_waits_told_at", "told_waits", ["told_at"])


def downgrade() -> None:
    op.drop_table("told_waits")
    op.drop_table("notices")
    op.drop_column("webhooks", "format")
