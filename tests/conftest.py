"""Fixtures for every test."""

import os

from hypothesis import settings

from tests.databases import (
    database,
    database_url,
    empty_database_url,
    postgres_server,
    sqlite_template,
)

__all__ = ["database", "database_url", "empty_database_url", "postgres_server", "sqlite_template"]

# The suite tries the same examples each time, so that a red run is a changed product; HYPOTHESIS_PROFILE=explore looks
# for new ones.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
