"""A desk in one process for every test of the agent."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agent.world import World, a_world


@pytest.fixture
async def world(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    """A fresh desk without mail."""
    desk_file = tmp_path / "desk.db"
    shutil.copy(sqlite_template, desk_file)
    async with a_world(desk_file) as opened:
        yield opened
