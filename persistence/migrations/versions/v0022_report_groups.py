"""What reports group by stands beside each moment, so that a count reads one index and joins nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

GROUPS = {"mailbox": sa.Text(), "category": sa.String(40), "language": sa.Text()}
MOMENTS = sa.table("report_moments", sa.column("ticket_id"), *map(sa.column, GROUPS))
TICKETS = sa.table("tickets", sa.column("id"), *map(sa.column, GROUPS))
COUNTED = ["at", "kind", "by", *GROUPS, "words", "changed"]


def upgrade() -> None:
    for name, kind in GROUPS.items():
        op.add_column("report_moments", sa.Column(name, kind))
    for name in GROUPS:
        theirs = sa.select(TICKETS.c[name]).where(TICKETS.c.id == MOMENTS.c.ticket_id).scalar_subquery()
        op.execute(MOMENTS.update().values({name: theirs}))
    op.drop_index("ix_report_moments_at", "report_moments")
    op.create_index("ix_report_moments_counted", "report_moments", COUNTED)


def downgrade() -> None:
    op.drop_index("ix_report_moments_counted", "report_moments")
    op.create_index("ix_report_moments_at", "report_moments", ["at", "kind", "words", "changed"])
    for name in GROUPS:
        op.drop_column("report_moments", name)
