"""Measures everything once and prints each ratio beside its target."""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from entrypoints.log import configure
from tests.bench import bare_graph, our_desk, pages

TICKETS = 100


def main() -> None:
    configure("console", "error")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = asyncio.run(bare_graph.tickets_per_second(folder, TICKETS))
        ours = asyncio.run(our_desk.measure(folder, TICKETS))
        shown = asyncio.run(pages.measure(folder, 50))
    row("tickets/s through to sent, against the bare graph", ours.tickets_per_second / bare, "x", ">= 1.0")
    row("kB a ticket at rest (rows, raw mail, checkpoints)", ours.bytes_at_rest / 1000, "kB", "<= 10")
    row("kB a ticket when sent", ours.bytes_when_sent / 1000, "kB", "")
    row("board of 50 rows, CPU against the floor", shown.board / shown.floor, "x", "<= 40")
    row("ticket page, CPU against the floor", shown.ticket / shown.floor, "x", "<= 30")
    row("--help", help_seconds(), "s", "<= 1")


def help_seconds() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "entrypoints.cli", "--help"], check=True, capture_output=True)
    return time.perf_counter() - started


def row(what: str, value: float, unit: str, target: str) -> None:
    print(f"{what:52} {value:8.2f} {unit:3} {target}")


if __name__ == "__main__":
    main()
