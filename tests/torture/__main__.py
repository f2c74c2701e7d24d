"""Run the torture: `python -m tests.torture --kills 200 --seed 7`; exit code 1 when anything went wrong."""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.recovery.scene import new_home
from tests.torture.rounds import POINTS, RANDOM, Outcome, Plan, World, play

REPORT = Path("var/torture/latest.json")


def main() -> int:
    """Kill, count, print the table, write the report."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture")
    parser.add_argument("--kills", type=int, default=2 * len(POINTS), help="how many rounds, one kill each")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="for the same rounds again")
    parser.add_argument("--database-url", help="an empty PostgreSQL database; SQLite otherwise")
    asked = parser.parse_args()

    print(f"seed {asked.seed}, {asked.kills} kills")
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        home = new_home(Path(folder), asked.database_url)
        world = World(home, home.maildir(), home.token())
        outcomes = list(_played(world, asked.kills, random.Random(asked.seed)))
        doubled_at_the_end = sum(times > 1 for times in world.answers().values())

    print(_table(outcomes))
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    report = {"seed": asked.seed, "doubled_at_the_end": doubled_at_the_end, "rounds": [asdict(o) for o in outcomes]}
    REPORT.write_text(json.dumps(report, indent=1), encoding="utf-8")
    is_clean = not doubled_at_the_end and not any(o.lost or o.doubled or o.stuck for o in outcomes)
    print(f"{'Nothing lost, doubled or stuck' if is_clean else 'NOT CLEAN'}; every round is in {REPORT}")
    return 0 if is_clean else 1


def _played(world: World, kills: int, draw: random.Random) -> Iterator[Outcome]:
    """Every point in turn, with one process and with two, in an order drawn anew each time round."""
    plans = [(point, processes) for point in (*POINTS, RANDOM, RANDOM, RANDOM) for processes in (1, 2)]
    left: list[tuple[str, int]] = []
    for number in range(kills):
        left = left or draw.sample(plans, len(plans))
        outcome = play(world, Plan.drawn(*left.pop(), draw))
        print(f"{number + 1:4} {_line(outcome)}", flush=True)
        yield outcome


def _line(outcome: Outcome) -> str:
    plan = outcome.plan
    said = f"{plan.point}:{plan.passage}, {plan.processes} process(es), answered after {outcome.seconds:.1f} s"
    wrong = f"  LOST {outcome.lost} DOUBLED {outcome.doubled} STUCK {outcome.stuck}"
    is_wrong = outcome.lost or outcome.doubled or outcome.stuck
    return said + ("" if outcome.was_reached else " (point not reached)") + (wrong if is_wrong else "")


def _table(outcomes: Sequence[Outcome]) -> str:
    lines = [f"{'point':22} {'kills':>5} {'missed':>6} {'lost':>5} {'doubled':>7} {'stuck':>5} {'slowest':>8}"]
    for point in POINTS:
        mine = [outcome for outcome in outcomes if outcome.plan.point == point]
        if mine:
            lost, doubled = sum(o.lost for o in mine), sum(o.doubled for o in mine)
            missed = sum(not o.was_reached for o in mine)  # the other process had done all the work before
            stuck, slowest = sum(o.stuck for o in mine), max(o.seconds for o in mine)
            lines.append(f"{point:22} {len(mine):>5} {missed:>6} {lost:>5} {doubled:>7} {stuck:>5} {slowest:>6.1f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
