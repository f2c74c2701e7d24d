"""Operators' unsaved texts, and the ways to a customer's other tickets and to those of the same kind."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work_copies",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("around", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_work_copies_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("owner", "ticket_id", name="pk_work_copies"),
    )
    op.create_index("ix_work_copies_ticket_id", "work_copies", ["ticket_id"])
    op.create_index("ix_ticket_participants_address_key", "ticket_participants", ["address_key", "ticket_id"])
    op.create_index("ix_tickets_category_number", "tickets", ["category", "number"])


def downgrade() -> None:
    op.drop_index("ix_tickets_category_number", "tickets")
    op.drop_index("ix_ticket_participants_address_key", "ticket_participants")
    op.drop_table("work_copies")
