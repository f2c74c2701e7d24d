"""Progress, what was received, bounced addresses, merged tickets, and all that a reply can carry."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _added() -> dict[str, list[sa.Column[object]]]:
    """New columns, by their table. All have defaults: rows from before stay as they are."""
    return {
        "mailboxes": [
            sa.Column("progress", sa.Text()),
            sa.Column("send_as", sa.Text()),
            sa.Column("signature", sa.Text(), nullable=False, server_default=""),
            sa.Column("watch_until", UtcDateTime()),
        ],
        "quarantine": [
            sa.Column("provider_thread_id", sa.Text()),
            sa.Column("is_sent", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
        "skipped_mails": [sa.Column("is_final", sa.Boolean(), nullable=False, server_default=sa.true())],
        "tickets": [sa.Column("merged_into", sa.Uuid()), sa.Column("follows", sa.Uuid())],
        "drafts": [
            sa.Column("bcc", sa.Text(), nullable=False, server_default="[]"),
            sa.Column("signature", sa.Text(), nullable=False, server_default=""),
            sa.Column("quote", sa.Text(), nullable=False, server_default=""),
            sa.Column("attachments", sa.Text(), nullable=False, server_default="[]"),
            sa.Column("sender", sa.Text()),
        ],
        "outbox": [
            sa.Column("cc", sa.Text(), nullable=False, server_default="[]"),
            sa.Column("bcc", sa.Text(), nullable=False, server_default="[]"),
            sa.Column("sender", sa.Text(), nullable=False, server_default=""),
            sa.Column("is_tidy", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
        "operators": [sa.Column("signature", sa.Text(), nullable=False, server_default="")],
    }


def upgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    untidy = sa.text("NOT is_tidy")
    op.create_index("ix_outbox_untidy", "outbox", ["mailbox_id", "id"], sqlite_where=untidy, postgresql_where=untidy)
    _received_mails()
    _bounced_addresses()


def downgrade() -> None:
    op.drop_table("bounced_addresses")
    op.drop_table("received_mails")
    op.drop_index("ix_outbox_untidy", "outbox")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)


def _received_mails() -> None:
    op.create_table(
        "received_mails",
        sa.Column("mailbox_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailboxes.id"], name="fk_received_mails_mailbox_id"),
        sa.PrimaryKeyConstraint("mailbox_id", "provider_id", name="pk_received_mails"),
    )
    op.create_index("ix_received_mails_mailbox_id_day", "received_mails", ["mailbox_id", "day"])


def _bounced_addresses() -> None:
    op.create_table(
        "bounced_addresses",
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("is_permanent", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address_key", name="pk_bounced_addresses"),
    )
