"""`python -m entrypoints.gmail_double --port 0 --ledger FILE`: the double as a process of its own."""

import argparse
from pathlib import Path

from entrypoints.gmail_double.server import run


def main() -> None:
    parser = argparse.ArgumentParser(prog="gmail_double", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8025, help="0 takes a free one")
    parser.add_argument("--address", default="support@helios.example")
    parser.add_argument("--ledger", type=Path, help="append one JSON line for each mail sent")
    parser.add_argument("--seed", help="a number of made-up mails, or a folder of .eml files")
    parser.add_argument("--units-per-minute", type=int, help="count Gmail quota units (real: 6000)")
    run(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
