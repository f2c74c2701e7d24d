"""What the agent wrote, what operators decided, what leaves."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "triages",
    "plans",
    "drafts",
    "decisions",
    "outbox",
)


def upgrade() -> None:
    _triages()
    _plans()
    _drafts()
    _decisions()
    _outbox()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _triages() -> None:
    op.create_table(
        "triages",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_triages_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "work_seq", name="pk_triages"),
    )


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_plans_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "work_seq", name="pk_plans"),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_for", sa.String(length=80), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("cc", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("needs_human", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_drafts_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "revision", name="pk_drafts"),
        sa.UniqueConstraint("ticket_id", "made_for", name="uq_drafts_ticket_id_made_for"),
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("feedback", sa.Text()),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_decisions_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_ticket_id_created_at", "decisions", ["ticket_id", "created_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime()),
        sa.Column("mime", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_seq", sa.Integer(), nullable=False),
        sa.Column("provider_thread_id", sa.Text()),
        sa.Column("remote_draft_id", sa.Text()),
        sa.Column("claim", sa.Text()),
        sa.Column("claim_until", UtcDateTime()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unknown_since", UtcDateTime()),
        sa.Column("detail", sa.Text()),
        sa.Column("sent_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.id"], name="fk_outbox_decision_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_outbox_mailbox_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_outbox_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("decision_id", name="uq_outbox_decision_id"),
    )
    op.create_index("ix_outbox_message_id", "outbox", ["message_id"])
    op.create_index("ix_outbox_ticket_id_approved_seq", "outbox", ["ticket_id", "approved_seq"])
    op.create_index(
        "uq_outbox_live_revision",
        "outbox",
        ["ticket_id", "revision"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('CANCELLED', 'FAILED')"),
        postgresql_where=sa.text("state NOT IN ('CANCELLED', 'FAILED')"),
    )
