"""Since when, and by whom, nothing is fetched from a mailbox."""

import sqlalchemy as sa
from alembic import op

from persistence.columns import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailboxes", sa.Column("paused_at", UtcDateTime()))
    op.add_column("mailboxes", sa.Column("paused_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("mailboxes", "paused_by")
    op.drop_column("mailboxes", "paused_at")
