"""The tables of the boards: tags, saved views, and how many tickets each person has to deal with."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, Uuid

from persistence.columns import SafeText, UtcDateTime
from persistence.rows import metadata

ticket_tags: Final = Table(
    "ticket_tags",
    metadata,
    Column("tag", SafeText, primary_key=True),
    Column("ticket_id", Uuid, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_ticket_tags_ticket_id", "ticket_id"),
)

# Every tag that was ever used, and on how many tickets it is.
tags: Final = Table(
    "tags",
    metadata,
    Column("name", SafeText, primary_key=True),
    Column("uses", Integer, nullable=False),
)

# Tickets that it is our turn on, by the address of who has them; "" for those that nobody has. Kept by the
# transactions that move them, like `tallies`.
burdens: Final = Table(
    "burdens",
    metadata,
    Column("assignee", SafeText, primary_key=True),
    Column("tickets", Integer, nullable=False),
)

board_views: Final = Table(
    "board_views",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("owner", SafeText, nullable=False),
    Column("name", SafeText, nullable=False),
    Column("name_key", SafeText, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("board", String(40), nullable=False),
    Column("query", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("uq_board_views_owner_name_key", "owner", "name_key", unique=True),
    Index("ix_board_views_is_shared", "is_shared"),
)
