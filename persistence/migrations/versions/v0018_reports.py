"""What the reports count, made from the record; counting begins with its first event, while the desk runs."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _ticket() -> sa.Column[object]:
    return sa.Column("ticket_id", sa.Uuid(), sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True)


def upgrade() -> None:
    op.create_table(
        "report_tickets",
        _ticket(),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime()),
        sa.Column("answered_by", sa.Text()),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("closed_by", sa.Text()),
    )
    for column in ("answered_at", "closed_at"):
        op.create_index(f"ix_report_tickets_{column}", "report_tickets", [column])
    op.create_table(
        "report_moments",
        _ticket(),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
    )
    op.create_index("ix_report_moments_at", "report_moments", ["at", "kind", "words", "changed"])
    op.create_table(
        "report_position",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
    )
    op.execute("INSERT INTO report_position (id, event_id) VALUES (1, 0)")


def downgrade() -> None:
    for table in ("report_position", "report_moments", "report_tickets"):
        op.drop_table(table)
