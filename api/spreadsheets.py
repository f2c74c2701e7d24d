"""CSV files that spreadsheets open as they are meant: RFC 4180, UTF-8 with a mark, and no cell that acts."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_ACTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # a spreadsheet takes what begins so for a formula


def csv_file(titles: Sequence[str], rows: Iterable[Sequence[str | int | float | None]]) -> bytes:
    """The table as a file. Numbers stay numbers; texts that would act are marked as text by an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_calm(title) for title in titles])
    writer.writerows([_calm(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _calm(cell: str | int | float | None) -> str | int | float:
    if cell is None:
        return ""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_ACTS) else cell
