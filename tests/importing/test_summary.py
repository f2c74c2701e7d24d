"""What an import says about itself: on a console of 80 columns, and at its end."""

from io import StringIO

from rich.console import Console

from entrypoints.imports import bars, summary
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
    out = StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None)

    with bars(console) as shown:
        for done in (1, 1_234_567, 2_345_678):
            shown.reading(done, 2_345_678)
            shown.filing(done, 2_345_678)

    lines = out.getvalue().splitlines()
    filed = [line for line in lines if "Filing" in line]
    assert "2,345,678 of 2,345,678" in filed[-1]
    assert not any("…" in line for line in lines), "something was cut off"
