"""Several `communication-agent` commands one after the other in one process, because each start takes seconds.

Reads `[[words, stdin], ...]` as JSON from standard input; prints the list of their outputs. Not a test.
"""

import json
import sys

from click.testing import CliRunner

from entrypoints.cli import main


def run_all() -> None:
    said = []
    for words, stdin in json.load(sys.stdin):
        done = CliRunner().invoke(main, words, input=stdin)
        if done.exit_code != 0:
            sys.exit(f"{words} failed: {done.output} {done.exception!r}")
        said.append(done.stdout)
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    run_all()
