"""Drafts keep the version of the instructions the model had."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("drafts", sa.Column("prompt", sa.Text()))


def downgrade() -> None:
    op.drop_column("drafts", "prompt")
