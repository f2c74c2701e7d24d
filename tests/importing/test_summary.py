"""What an import says about itself: on a console of 80 columns, and at its end."""

import re
from io import StringIO
from itertools import count

from rich.console import Console
from rich.progress import Progress

from entrypoints.imports import Bars, columns, summary
from tickets.importing import ImportReport


def test_an_import_that_had_nothing_to_do_says_so() -> None:
    assert list(summary(ImportReport(total=3, known=3))) == [
        "3 mails; 3 were on record already",
        "Nothing was left to do.",
    ]


def test_history_is_spoken_of_only_when_there_is_some() -> None:
    recent, old = (list(summary(ImportReport(total=2, known=0, opened=2, closed=closed))) for closed in (0, 2))

    assert "istory" not in " ".join(recent)
    assert old[-1] == "History: 2 of them, filed on closed tickets, without a draft"


def test_the_bars_fit_a_console_of_80_columns() -> None:
    out, seconds = StringIO(), count(step=10)
    console = Console(file=out, width=80, force_terminal=True, color_system=None)

    with Progress(*columns(), console=console, auto_refresh=False, get_time=lambda: float(next(seconds))) as progress:
        shown = Bars(progress)
        for done in range(0, 2_000_001, 250_000):
            shown.reading(done, 2_345_678)
            shown.filing(done, 2_345_678)
        progress.refresh()

    filing = [line for line in out.getvalue().splitlines() if "Filing" in line][-1]
    assert re.search(r" 85% 2,000,000 of 2,345,678, [\d,]+/s +\d:\d\d:\d\d", filing), filing
