"""What reaches standard output and standard error around every command."""

import os
import subprocess
import sys
from pathlib import Path

from tests.entrypoints.conftest import Console

ROOT = Path(__file__).resolve().parents[2]


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_word(console: Console) -> None:
    piped = "import os, sys, entrypoints.cli; sys.argv[1:] = ['guide', 'gmail']; entrypoints.cli.main()"
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-c", piped],
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        cwd=console.folder,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)

    assert done.returncode != 0, "the pipe was open"
    assert done.stderr == ""


def test_no_warning_of_googles_library_reaches_the_console() -> None:
    program = (
        "import entrypoints.cli, warnings\nimport googleapiclient.discovery\nwarnings.warn('of ours', FutureWarning)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "google.api_core" not in done.stderr
    assert "of ours" in done.stderr
