"""Text whose paragraphs were broken into lines for the wire (RFC 3676): put together again as they were written.

More careful than the standard: many programs send lines that end with a space and were never broken. A line goes on
only where the next word had no room in it, and never into what begins something else.
"""

import re
from itertools import pairwise
from typing import Final

ROOM: Final = 50  # characters that every program puts into a line before it breaks it
_SIGNATURES: Final = frozenset({"-- ", "--"})
_FIELD: Final = re.compile(r"[*_]?[^\s:]{2,20}(?: [^\s:]{1,20})?[*_]?:\s")


def unflowed(text: str, *, deletes_space: bool = False) -> str:
    """One line a paragraph. A line that ends with a space goes on in the next one of the same quote depth.

    `deletes_space` is the parameter DelSp: that space was added for the wire only (section 4.2).
    """
    lines = [_taken_apart(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    pieces: list[str] = [_quoted(*lines[0])]
    for before, line in pairwise(lines):
        if _goes_on(before, line, is_narrow=deletes_space):
            if deletes_space:
                pieces[-1] = pieces[-1].removesuffix(" ")
            pieces.append(line[1])
        else:
            pieces += ["\n", _quoted(*line)]
    return "".join(pieces)


def _goes_on(line: tuple[int, str], after: tuple[int, str], *, is_narrow: bool) -> bool:
    (depth, content), (next_depth, next_content) = line, after
    if not content.endswith(" ") or content in _SIGNATURES or depth != next_depth:
        return False
    word = next_content.split(" ", 1)[0]
    if not word or next_content in _SIGNATURES or _FIELD.match(next_content):
        return False
    return is_narrow or len(content) + len(word) > ROOM


def _taken_apart(line: str) -> tuple[int, str]:
    """The quote depth, and the line without its marks and its stuffed space (section 4.4)."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _quoted(depth: int, content: str) -> str:
    return f"{'>' * depth} {content}" if depth else content
