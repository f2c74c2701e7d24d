"""`make schemathesis`: the long run, with every phase and many examples."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.openapi.desk import SEED, busy_desk, try_all


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, busy_desk(Path(folder) / "desk") as (service, token):
        tried = try_all(service.url, token, Path(folder), examples=asked.examples, phases=asked.phases, seed=asked.seed)
        faults = [line for line in service.lines if "request_failed" in line]
    print(tried.said)
    print("\n".join(faults))
    sys.exit(tried.code)


if __name__ == "__main__":
    main()
