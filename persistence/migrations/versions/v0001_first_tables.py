"""The first tables.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _audit_events()
    _blobs()
    _counters()
    _failed_logins()
    _leases()
    _mailboxes()
    _operators()
    _tallies()
    _tokens()
    _quarantine()
    _sessions()
    _skipped_mails()
    _tickets()
    _decisions()
    _drafts()
    _mails()
    _plans()
    _ticket_participants()
    _triages()
    _attachments()
    _outbox()
    # What there is exactly one of begins at nothing.
    op.execute("INSERT INTO counters (name, value) VALUES ('ticket_number', 0)")
    op.execute(
        "INSERT INTO tallies (id, new, needs_action, waiting, done, leaving, events) VALUES (1, 0, 0, 0, 0, 0, 0)"
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


_TABLES = (
    "audit_events",
    "blobs",
    "counters",
    "failed_logins",
    "leases",
    "mailboxes",
    "operators",
    "tallies",
    "tokens",
    "quarantine",
    "sessions",
    "skipped_mails",
    "tickets",
    "decisions",
    "drafts",
    "mails",
    "plans",
    "ticket_participants",
    "triages",
    "attachments",
    "outbox",
)


def _audit_events() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ticket_id", sa.Uuid()),
        sa.Column("fields", sa.Text()),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sa.UniqueConstraint("chain", "seq", name="uq_audit_events_chain_seq"),
    )


def _blobs() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_blobs"),
    )


def _counters() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _failed_logins() -> None:
    op.create_table(
        "failed_logins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failed_logins"),
    )
    op.create_index("ix_failed_logins_key_at", "failed_logins", ["key", "at"])


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


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


def _operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operators"),
        sa.UniqueConstraint("email_key", name="uq_operators_email_key"),
    )


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("needs_action", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("leaving", sa.Integer(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tallies"),
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime()),
        sa.Column("revoked_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("secret_sha256", name="uq_tokens_secret_sha256"),
    )
    op.create_index(
        "uq_tokens_live_name",
        "tokens",
        ["name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
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


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("operator_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["operator_id"], ["operators.id"], name="fk_sessions_operator_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_operator_id", "sessions", ["operator_id"])


def _skipped_mails() -> None:
    op.create_table(
        "skipped_mails",
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_skipped_mails_mailbox_id"),
        sa.PrimaryKeyConstraint("mailbox_id", "provider_id", name="pk_skipped_mails"),
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
    op.create_index(
        "ix_tickets_has_draft",
        "tickets",
        ["id"],
        sqlite_where=sa.text("has_draft"),
        postgresql_where=sa.text("has_draft"),
    )
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


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_plans_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "work_seq", name="pk_plans"),
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


def _triages() -> None:
    op.create_table(
        "triages",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("work_seq", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_triages_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "work_seq", name="pk_triages"),
    )


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
