"""A kill between any two HTTP calls loses and doubles nothing."""

import shutil
from pathlib import Path

import pytest

from entrypoints.gmail_double.running import RunningDouble
from tests.gmail_sync.desk import a_desk
from tests.gmail_sync.kills import COURSES, Course, killed_after

MOST_CALLS = 200


@pytest.mark.parametrize("course", COURSES, ids=[course.name for course in COURSES])
async def test_a_kill_after_any_call_loses_and_doubles_nothing(
    gmail: RunningDouble, sqlite_template: Path, tmp_path: Path, course: Course
) -> None:
    kills = 0
    for call in range(1, MOST_CALLS):
        file = tmp_path / f"{call}.db"
        shutil.copy(sqlite_template, file)
        async with a_desk(gmail, file) as desk:
            was_killed = await killed_after(desk, course, call)

            found = desk.count()
            assert (found.lost, found.doubled, desk.unanswered()) == (0, 0, 0), f"killed after call {call}"
        file.unlink()
        if not was_killed:
            break
        kills += 1

    assert 6 <= kills < MOST_CALLS - 1, "every call of the sync was once the last one"
