"""A closed ticket finds the one that carries it on."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_IS_SET = sa.text("follows IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_tickets_follows",
        "tickets",
        ["follows", "number"],
        sqlite_where=_IS_SET,
        postgresql_where=_IS_SET,
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_follows", "tickets")
