"""One double for all tests of this folder; every test has an account and a database of its own."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from entrypoints.gmail_double.running import RunningDouble
from tests.gmail_sync.desk import Desk, a_desk


@pytest.fixture(scope="package")
def gmail() -> Iterator[RunningDouble]:
    with RunningDouble() as running:
        yield running


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> Path:
    """A migrated database."""
    return Path(shutil.copy(sqlite_template, tmp_path / "desk.db"))


@pytest.fixture
async def desk(gmail: RunningDouble, file: Path) -> AsyncIterator[Desk]:
    async with a_desk(gmail, file) as made:
        yield made
    gmail.double.rotate_refresh_tokens(False)
