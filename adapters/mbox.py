"""The mbox format (RFC 4155 and its relatives): where each mail begins and ends, without loading the file.

A mail begins after a line `From ...` that follows an empty line and is followed by a header field. Bodies in which
such lines were quoted with `>` get them back.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

LINE: Final = 1 << 20  # a longer line is looked at in pieces
_FIELD: Final = re.compile(rb"(?:>?From |[!-9;-~]+[ \t]*:)")
_QUOTED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_LAST_LINE_END: Final = re.compile(rb"\r?\n\Z")


def mails_in(path: Path) -> Iterator[tuple[int, int]]:
    """Start and end of every mail, without its separator line. Raises OSError."""
    start: int | None = None
    with path.open("rb") as file:
        for separator, begin in _separators(file):
            if start is not None:
                yield start, separator
            start = begin
        if start is not None:
            yield start, file.seek(0, 2)


def contents_of(path: Path, start: int, end: int, limit: int) -> bytes:
    """The mail that lies there, at most `limit` bytes of it, as it was before it came into the mbox."""
    with path.open("rb") as file:
        file.seek(start)
        raw = file.read(min(end - start, limit))
    # The empty line before the next separator belongs to the format.
    whole = _LAST_LINE_END.sub(b"", raw, count=1) if raw.endswith((b"\n\n", b"\n\r\n")) else raw
    return _QUOTED.sub(rb"\1", whole)


def _separators(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where each separator line begins, and where it ends."""
    position, after_gap = 0, True
    candidate: tuple[int, int] | None = None
    while line := file.readline(LINE):
        if candidate and _FIELD.match(line):
            yield candidate
        begins = position
        position += len(line)
        candidate = (begins, position) if after_gap and line.startswith(b"From ") else None
        after_gap = line in (b"\n", b"\r\n")
