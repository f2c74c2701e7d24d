"""The header fields of a mail as it came, for people to read: unfolded, decoded, and no more than fits a page."""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

MAX_HEAD: Final = 128 * 1024  # bytes
MAX_FIELDS: Final = 400
MAX_VALUE: Final = 4_000  # characters
_MAX_DECODED: Final = 2_000  # bytes of a value; longer ones stay as they came

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE_END: Final = re.compile(rb"\r?\n(?![ \t])")
_NAME: Final = re.compile(rb"[!-9;-~]{1,100}")


@dataclass(frozen=True, slots=True)
class HeaderField:
    """One field. `value` is on one line."""

    name: str
    value: str


def header_fields(raw: bytes) -> tuple[tuple[HeaderField, ...], bool]:
    """The fields in the order in which they stand, and whether some were left out for length."""
    lines, is_cut = _lines(raw)
    fields = tuple(found for line in lines[:MAX_FIELDS] if (found := _field(line)))
    return fields, len(lines) > MAX_FIELDS or is_cut


def first_value(raw: bytes, name: str) -> str:
    """What the first field of that name says; empty when there is none. Nothing else of the mail is read."""
    wanted = name.lower().encode()
    for line in _lines(raw)[0][:MAX_FIELDS]:
        if line.partition(b":")[0].strip().lower() == wanted and (found := _field(line)):
            return found.value
    return ""


def _lines(raw: bytes) -> tuple[list[bytes], bool]:
    """The header's fields as they came, folds kept, and whether it is longer than is read."""
    window = raw[: MAX_HEAD + 4]
    end = _END.search(window)
    head = window[: end.start()] if end else window[:MAX_HEAD]
    return _LINE_END.split(head), end is None and len(raw) > MAX_HEAD


def _field(line: bytes) -> HeaderField | None:
    """None for a line that is no field, such as an mbox's `From `."""
    name, colon, value = line.partition(b":")
    if not colon or not _NAME.fullmatch(name.rstrip()):
        return None
    return HeaderField(name.rstrip().decode("ascii"), _readable(value))


def _readable(value: bytes) -> str:
    text = " ".join(value.decode("utf-8", "replace").split())
    if "=?" in text and len(value) <= _MAX_DECODED:
        text = _decoded(text)
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return shown if len(shown) <= MAX_VALUE else f"{shown[:MAX_VALUE]} …"


def _decoded(text: str) -> str:
    """Encoded words as what they say (RFC 2047); a broken one stays as it came."""
    try:
        parts = decode_header(text)
        return "".join(
            part if isinstance(part, str) else part.decode(charset or "ascii", "replace") for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError):
        return text
