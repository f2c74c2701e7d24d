"""Notes between colleagues, and the calls that notes and assignments make."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edited_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_notes_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_notes"),
    )
    op.create_index("ix_notes_ticket_id_created_at", "notes", ["ticket_id", "created_at", "id"])
    op.create_table(
        "mentions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("note_id", sa.Uuid()),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_mentions_operator_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_mentions_ticket_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name="fk_mentions_note_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_mentions"),
        sa.UniqueConstraint("note_id", "operator_id", name="uq_mentions_note_id_operator_id"),
    )
    op.create_index("ix_mentions_operator_id_at", "mentions", ["operator_id", "at", "id"])
    op.create_index("ix_mentions_ticket_id", "mentions", ["ticket_id"])
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_mentions_unread", "mentions", ["operator_id", "at", "id"], sqlite_where=unread, postgresql_where=unread
    )


def downgrade() -> None:
    op.drop_table("mentions")
    op.drop_table("notes")
