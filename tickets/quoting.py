"""Takes a mail's text apart: what its author wrote this time, the quoted history, the signature.

Works line by line, so the time is linear in the text; nothing is lost: the pieces in their order are the whole text.
A forwarded mail keeps what it forwards.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from tickets import quoting_marks as marks

_MAX_SIGNATURE_LINES: Final = 25
_MAX_FOOTER_LINES: Final = 3  # below a phone's footer, before it counts as text
_MAX_CONTEXT_LINES: Final = 30  # of a quote that is answered line by line and stays visible


class Part(StrEnum):
    """What a line is to the reader."""

    NEW = "new"
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Piece:
    """Consecutive lines of one kind, with their line ends."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A text in pieces, in their order."""

    pieces: tuple[Piece, ...]

    @property
    def visible(self) -> str:
        """What the author wrote this time; the whole text when the rules would leave nothing."""
        return self._joined(Part.NEW).strip() or self.whole.strip()

    @property
    def quoted(self) -> str:
        return self._joined(Part.QUOTED)

    @property
    def signature(self) -> str:
        return self._joined(Part.SIGNATURE)

    @property
    def whole(self) -> str:
        """The text that was taken apart, unchanged."""
        return "".join(piece.text for piece in self.pieces)

    def _joined(self, part: Part) -> str:
        return "".join(piece.text for piece in self.pieces if piece.part is part)


def split(text: str) -> Reply:
    """Take a plain text apart."""
    lines = text.splitlines(keepends=True)
    seen = [marks.looked_at(line) for line in lines]
    parts = [Part.NEW] * len(lines)
    _mark_history(seen, parts)
    _mark_signatures(seen, parts)
    _show_answered_quotes(seen, parts)
    return _reply(zip(parts, lines, strict=True))


def assemble(segments: Iterable[tuple[Part, str]]) -> Reply:
    """Take apart a text in which the mail program itself has marked history and signature (HTML)."""
    pieces: list[tuple[Part, str]] = []
    for part, text in segments:
        if part is Part.NEW:
            pieces.extend((piece.part, piece.text) for piece in split(text).pieces)
        else:
            pieces.append((part, text))
    return _reply(pieces)


def _reply(pieces: Iterable[tuple[Part, str]]) -> Reply:
    grouped = groupby(pieces, key=lambda piece: piece[0])
    return Reply(tuple(Piece(part, "".join(text for _, text in group)) for part, group in grouped))


def _mark_history(lines: Sequence[str], parts: list[Part]) -> None:
    attributions = _attributions(lines)
    has_new = False
    position = 0
    while position < len(lines):
        line = lines[position]
        if marks.is_forward(line):
            return
        if marks.is_original_message(line) or marks.starts_header_block(lines, position):
            # With nothing above it this is a forward: what it carries is the message.
            if has_new:
                _mark(parts, _with_rule_above(lines, position), len(lines), Part.QUOTED)
            return
        end = attributions.get(position)
        if end is not None:
            _mark(parts, position, end + 1, Part.QUOTED)
            if has_new and not _quote_follows(lines, end + 1):
                _mark(parts, position, len(lines), Part.QUOTED)
                return
            position = _mark_bars(lines, parts, end + 1)
            continue
        if marks.is_quoted(line):
            parts[position] = Part.QUOTED
        elif line:
            has_new = True
        position += 1


def _attributions(lines: Sequence[str]) -> dict[int, int]:
    """First line -> last line of every `On ..., ... wrote:`."""
    found: dict[int, int] = {}
    for end in range(len(lines)):
        start = marks.attribution_start(lines, end)
        if start is not None:
            found.setdefault(start, end)
    return found


def _with_rule_above(lines: Sequence[str], position: int) -> int:
    above = position - 1
    while above > 0 and not lines[above]:
        above -= 1
    return above if above >= 0 and marks.is_rule(lines[above]) else position


def _quote_follows(lines: Sequence[str], position: int) -> bool:
    for line in lines[position : position + 4]:
        if line:
            return marks.is_quoted(line) or line.startswith("|")
    return False


def _mark_bars(lines: Sequence[str], parts: list[Part], position: int) -> int:
    """Some programs quote with `|`, which means that only right below an attribution."""
    while position < len(lines) and (not lines[position] or lines[position].startswith("|")):
        parts[position] = Part.QUOTED
        position += 1
    return position


def _mark(parts: list[Part], begin: int, end: int, part: Part) -> None:
    parts[begin:end] = [part] * (end - begin)


def _mark_signatures(lines: Sequence[str], parts: list[Part]) -> None:
    """Within each run of new lines: from the signature mark, or a footer with next to nothing below."""
    begin = 0
    for part, run in groupby(parts.copy()):
        end = begin + len(list(run))
        if part is Part.NEW:
            start = _signature_start(lines, begin, end)
            _mark(parts, start, end, Part.SIGNATURE)
        begin = end


def _signature_start(lines: Sequence[str], begin: int, end: int) -> int:
    start = end
    below = 0  # lines of text under the candidate
    for position in range(end - 1, begin - 1, -1):
        line = lines[position]
        if marks.is_signature_mark(line) and below <= _MAX_SIGNATURE_LINES:
            start = position
        elif marks.is_footer(line) and below <= _MAX_FOOTER_LINES:
            start, below = position, 0
            continue
        below += bool(line)
        if below > _MAX_SIGNATURE_LINES:
            break
    return start


def _show_answered_quotes(lines: Sequence[str], parts: list[Part]) -> None:
    """A short quote between two new passages is answered there; without it the answer makes no sense."""
    new = [position for position, part in enumerate(parts) if part is Part.NEW and lines[position]]
    if not new:
        return
    begin = new[0]
    for part, run in groupby(parts[new[0] : new[-1]]):
        end = begin + len(list(run))
        if part is Part.QUOTED and end - begin <= _MAX_CONTEXT_LINES:
            shown = next((at for at in range(begin, end) if marks.is_quoted(lines[at])), end)
            _mark(parts, shown, end, Part.NEW)
        begin = end
