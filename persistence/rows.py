"""The tables. One truth for the queries here and for the migrations, which a test holds equal to it."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
    true,
)

from persistence.columns import Compressed, Json, SafeText, UtcDateTime

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# Conditions that queries state word for word: only then do partial indexes serve them.
OURS: Final = "status IN ('NEW', 'NEEDS_ACTION') AND snoozed_until IS NULL"
ANSWERED: Final = "status = 'WAITING_OTHERS' AND snoozed_until IS NULL"


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows for which `where` holds, on both databases."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


# --- mailboxes and mail --------------------------------------------------------------------------------------------

mailboxes: Final = Table(
    "mailboxes",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("address", Text, nullable=False),
    Column("address_key", Text, nullable=False, unique=True),
    Column("settings", Json, nullable=False),
    Column("cursor", Text),
    Column("state", String(40), nullable=False),
    Column("detail", Text),
    Column("state_since", UtcDateTime),
    Column("last_ok_at", UtcDateTime),
    Column("refresh_token", LargeBinary),  # sealed, see `sealing`
    Column("progress", Json),  # of a long listing: done, total, since
    Column("send_as", SafeText),
    Column("signature", SafeText, nullable=False, server_default=""),
    Column("watch_until", UtcDateTime),
    Column("paused_at", UtcDateTime),
    Column("paused_by", Text),
)

blobs: Final = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", Compressed, nullable=False),
)

# `content` holds the parts of a parsed mail that no query asks for, packed (see `packing`).
mails: Final = Table(
    "mails",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("mailbox_id", Uuid, ForeignKey("mailboxes.id"), nullable=False),
    Column("ticket_id", Uuid, ForeignKey("tickets.id")),
    Column("kind", String(20), nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("provider_thread_id", Text),
    Column("message_id", SafeText, nullable=False),
    Column("sender_address", SafeText, nullable=False),
    Column("subject", SafeText, nullable=False),
    Column("content", Compressed, nullable=False),
    Column("attachments", Integer, nullable=False),
    Column("raw_sha256", String(64), ForeignKey("blobs.sha256"), nullable=False),
    Column("is_gone", Boolean, nullable=False),
    UniqueConstraint("mailbox_id", "provider_id"),
    UniqueConstraint("mailbox_id", "message_id"),
    Index("ix_mails_ticket_id_at", "ticket_id", "at", "id"),
    Index("ix_mails_message_id", "message_id"),
    partial_index(
        "ix_mails_provider_thread", "mailbox_id", "provider_thread_id", where="provider_thread_id IS NOT NULL"
    ),
)

attachments: Final = Table(
    "attachments",
    metadata,
    Column("mail_id", Uuid, ForeignKey("mails.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("filename", SafeText, nullable=False),
    Column("content_type", SafeText, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), ForeignKey("blobs.sha256"), nullable=False),
    Column("content_id", SafeText),
    Column("is_inline", Boolean, nullable=False),
)

quarantine: Final = Table(
    "quarantine",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("mailbox_id", Uuid, ForeignKey("mailboxes.id"), nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("size", Integer, nullable=False),
    Column("raw_sha256", String(64), ForeignKey("blobs.sha256"), nullable=False),
    Column("provider_thread_id", Text),
    Column("is_sent", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("mailbox_id", "provider_id"),
    Index("ix_quarantine_received_at", "received_at"),
)

skipped_mails: Final = Table(
    "skipped_mails",
    metadata,
    Column("mailbox_id", Uuid, ForeignKey("mailboxes.id"), primary_key=True),
    Column("provider_id", Text, primary_key=True),
    Column("reason", SafeText, nullable=False),
    Column("is_final", Boolean, nullable=False, server_default=true()),
)

# Every mail a mailbox gave us, counted before anything else is done with it: each must be found in one place.
received_mails: Final = Table(
    "received_mails",
    metadata,
    Column("mailbox_id", Uuid, ForeignKey("mailboxes.id"), primary_key=True),
    Column("provider_id", Text, primary_key=True),
    Column("day", String(10), nullable=False),  # UTC, as in 2026-11-20
    Index("ix_received_mails_mailbox_id_day", "mailbox_id", "day"),
)

# Addresses that refused our mail. A new mail from one clears it.
bounced_addresses: Final = Table(
    "bounced_addresses",
    metadata,
    Column("address_key", SafeText, primary_key=True),
    Column("is_permanent", Boolean, nullable=False),
    Column("reason", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

# --- tickets -------------------------------------------------------------------------------------------------------

tickets: Final = Table(
    "tickets",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("mailbox_id", Uuid, ForeignKey("mailboxes.id"), nullable=False),
    Column("mailbox", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("subject", SafeText, nullable=False),
    Column("requester_name", SafeText, nullable=False),
    Column("requester_address", SafeText, nullable=False),
    Column("search_text", SafeText, nullable=False),  # what `q` looks in, case-folded
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime, nullable=False),
    Column("work_seq", Integer, nullable=False),
    Column("settled_seq", Integer, nullable=False),
    Column("snippet", SafeText, nullable=False),
    Column("category", String(40)),
    Column("priority", String(40)),
    Column("sentiment", String(40)),
    Column("language", SafeText),
    Column("summary", SafeText),
    Column("confidence", Float),
    Column("assignee", SafeText),
    Column("notice", SafeText),
    Column("stopped", Boolean, nullable=False),
    Column("is_leaving", Boolean, nullable=False),
    # kept in step by the store, so that a board is one select over one table
    Column("mails", Integer, nullable=False),
    Column("sender_failed", Boolean, nullable=False),
    Column("draft_revision", Integer, nullable=False),
    Column("has_draft", Boolean, nullable=False),
    Column("open_flags", Integer, nullable=False),
    # the ticket's work: when it is due, and a version that rises with every request for it
    Column("work_at", UtcDateTime),
    Column("work_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", SafeText),
    Column("merged_into", Uuid),  # of other tickets; no foreign keys: SQLite cannot add them to a table in use
    Column("follows", Uuid),
    Column("first_approved_by", SafeText),  # of two; the approval itself is in `first_approvals`
    Column("snoozed_until", UtcDateTime),  # far away for one that waits for the customer's answer
    Column("snoozed_by", SafeText),
    Column("came_back", String(20)),
    Column("tags", Json, nullable=False, server_default="[]"),  # to be shown; what is searched is `ticket_tags`
    Column("spoken_at", UtcDateTime),  # when a person last wrote
    Index("ix_tickets_status_waiting_since", "status", "waiting_since", "id"),
    Index("ix_tickets_status_updated_at", "status", "updated_at", "id"),
    Index("ix_tickets_updated_at", "updated_at", "id"),
    partial_index("ix_tickets_work_at", "work_at", "id", where="work_at IS NOT NULL"),
    Index("ix_tickets_has_draft", "has_draft", "id"),
    partial_index("ix_tickets_follows", "follows", "number", where="follows IS NOT NULL"),
    Index("ix_tickets_category_number", "category", "number"),
    partial_index("ix_tickets_snoozed_until", "snoozed_until", "id", where="snoozed_until IS NOT NULL"),
    partial_index("ix_tickets_ours", "assignee", "waiting_since", "id", where=OURS),
    partial_index("ix_tickets_nobodys", "waiting_since", "id", where=f"assignee IS NULL AND {OURS}"),
    partial_index("ix_tickets_silent", "spoken_at", "id", where=ANSWERED),
    # What is done piles up for years; the other boards stay short enough to be read through.
    partial_index("ix_tickets_done_assignee", "assignee", "updated_at", "id", where="status = 'DONE'"),
    partial_index("ix_tickets_done_category", "category", "updated_at", "id", where="status = 'DONE'"),
    partial_index("ix_tickets_done_priority", "priority", "updated_at", "id", where="status = 'DONE'"),
    partial_index("ix_tickets_done_mailbox", "mailbox", "updated_at", "id", where="status = 'DONE'"),
    partial_index("ix_tickets_done_language", "language", "updated_at", "id", where="status = 'DONE'"),
)

ticket_participants: Final = Table(
    "ticket_participants",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("address_key", SafeText, primary_key=True),
    Index("ix_ticket_participants_address_key", "address_key", "ticket_id"),
)

triages: Final = Table(
    "triages",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("work_seq", Integer, primary_key=True),
    Column("content", Json, nullable=False),
)

plans: Final = Table(
    "plans",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("work_seq", Integer, primary_key=True),
    Column("content", Json, nullable=False),
)

drafts: Final = Table(
    "drafts",
    metadata,
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("made_for", String(80), nullable=False),
    Column("work_seq", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("subject", SafeText, nullable=False),
    Column("body", SafeText, nullable=False),
    Column("to", Json, nullable=False),
    Column("cc", Json, nullable=False),
    Column("written_by", SafeText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sources", Json, nullable=False),
    Column("flags", Json, nullable=False),
    Column("needs_human", Boolean, nullable=False),
    Column("note", SafeText),
    Column("bcc", Json, nullable=False, server_default="[]"),
    Column("signature", SafeText, nullable=False, server_default=""),
    Column("quote", SafeText, nullable=False, server_default=""),
    Column("attachments", Json, nullable=False, server_default="[]"),
    Column("sender", Json),
    Column("prompt", SafeText),
    UniqueConstraint("ticket_id", "made_for"),
)

decisions: Final = Table(
    "decisions",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("revision", Integer),
    Column("actor", SafeText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("feedback", SafeText),
    Column("state", String(20), nullable=False),
    Column("reason", SafeText),
    Index("ix_decisions_ticket_id_created_at", "ticket_id", "created_at"),
)

outbox: Final = Table(
    "outbox",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("decision_id", Uuid, ForeignKey("decisions.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("mailbox_id", Uuid, ForeignKey("mailboxes.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("work_seq", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("mime", Compressed, nullable=False),
    Column("message_id", SafeText, nullable=False, index=True),
    Column("to", Json, nullable=False),
    Column("approved_by", SafeText, nullable=False),
    Column(
        "approved_seq", Integer, nullable=False
    ),  # rises with every approval of the ticket: the newest is the latest
    Column("provider_thread_id", Text),
    Column("remote_draft_id", Text),
    Column("claim", Text),
    Column("claim_until", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("unknown_since", UtcDateTime),
    Column("detail", SafeText),
    Column("sent_at", UtcDateTime),
    Column("cc", Json, nullable=False, server_default="[]"),
    Column("bcc", Json, nullable=False, server_default="[]"),
    Column("sender", SafeText, nullable=False, server_default=""),
    Column("is_tidy", Boolean, nullable=False, server_default=false()),
    Index("ix_outbox_ticket_id_approved_seq", "ticket_id", "approved_seq"),
    partial_index("ix_outbox_untidy", "mailbox_id", "id", where="NOT is_tidy"),
    partial_index(
        "uq_outbox_live_revision",
        "ticket_id",
        "revision",
        where="state NOT IN ('CANCELLED', 'FAILED')",
        unique=True,
    ),
)

# --- the record and the counts -------------------------------------------------------------------------------------

audit_events: Final = Table(
    "audit_events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("chain", String(36), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("actor", SafeText, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ticket_id", Uuid),
    Column("fields", Json),
    Column("hash", String(64), nullable=False),
    Column("seal", String(64)),  # over what stands here since names were taken out; `hash` stays that of the original
    UniqueConstraint("chain", "seq"),
)

counters: Final = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# One row. Every transaction that moves a count or records an event ends by updating it, which puts the ends of
# transactions in one order: the ids of audit events rise in the order in which they become visible.
tallies: Final = Table(
    "tallies",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="single"), primary_key=True, autoincrement=False),
    Column("new", Integer, nullable=False),
    Column("needs_action", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("leaving", Integer, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("snoozed", Integer, nullable=False, server_default="0"),
)
