"""What a message may measure before the standard library's parser is let near it.

One linear pass over the bytes that follows the MIME structure by its delimiter lines only. It may count a little more
than the parser will find, never much less; the worker process bounds what slips through.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from tickets.errors import Unreadable

MAX_BYTES: Final = 50 * 1024 * 1024  # beyond it only the header is read, unless the parser is told otherwise
MAX_HEADER_BYTES: Final = 256 * 1024
MAX_HEADER_LINES: Final = 2_000
MAX_PARTS: Final = 1_000
MAX_NESTING: Final = 50
MAX_ADDRESSES: Final = 500
MAX_STRUCTURE_BYTES: Final = 8 * 1024  # one Content-Type field; the standard library splits it in quadratic time

# As the standard library's parser sees it: header lines, their continuations, and the blank line that ends them.
_BLOCK: Final = re.compile(rb"(?:(?:From |[!-9;-~]+[ \t]*:|[ \t])[^\r\n]*(?:\r\n|\r|\n))*+(?:\r\n|\r|\n)?")
_LINE_END: Final = re.compile(rb"[ \t]*(?:\r\n|\r|\n)")
_CONTENT_TYPE: Final = re.compile(rb"^content-(?:type|disposition)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FOLDED: Final = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*+")
_BOUNDARY: Final = re.compile(
    rb"boundary\*?(?:0\*?)?\s*=\s*(?:\"([^\"\r\n]{0,300})\"|([^\s;\"]{1,300}))", re.IGNORECASE
)
_DELIMITER: Final = re.compile(rb"^--[^\r\n]{1,400}", re.MULTILINE)
_MESSAGE: Final = re.compile(rb"\s*message/(?:rfc822|news|global)", re.IGNORECASE)


@dataclass(slots=True)
class _Nest:
    """The multiparts and embedded messages that are open at one point of the bytes; None stands for a message."""

    open: list[bytes | None] = field(default_factory=list)
    level: dict[bytes, int] = field(default_factory=dict)

    def enter(self, boundary: bytes | None) -> None:
        if boundary is not None:
            self.level[boundary] = len(self.open)
        self.open.append(boundary)
        if len(self.open) > MAX_NESTING:
            raise _too("is nested more than", MAX_NESTING, "levels deep")

    def meet(self, line: bytes) -> bool:
        """Close what a delimiter line closes; whether a new part begins after it."""
        for boundary, is_last in ((line, False), (line.removesuffix(b"--"), True)):
            found = self.level.get(boundary)
            if found is None:
                continue
            self._cut(found if is_last else found + 1)
            return not is_last
        return False

    def _cut(self, length: int) -> None:
        while len(self.open) > length:
            gone = self.open.pop()
            if gone is not None and self.level.get(gone) == len(self.open):
                del self.level[gone]


def check(raw: bytes) -> None:
    """Raises Unreadable, with the limit that is exceeded, before any expensive work is done."""
    nest = _Nest()
    _read_headers(raw, 0, nest)
    parts = 0
    for found in _DELIMITER.finditer(raw):
        if nest.level and nest.meet(found.group()[2:].rstrip()):
            parts += 1
            line_end = _LINE_END.match(raw, found.end())
            _read_headers(raw, line_end.end() if line_end else found.end(), nest)
        if parts > MAX_PARTS:
            raise _too("has more than", MAX_PARTS, "parts")


def _read_headers(raw: bytes, start: int, nest: _Nest) -> None:
    """Follow the header block at `start`, and those of messages embedded right behind it."""
    position: int | None = start
    while position is not None:
        position = _read_block(raw, position, nest)


def _read_block(raw: bytes, start: int, nest: _Nest) -> int | None:
    """Check one header block; the position of the next one when an embedded message follows."""
    block = _block(raw, start)
    holds_message = False
    for found in _CONTENT_TYPE.finditer(block):
        value = _folded(block, found.end())
        boundary = _BOUNDARY.search(value)
        if boundary is not None:
            nest.enter((boundary.group(1) or boundary.group(2) or b"").rstrip())
        holds_message = holds_message or _MESSAGE.match(value) is not None
    if not holds_message:
        return None
    nest.enter(None)
    return start + len(block)


def _block(raw: bytes, start: int) -> bytes:
    found = _BLOCK.match(raw, start)
    block = found.group() if found else b""
    if len(block) > MAX_HEADER_BYTES:
        raise _too("has a header of more than", MAX_HEADER_BYTES // 1024, "kB")
    if block.count(b"\n") > MAX_HEADER_LINES:
        raise _too("has more than", MAX_HEADER_LINES, "header lines")
    return block


def _folded(block: bytes, start: int) -> bytes:
    found = _FOLDED.match(block, start)
    value = found.group() if found else b""
    if len(value) > MAX_STRUCTURE_BYTES:
        raise _too("has a Content-Type of more than", MAX_STRUCTURE_BYTES, "bytes")
    return value


def _too(what: str, limit: int, unit: str) -> Unreadable:
    return Unreadable(f"The message {what} {limit:,} {unit}. Ask its sender to send less, or in parts.")
