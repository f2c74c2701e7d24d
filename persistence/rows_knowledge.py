"""The tables of the company's knowledge: what each article says now, and everything it ever said."""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table

from persistence.columns import Json, SafeText, UtcDateTime
from persistence.rows import metadata

articles: Final = Table(
    "articles",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("is_retired", Boolean, nullable=False),
)

article_revisions: Final = Table(
    "article_revisions",
    metadata,
    Column("article_id", String(80), ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("title", SafeText, nullable=False),
    Column("body", SafeText, nullable=False),
    Column("category", String(40), nullable=False),
    Column("language", String(20), nullable=False),
    Column("is_macro", Boolean, nullable=False),
    Column("keywords", Json, nullable=False),
    Column("changed_by", SafeText, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
