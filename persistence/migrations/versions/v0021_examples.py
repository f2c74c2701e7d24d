"""Examples: what operators decided about mails, to learn from."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import SafeText, UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "examples",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("language", SafeText(), nullable=False),
        sa.Column("question", SafeText(), nullable=False),
        sa.Column("answer", SafeText(), nullable=False),
        sa.Column("proposed", sa.String(length=40)),
        sa.Column("confidence", sa.Float()),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("is_edited", sa.Boolean(), nullable=False),
        sa.Column("is_resorted", sa.Boolean(), nullable=False),
        sa.Column("actor", SafeText(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_examples_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "work_seq", name="pk_examples"),
        sa.UniqueConstraint("number", name="uq_examples_number"),
    )
    teaching = sa.text("is_resorted OR outcome = 'approved'")
    op.create_index("ix_examples_teaching", "examples", ["number"], sqlite_where=teaching, postgresql_where=teaching)
    counters = sa.table("counters", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "example", "value": 0}])


def downgrade() -> None:
    op.drop_table("examples")
    op.execute("DELETE FROM counters WHERE name = 'example'")
