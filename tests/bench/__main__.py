"""Measures everything once and prints each ratio beside its target. QUICK=1 takes desks of a hundredth of the size."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from entrypoints.log import configure
from tests.bench import bare_graph, boards, our_desk, pages, reports, search
from tests.bench.large_desk import in_folder

TICKETS = 100
SHRUNK = 100 if os.environ.get("QUICK") == "1" else 1
SEARCHED = REPORTED = 100_000 // SHRUNK
SMALL, LARGE = 1_000, 1_000_000 // SHRUNK


def main() -> None:
    configure("console", "error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = asyncio.run(bare_graph.tickets_per_second(folder, TICKETS))
        ours = asyncio.run(our_desk.measure(folder, TICKETS))
        shown = asyncio.run(pages.measure(folder, 50))
        found = asyncio.run(search.on_sqlite(folder, SEARCHED))
        counted = asyncio.run(reports.measure(in_folder(folder, "reports"), REPORTED))
        small = asyncio.run(boards.measure(in_folder(folder, "small"), SMALL))
        large = asyncio.run(boards.measure(in_folder(folder, "large"), LARGE))
    row("tickets/s through to sent, against the bare graph", ours.tickets_per_second / bare, "x", ">= 1.0")
    row("kB a ticket at rest (rows, raw mail, checkpoints)", ours.bytes_at_rest / 1000, "kB", "<= 10")
    row("kB a ticket when sent", ours.bytes_when_sent / 1000, "kB", "")
    row("board of 50 rows, CPU against the floor", shown.board / shown.floor, "x", "<= 40")
    row("ticket page, CPU against the floor", shown.ticket / shown.floor, "x", "<= 30")
    for asked, cpu in found.cpu.items():
        row(f"search at {SEARCHED:,}, {asked}, CPU against the floor", cpu / shown.floor, "x", "<= 100")
    row(f"ten reports at {REPORTED:,}, twelve weeks", counted.twelve_weeks, "s", "<= 2")
    row(f"ten reports at {REPORTED:,}, two years", counted.two_years, "s", "")
    row(f"weekly digest at {REPORTED:,}", counted.digest, "s", "<= 2")
    for board, cpu in large.items():
        row(f"board {board} at {LARGE:,} against {SMALL:,}", cpu / small[board], "x", "<= 1.5")
    row("--help", help_seconds(), "s", "<= 1")


def help_seconds() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "entrypoints.cli", "--help"], check=True, capture_output=True)
    return time.perf_counter() - started


def row(what: str, value: float, unit: str, target: str) -> None:
    print(f"{what:64} {value:8.2f} {unit:3} {target}")


if __name__ == "__main__":
    main()
