"""What is done is found by its priority as by its category, however much of it there is."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

DONE = sa.text("status = 'DONE'")


def upgrade() -> None:
    columns = ["priority", "updated_at", "id"]
    op.create_index("ix_tickets_done_priority", "tickets", columns, sqlite_where=DONE, postgresql_where=DONE)


def downgrade() -> None:
    op.drop_index("ix_tickets_done_priority", "tickets")
