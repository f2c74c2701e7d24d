"""Forgetting by the clock: bytes of dismissed mail, runs, and events whose names were taken out."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from persistence.columns import Json, UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_events", sa.Column("seal", sa.String(64)))
    dismissed = op.create_table(
        "dismissed_bytes",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_dismissed_bytes_at", "dismissed_bytes", ["at"])
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.Column("counts", Json()),
    )
    # What was dismissed before has left bytes that no mail, file or quarantine names.
    blobs = sa.table("blobs", sa.column("sha256", sa.String(64)))
    named: list[sa.Select[tuple[str]]] = [
        sa.select(sa.column(column)).select_from(sa.table(table))
        for table, column in (("mails", "raw_sha256"), ("attachments", "sha256"), ("quarantine", "raw_sha256"))
    ]
    orphans = sa.select(blobs.c.sha256, sa.literal(datetime.now(UTC), UtcDateTime()))
    for names in named:
        orphans = orphans.where(blobs.c.sha256.not_in(names))
    op.execute(sa.insert(dismissed).from_select(["sha256", "at"], orphans))


def downgrade() -> None:
    op.drop_table("retention_runs")
    op.drop_table("dismissed_bytes")
    op.drop_column("audit_events", "seal")
