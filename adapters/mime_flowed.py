"""Text whose paragraphs were broken into lines for the wire (RFC 3676): put together again as they were written."""

from collections.abc import Iterator
from typing import Final

SIGNATURE: Final = "-- "


def unflowed(text: str, *, deletes_space: bool = False) -> str:
    """One line a paragraph. A line that ends with a space goes on in the next one of the same quote depth.

    `deletes_space` is the parameter DelSp: that space was added for the wire only (section 4.2).
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(_paragraphs(lines, deletes_space))


def _paragraphs(lines: list[str], deletes_space: bool) -> Iterator[str]:
    pieces: list[str] = []
    depth = 0
    for line in lines:
        line_depth, content = _taken_apart(line)
        # A wrong depth, or a signature, ends a paragraph that pretends to go on (section 4.5).
        if pieces and (line_depth != depth or content == SIGNATURE):
            yield _quoted(depth, "".join(pieces))
            pieces = []
        depth = line_depth
        is_flowed = content.endswith(" ") and content != SIGNATURE
        pieces.append(content[:-1] if is_flowed and deletes_space else content)
        if not is_flowed:
            yield _quoted(depth, "".join(pieces))
            pieces = []
    if pieces:
        yield _quoted(depth, "".join(pieces))


def _taken_apart(line: str) -> tuple[int, str]:
    """The quote depth, and the line without its marks and its stuffed space (section 4.4)."""
    content = line.lstrip(">")
    return len(line) - len(content), content.removeprefix(" ")


def _quoted(depth: int, paragraph: str) -> str:
    return f"{'>' * depth} {paragraph}".rstrip() if depth else paragraph
