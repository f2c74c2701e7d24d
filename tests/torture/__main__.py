"""`python -m tests.torture`: kill, count, print the table, write var/torture/latest.json.

Exit code 1 when a mail was lost or doubled, or something was stuck or left behind. `--latest` runs nothing and goes on
with the last report, for `--markdown` and `--docs`.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from tests.torture.kills import EVERY, targets
from tests.torture.report import Report, into_docs, outcomes_from
from tests.torture.rounds import Outcome
from tests.torture.run import Plan, Progress, torture

FOLDER: Final = Path("var/torture")
LATEST: Final = FOLDER / "latest.json"
ROUNDS: Final = FOLDER / "rounds.jsonl"
DOCS: Final = Path("docs/reliability.md")


def main() -> int:
    """Run or read, then show."""
    asked = _asked()
    if asked.latest:
        report = Report.read(LATEST)
    else:
        report = _run(asked)
        LATEST.write_text(json.dumps(report.json(), indent=1), encoding="utf-8")
    print(report.markdown() if asked.markdown else report.text())
    if asked.docs:
        into_docs(report, DOCS)
    return 0 if report.is_clean else 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="draws the same kills again")
    parser.add_argument("--point", choices=EVERY, help="only there")
    parser.add_argument("--desks", type=int, default=2, help="how many desks are tortured side by side")
    parser.add_argument("--database-url", action="append", default=[], help="an empty PostgreSQL database for a desk")
    parser.add_argument("--resume", action="store_true", help=f"carry on with the run that {ROUNDS} tells of")
    parser.add_argument("--latest", action="store_true", help=f"run nothing: show {LATEST}")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--docs", action="store_true", help=f"write the table into {DOCS}")
    return parser.parse_args()


def _run(asked: argparse.Namespace) -> Report:
    seed, earlier = _earlier() if asked.resume and ROUNDS.exists() else (asked.seed, [])
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not earlier:
        ROUNDS.unlink(missing_ok=True)
    wanted = Counter({asked.point: asked.kills}) if asked.point else targets(asked.kills)
    wanted -= Counter(death.point for outcome in earlier for death in outcome.deaths)
    print(
        f"seed {seed}, {asked.kills} kills, {sum(len(outcome.deaths) for outcome in earlier)} of them done", flush=True
    )
    progress = Progress(asked.kills, seed, ROUNDS, earlier)
    with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as folder:
        plan = Plan(wanted, random.Random(seed + len(earlier)))
        return torture(Path(folder), plan, progress, desks=asked.desks, database_urls=asked.database_url)


def _earlier() -> tuple[int, list[Outcome]]:
    """The rounds of a run that was broken off, and its seed."""
    kept = [json.loads(line) for line in ROUNDS.read_text(encoding="utf-8").splitlines()]
    seeds = [outcome.pop("seed") for outcome in kept]
    return (seeds[0] if seeds else 0), outcomes_from(kept)


if __name__ == "__main__":
    sys.exit(main())
