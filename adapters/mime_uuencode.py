"""Files that old programs write into the text itself (`begin 644 plan.pdf` ... `end`)."""

import binascii
import re
from collections.abc import Sequence
from typing import Final

_BEGIN: Final = re.compile(r"begin [0-7]{3,4} (\S.{0,199})")
_MAX_FILES: Final = 100


def taken_out(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text without its uuencoded files, and their names and bytes.

    What only begins like a file stays in the text.
    """
    if "begin " not in text:
        return text, []
    lines = text.split("\n")
    kept: list[str] = []
    files: list[tuple[str, bytes]] = []
    position = 0
    while position < len(lines):
        begin = _BEGIN.fullmatch(lines[position].strip()) if len(files) < _MAX_FILES else None
        read = _file(lines, position + 1) if begin else None
        if begin is None or read is None:
            kept.append(lines[position])
            position += 1
            continue
        position, contents = read
        files.append((begin.group(1).strip(), contents))
    return "\n".join(kept), files


def _file(lines: Sequence[str], position: int) -> tuple[int, bytes] | None:
    """(the line behind `end`, the bytes); None at the first line that is no part of a file."""
    out: list[bytes] = []
    for number in range(position, len(lines)):
        line = lines[number].rstrip("\r")
        if line.strip() == "end":
            return (number + 1, b"".join(out)) if out else None
        if line.strip() in ("", "`"):
            continue
        try:
            out.append(binascii.a2b_uu(line.encode("ascii")))
        except (binascii.Error, UnicodeEncodeError):
            return None
    return None
