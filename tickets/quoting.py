"""Takes a mail's text apart: what its author wrote this time, the quoted history, the signature.

Works line by line, so the time is linear in the text. Nothing is lost: the pieces in their order are the whole text,
and `elided` gives back what is folded. When in doubt a line stays visible. A forwarded mail keeps what it forwards.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from tickets import quoting_marks as marks
from tickets.quoting_attributions import Strength, attributions
from tickets.quoting_headers import label_of, starts_header_block
from tickets.quoting_signatures import is_footer, is_signature_mark, signature_start

_MAX_CONTEXT_LINES: Final = 30  # of a quote that is answered line by line and stays visible
_MAX_PASSES: Final = 5
_MAX_SIGNATURE_ABOVE: Final = 200
_FORWARD_SUBJECT: Final = re.compile(
    r"^\s{0,4}(?:\[[^\]]{0,40}\]\s{0,4})?(?:fwd?|wg|tr|rv|i|enc|vs|vb|vl|pd|redir\.?|ilt|i̇lt|továbbítás|přep|fwd?\[\d\]"
    r"|videresend|doorst|weitergeleitet|转发|轉寄|転送|전달)\s?[:：]",
    re.IGNORECASE,
)


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
        """What the author wrote this time; the whole text when it is nothing but a quote."""
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
        texts = [piece.text for piece in self.pieces if piece.part is part]
        # In HTML a piece may end within a line; what followed it there is folded away.
        return "".join(text if text.endswith(("\n", "\r")) else f"{text}\n" for text in texts)


def split(text: str, *, is_forwarded: bool = False) -> Reply:
    """Take a plain text apart; `is_forwarded` when the subject says so, since some programs mark it nowhere else."""
    return assemble([(Part.NEW, text)], is_forwarded=is_forwarded)


def assemble(segments: Iterable[tuple[Part, str]], *, is_forwarded: bool = False) -> Reply:
    """Take apart a text in which the mail program itself has marked history and signature (HTML)."""
    lines: list[str] = []
    given: list[Part] = []
    for part, text in segments:
        added = text.splitlines(keepends=True)
        lines += added
        given += [part] * len(added)
    seen = [_seen(line, part) for line, part in zip(lines, given, strict=True)]
    parts = _settled(seen, given, is_forwarded=is_forwarded)
    grouped = groupby(zip(parts, lines, strict=True), key=lambda pair: pair[0])
    return Reply(tuple(Piece(part, "".join(line for _, line in group)) for part, group in grouped))


def elided(text: str, visible: str) -> str:
    """What a mail's text holds besides its visible part: the lines to fold, in their order.

    The whole text when the visible part was taken from another version of the body (HTML) and its lines are not all
    found here, so nothing can be lost.
    """
    shown = [line.strip() for line in visible.splitlines() if line.strip()]
    folded: list[str] = []
    found = 0
    for line in text.splitlines():
        if found < len(shown) and line.strip() == shown[found]:
            found += 1
        else:
            folded.append(line)
    return "\n".join(folded).strip("\n") if found == len(shown) else text.strip("\n")


def is_forward_subject(subject: str) -> bool:
    """Whether the subject's outermost prefix says that the mail forwards another (Fwd, FW, WG, TR, RV ...)."""
    return _FORWARD_SUBJECT.match(subject) is not None


def _seen(line: str, part: Part) -> str:
    """What the rules see: history that the mail program marked looks like any quote, its signature like nothing."""
    if part is Part.NEW:
        return marks.looked_at(line)
    return ">" if part is Part.QUOTED and line.strip() else ""


def _settled(seen: Sequence[str], given: Sequence[Part], *, is_forwarded: bool) -> list[Part]:
    """Apply the rules to what they leave until nothing changes: the visible part of a visible part is itself."""
    parts = list(given)
    kept = list(range(len(seen)))
    for _ in range(_MAX_PASSES):
        found = _taken_apart([seen[at] for at in kept], [parts[at] for at in kept], is_forwarded=is_forwarded)
        shown = _shown(seen, kept, found)
        if not shown and kept != list(range(len(seen))):
            return parts
        for at, part in zip(kept, found, strict=True):
            parts[at] = part
        for at in shown:
            parts[at] = Part.NEW
        if not shown or shown == kept:
            return parts
        kept = shown
    # A text that never comes to rest is no mail of a mail program: show all of it.
    return list(given)


def _shown(seen: Sequence[str], kept: Sequence[int], found: Sequence[Part]) -> list[int]:
    """The lines that make up the visible part (a signature that stands alone too), without empty ones at its ends."""
    for wanted in ((Part.NEW,), (Part.NEW, Part.SIGNATURE)):
        shown = [at for at, part in zip(kept, found, strict=True) if part in wanted]
        filled = [position for position, at in enumerate(shown) if seen[at]]
        if filled:
            return shown[filled[0] : filled[-1] + 1]
    return []


def _taken_apart(seen: Sequence[str], given: Sequence[Part], *, is_forwarded: bool) -> list[Part]:
    parts = list(given)
    end = _mark_history(seen, parts, is_forwarded=is_forwarded)
    _mark_signatures(seen, parts, end)
    _show_answered_quotes(seen, parts, given, end)
    return parts


def _mark_history(seen: Sequence[str], parts: list[Part], *, is_forwarded: bool) -> int:
    """Marks the history; returns where a forwarded mail begins, which stays as it is."""
    found = {start: end for start, (end, strength) in attributions(seen).items() if _holds(seen, end, strength)}
    has_new = in_signature = False
    at = 0
    while at < len(seen):
        line = seen[at]
        starts = _starts_history(seen, at)
        if _starts_forward(seen, at) or (starts and not has_new) or (is_forwarded and (starts or at in found)):
            _mark(parts, at, len(seen), Part.NEW)
            return at
        is_reply_line = marks.is_reply_line(line)
        if starts or (has_new and is_reply_line):
            _mark(parts, _with_rule_above(seen, at), len(seen), Part.QUOTED)
            return len(seen)
        if at in found:
            at = _mark_attribution(seen, parts, at, found[at], has_new=has_new)
            continue
        if is_reply_line or marks.is_quoted(line):
            parts[at] = Part.QUOTED
        elif line and not has_new:
            in_signature = in_signature or is_signature_mark(line)
            is_new = not in_signature and not is_footer(line) and not marks.is_rule(line)
            # Nobody's signature is that long.
            has_new = is_new or at > _MAX_SIGNATURE_ABOVE
        at += 1
    return len(seen)


def _starts_history(seen: Sequence[str], at: int) -> bool:
    line = seen[at]
    if not line or marks.is_quoted(line):
        return False
    if marks.is_original_message(seen, at):
        return True
    above = next((seen[before] for before in (at - 1, at - 2) if before >= 0 and seen[before]), "")
    if label_of(above) is not None:
        return False  # a block that began there held these lines too
    return starts_header_block(seen, at, below_rule=marks.is_rule(above))


def _starts_forward(seen: Sequence[str], at: int) -> bool:
    """A forward that an older quote holds is part of that quote."""
    line = seen[at]
    if not line or (marks.is_quoted(line) and at > 0 and marks.is_quoted(seen[at - 1])):
        return False
    return marks.is_forward(seen, at)


def _holds(seen: Sequence[str], end: int, strength: Strength) -> bool:
    return strength is Strength.SURE or _quote_follows(seen, end + 1)


def _mark_attribution(seen: Sequence[str], parts: list[Part], at: int, end: int, *, has_new: bool) -> int:
    """Marks an attribution, and all below it when that is history without quote marks; returns where to go on."""
    if has_new and not _quote_follows(seen, end + 1):
        _mark(parts, _with_rule_above(seen, at), len(seen), Part.QUOTED)
        return len(seen)
    _mark(parts, at, end + 1, Part.QUOTED)
    return _mark_bars(seen, parts, end + 1)


def _with_rule_above(seen: Sequence[str], at: int) -> int:
    above = at - 1
    while above > 0 and not seen[above]:
        above -= 1
    return above if above >= 0 and marks.is_rule(seen[above]) else at


def _quote_follows(seen: Sequence[str], at: int) -> bool:
    for line in seen[at : at + 4]:
        if line:
            return marks.is_quoted(line) or line.startswith("|")
    return False


def _mark_bars(seen: Sequence[str], parts: list[Part], at: int) -> int:
    """Some programs quote with `|`, which means that only right below an attribution."""
    first = next((line for line in seen[at : at + 4] if line), "")
    while first.startswith("|") and at < len(seen) and (not seen[at] or seen[at].startswith("|")):
        parts[at] = Part.QUOTED
        at += 1
    return at


def _mark(parts: list[Part], begin: int, end: int, part: Part) -> None:
    parts[begin:end] = [part] * (end - begin)


def _mark_signatures(seen: Sequence[str], parts: list[Part], limit: int) -> None:
    begin = 0
    for part, run in groupby(parts[:limit]):
        end = begin + len(list(run))
        if part is Part.NEW:
            _mark(parts, signature_start(seen, begin, end), end, Part.SIGNATURE)
        begin = end


def _show_answered_quotes(seen: Sequence[str], parts: list[Part], given: Sequence[Part], limit: int) -> None:
    """A short quote between two new passages is answered there; without it the answer makes no sense.

    With several answered in turn the first question, which stands above all new text, is shown as well.
    """
    new = [at for at, part in enumerate(parts[:limit]) if part is Part.NEW and seen[at]]
    if not new:
        return
    begin = 0
    runs: list[tuple[int, int]] = []
    for part, run in groupby(parts[: new[-1]]):
        end = begin + len(list(run))
        if part is Part.QUOTED and end - begin <= _MAX_CONTEXT_LINES and given[begin] is Part.NEW:
            runs.append((begin, end))
        begin = end
    answered = runs if runs and runs[-1][0] > new[0] else []
    for begin, end in answered:
        shown = next((at for at in range(begin, end) if marks.is_quoted(seen[at])), end)
        _mark(parts, shown, end, Part.NEW)
