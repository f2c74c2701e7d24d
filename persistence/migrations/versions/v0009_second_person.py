"""First approvals of replies that two people approve."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_approvals",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_first_approvals_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_first_approvals"),
    )
    op.add_column("tickets", sa.Column("first_approved_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("tickets", "first_approved_by")
    op.drop_table("first_approvals")
