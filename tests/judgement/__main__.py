"""Print all figures: `python -m tests.judgement DIR`."""

import argparse
from pathlib import Path

from tests.judgement import sorting


def main() -> None:
    """Section by section, as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.judgement")
    parser.add_argument("folder", type=Path, help="holds intents/*.jsonl")
    folder = parser.parse_args().folder
    sections = {
        "Banking77, right of the texts of the test split": sorting.few_examples,
        "CLINC150, texts that are about nothing known": sorting.outside,
        "Cost": sorting.cost,
    }
    for title, figures in sections.items():
        print(f"\n{title}")
        for line in figures(folder, sorting.by_likeness, "default"):
            print(line, flush=True)


if __name__ == "__main__":
    main()
