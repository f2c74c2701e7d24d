"""Who looks at which ticket now."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence",
        sa.Column("page", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("is_editing", sa.Boolean(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_presence_ticket_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_presence_operator_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("page", name="pk_presence"),
    )
    op.create_index("ix_presence_expires_at", "presence", ["expires_at"])


def downgrade() -> None:
    op.drop_table("presence")
