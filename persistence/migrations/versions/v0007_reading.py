"""The language and the time zone that an operator reads in."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operators", sa.Column("language", sa.String(length=20), nullable=False, server_default=""))
    op.add_column("operators", sa.Column("time_zone", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("operators", "time_zone")
    op.drop_column("operators", "language")
