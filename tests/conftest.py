"""Fixtures for every test."""

from tests.databases import (
    database,
    database_url,
    empty_database_url,
    postgres_server,
    sqlite_template,
)

__all__ = ["database", "database_url", "empty_database_url", "postgres_server", "sqlite_template"]
