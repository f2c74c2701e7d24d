"""The body of a mail as people read it: the whole text, and what its author wrote this time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from adapters.mime_html import html_reply
from adapters.mime_parts import Parts, Section
from tickets.quoting import Part, Piece, Reply, split

_MAX_LINES: Final = 25_000  # a person wrote none of those; all of it is then shown as new
_ENCRYPTED: Final = "[This mail is encrypted and cannot be read here. Its parts are kept as attachments.]"


@dataclass(frozen=True, slots=True)
class Body:
    """`html` is the sender's, uncleaned."""

    text: str
    visible: str
    html: str | None


@dataclass(frozen=True, slots=True)
class _Read:
    """One section: its whole text, and its pieces where its HTML tells them apart."""

    text: str
    marked: Reply | None


def body_of(parts: Parts, *, is_forwarded: bool = False) -> Body:
    """Joins the sections of the body; of a mail that only its receiver can decrypt, a sentence that says so.

    `is_forwarded` when the subject says so: then what looks like history is what the mail is about.
    """
    read = [_read(section, is_forwarded=is_forwarded) for section in parts.sections]
    text = _joined(section.text for section in read)
    if parts.is_encrypted and not text.strip():
        return Body(_ENCRYPTED, _ENCRYPTED, parts.html)
    return Body(text, _visible(read, is_forwarded=is_forwarded), parts.html)


def _read(section: Section, *, is_forwarded: bool) -> _Read:
    plain = _joined(text.replace("\r\n", "\n").replace("\r", "\n") for text in section.plain)
    if not section.html:
        return _Read(plain, None)
    reply = html_reply("\n".join(section.html), is_forwarded=is_forwarded)
    if not plain.strip():
        return _Read(reply.whole.strip(), reply)
    return _Read(plain, reply if _knows_history(reply) else None)


def _knows_history(reply: Reply) -> bool:
    """The HTML knows best where the history begins; one that marks none leaves it to the plain text."""
    return bool(reply.quoted.strip()) and reply.visible != reply.whole.strip()


def _visible(read: Sequence[_Read], *, is_forwarded: bool) -> str:
    """Neighbours without marks are taken apart as one text: a quote may begin in one part and end in the next."""
    pieces: list[str] = []
    for has_marks, run in groupby(read, key=lambda section: section.marked is not None):
        if has_marks:
            pieces += [section.marked.visible for section in run if section.marked]
        else:
            pieces.append(_taken_apart(_joined(section.text for section in run), is_forwarded=is_forwarded).visible)
    return _joined(piece for piece in pieces if piece.strip()).strip()


def _taken_apart(text: str, *, is_forwarded: bool) -> Reply:
    if text.count("\n") > _MAX_LINES:
        return Reply((Piece(Part.NEW, text),))
    return split(text, is_forwarded=is_forwarded)


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(texts)
