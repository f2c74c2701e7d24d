"""Mailboxes, mail and tickets."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "mailboxes",
    "blobs",
    "tickets",
    "mails",
    "attachments",
    "quarantine",
    "skipped_mails",
    "ticket_participants",
)


def upgrade() -> None:
    _mailboxes()
    _blobs()
    _tickets()
    _mails()
    _attachments()
    _quarantine()
    _skipped_mails()
    _ticket_participants()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _mailboxes() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text()),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("state_since", UtcDateTime()),
        sa.Column("last_ok_at", UtcDateTime()),
        sa.Column("refresh_token", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_mailboxes"),
        sa.UniqueConstraint("address_key", name="uq_mailboxes_address_key"),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blobs"),
    )


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("requester_name", sa.Text(), nullable=False),
        sa.Column("requester_address", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("waiting_since", UtcDateTime(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("settled_seq", sa.Integer(), nullable=False),
        sa.Column("snippet", sa.Text(), nullable=False),
        sa.Column("category", sa.String(length=40)),
        sa.Column("priority", sa.String(length=40)),
        sa.Column("sentiment", sa.String(length=40)),
        sa.Column("language", sa.Text()),
        sa.Column("summary", sa.Text()),
        sa.Column("confidence", sa.Float()),
        sa.Column("assignee", sa.Text()),
        sa.Column("notice", sa.Text()),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("is_leaving", sa.Boolean(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("sender_failed", sa.Boolean(), nullable=False),
        sa.Column("draft_revision", sa.Integer(), nullable=False),
        sa.Column("has_draft", sa.Boolean(), nullable=False),
        sa.Column("open_flags", sa.Integer(), nullable=False),
        sa.Column("work_at", UtcDateTime()),
        sa.Column("work_version", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_tickets_mailbox_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tickets"),
        sa.UniqueConstraint("number", name="uq_tickets_number"),
    )
    op.create_index("ix_tickets_has_draft", "tickets", ["has_draft", "id"])
    op.create_index("ix_tickets_status_updated_at", "tickets", ["status", "updated_at", "id"])
    op.create_index("ix_tickets_status_waiting_since", "tickets", ["status", "waiting_since", "id"])
    op.create_index("ix_tickets_updated_at", "tickets", ["updated_at", "id"])
    op.create_index(
        "ix_tickets_work_at",
        "tickets",
        ["work_at", "id"],
        sqlite_where=sa.text("work_at IS NOT NULL"),
        postgresql_where=sa.text("work_at IS NOT NULL"),
    )


def _mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid()),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("provider_thread_id", sa.Text()),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sender_address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("attachments", sa.Integer(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_mails_mailbox_id"),
        sa.ForeignKeyConstraint(["raw_sha256"], ["blobs.sha256"], name="fk_mails_raw_sha256"),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_mails_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mails"),
        sa.UniqueConstraint("mailbox_id", "message_id", name="uq_mails_mailbox_id_message_id"),
        sa.UniqueConstraint("mailbox_id", "provider_id", name="uq_mails_mailbox_id_provider_id"),
    )
    op.create_index("ix_mails_message_id", "mails", ["message_id"])
    op.create_index(
        "ix_mails_provider_thread",
        "mails",
        ["mailbox_id", "provider_thread_id"],
        sqlite_where=sa.text("provider_thread_id IS NOT NULL"),
        postgresql_where=sa.text("provider_thread_id IS NOT NULL"),
    )
    op.create_index("ix_mails_ticket_id_at", "mails", ["ticket_id", "at", "id"])


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("mail_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_id", sa.Text()),
        sa.Column("is_inline", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name="fk_attachments_mail_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name="fk_attachments_sha256"),
        sa.PrimaryKeyConstraint("mail_id", "position", name="pk_attachments"),
    )


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_quarantine_mailbox_id"),
        sa.ForeignKeyConstraint(["raw_sha256"], ["blobs.sha256"], name="fk_quarantine_raw_sha256"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("mailbox_id", "provider_id", name="uq_quarantine_mailbox_id_provider_id"),
    )
    op.create_index("ix_quarantine_received_at", "quarantine", ["received_at"])


def _skipped_mails() -> None:
    op.create_table(
        "skipped_mails",
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_skipped_mails_mailbox_id"),
        sa.PrimaryKeyConstraint("mailbox_id", "provider_id", name="pk_skipped_mails"),
    )


def _ticket_participants() -> None:
    op.create_table(
        "ticket_participants",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name="fk_ticket_participants_ticket_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "address_key", name="pk_ticket_participants"),
    )
