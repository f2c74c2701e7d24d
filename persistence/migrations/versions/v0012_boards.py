"""Tags, snoozes, saved views, and the counts of what each person has to deal with."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OURS = "status IN ('NEW', 'NEEDS_ACTION') AND snoozed_until IS NULL"
_INDEXES = (
    ("ix_tickets_snoozed_until", ["snoozed_until", "id"], "snoozed_until IS NOT NULL"),
    ("ix_tickets_ours", ["assignee", "waiting_since", "id"], _OURS),
    ("ix_tickets_nobodys", ["waiting_since", "id"], f"assignee IS NULL AND {_OURS}"),
    ("ix_tickets_silent", ["spoken_at", "id"], "status = 'WAITING_OTHERS' AND snoozed_until IS NULL"),
    ("ix_tickets_done_assignee", ["assignee", "updated_at", "id"], "status = 'DONE'"),
    ("ix_tickets_done_category", ["category", "updated_at", "id"], "status = 'DONE'"),
    ("ix_tickets_done_mailbox", ["mailbox", "updated_at", "id"], "status = 'DONE'"),
    ("ix_tickets_done_language", ["language", "updated_at", "id"], "status = 'DONE'"),
)


def _added() -> list[sa.Column[object]]:
    return [
        sa.Column("snoozed_until", UtcDateTime()),
        sa.Column("snoozed_by", sa.Text()),
        sa.Column("came_back", sa.String(length=20)),
        sa.Column("tags", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("spoken_at", UtcDateTime()),
    ]


def upgrade() -> None:
    for column in _added():
        op.add_column("tickets", column)
    op.add_column("tallies", sa.Column("snoozed", sa.Integer(), nullable=False, server_default="0"))
    _tags()
    _views()
    _burdens()
    op.execute(
        "UPDATE tickets SET spoken_at = (SELECT max(mails.at) FROM mails "
        "WHERE mails.ticket_id = tickets.id AND mails.kind NOT IN ('automatic', 'bounce'))"
    )
    for name, columns, where in _INDEXES:
        condition = sa.text(where)
        op.create_index(name, "tickets", columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    for name, _, _ in _INDEXES:
        op.drop_index(name, "tickets")
    for table in ("board_views", "burdens", "tags", "ticket_tags"):
        op.drop_table(table)
    op.drop_column("tallies", "snoozed")
    for column in _added():
        op.drop_column("tickets", column.name)


def _tags() -> None:
    op.create_table(
        "ticket_tags",
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_ticket_tags_ticket_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tag", "ticket_id", name="pk_ticket_tags"),
    )
    op.create_index("ix_ticket_tags_ticket_id", "ticket_tags", ["ticket_id"])
    op.create_table(
        "tags",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_tags"),
    )


def _views() -> None:
    op.create_table(
        "board_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("board", sa.String(length=40), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_board_views"),
    )
    op.create_index("uq_board_views_owner_name_key", "board_views", ["owner", "name_key"], unique=True)
    op.create_index("ix_board_views_is_shared", "board_views", ["is_shared"])


def _burdens() -> None:
    """Counted once, here; from now on every transaction keeps them."""
    op.create_table(
        "burdens",
        sa.Column("assignee", sa.Text(), nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("assignee", name="pk_burdens"),
    )
    op.execute(
        "INSERT INTO burdens (assignee, tickets) SELECT coalesce(assignee, ''), count(*) FROM tickets "
        "WHERE status IN ('NEW', 'NEEDS_ACTION') AND NOT is_leaving GROUP BY coalesce(assignee, '')"
    )
