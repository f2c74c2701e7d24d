"""CA_CRASH_AT: a test ends a process at a named point, as SIGKILL would."""

import signal
import subprocess
import sys
from collections.abc import Sequence

import pytest

PASS_BY = """
import sys
from entrypoints.crash import crasher
crash = crasher(sys.argv[1])
for point in sys.argv[2:]:
    crash(point)
    print(point, flush=True)
"""


def passing(point: str, *reached: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PASS_BY, point, *reached]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize(
    ("point", "reached", "before"),
    [
        ("submitted", ["drafted", "submitted", "stored"], ["drafted"]),
        ("submitted:2", ["submitted", "stored", "submitted", "stored"], ["submitted", "stored"]),
    ],
)
def test_the_process_is_killed_at_its_point(point: str, reached: Sequence[str], before: Sequence[str]) -> None:
    process = passing(point, *reached)

    said, _ = process.communicate(timeout=60)

    assert said.split() == before
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", ["", "elsewhere", "submitted:3"])
def test_without_its_point_the_process_goes_on(point: str) -> None:
    process = passing(point, "submitted", "submitted", "stored")

    said, _ = process.communicate(timeout=60)

    assert said.split() == ["submitted", "submitted", "stored"]
    assert process.returncode == 0


def test_a_holding_process_says_so_and_stands_still() -> None:
    process = passing("hold:submitted", "drafted", "submitted", "stored")
    assert process.stdout is not None

    said = [process.stdout.readline() for _ in range(2)]
    still_there = process.poll() is None
    process.kill()
    rest, _ = process.communicate()

    assert said == ["drafted\n", "holding at submitted\n"]
    assert (still_there, rest) == (True, "")
