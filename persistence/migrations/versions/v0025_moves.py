"""Merges and splits that can be undone; notes say which ticket they came from."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_STANDS = "undone_at IS NULL"
_INDEXES = (
    ("ix_moves_source", ["source", "at"], _STANDS, False),
    ("ix_moves_into", ["into", "at"], _STANDS, False),
    ("uq_moves_merged", ["source"], f"kind = 'merge' AND {_STANDS}", True),
    ("uq_moves_split", ["into"], f"kind = 'split' AND {_STANDS}", True),
)


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("source", sa.Uuid(), sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("into", sa.Uuid(), sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.Text()),
        sa.Column("undone_at", UtcDateTime()),
    )
    for name, columns, condition, is_unique in _INDEXES:
        where = sa.text(condition)
        op.create_index(name, "moves", columns, unique=is_unique, sqlite_where=where, postgresql_where=where)
    op.add_column("notes", sa.Column("came_from", sa.Uuid()))


def downgrade() -> None:
    op.drop_column("notes", "came_from")
    op.drop_table("moves")
