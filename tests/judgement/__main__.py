"""Print all figures: `python -m tests.judgement DIR`."""

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from tests.judgement import sorting
from tests.judgement.personal import personal_data
from tests.judgement.stream import stream

Figures = Callable[[Path], Iterable[str]]


def main() -> None:
    """Section by section, as soon as it is known."""
    parser = argparse.ArgumentParser(prog="python -m tests.judgement")
    parser.add_argument("folder", type=Path, help="holds intents/*.jsonl")
    folder = parser.parse_args().folder
    with_default = {"taught": sorting.by_likeness, "name": "default"}
    sections: dict[str, Figures] = {
        "Banking77: right of the texts of the test split": partial(sorting.few_examples, **with_default),
        "CLINC150: texts that are about nothing known": partial(sorting.outside, **with_default),
        "Cost of a judgement": partial(sorting.cost, **with_default),
        "A stream of mails, each decided and learned": stream,
        "Personal data that redaction takes out": personal_data,
    }
    for title, figures in sections.items():
        print(f"\n{title}")
        for line in figures(folder):
            print(line, flush=True)


if __name__ == "__main__":
    main()
