"""Single header fields read from raw bytes, where parsing the whole mail would be too much."""

import re

from tickets.mail import SEND_ID_HEADER

_HEAD_END = re.compile(rb"\r?\n\r?\n")


def header(raw: bytes, name: str) -> str | None:
    """The first field of that name, unfolded; None when there is none. Reads nothing behind the header block."""
    end = _HEAD_END.search(raw)
    head = raw[: end.start()] if end else raw
    pattern = rb"^" + re.escape(name.encode()) + rb"[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)"
    field = re.search(pattern, head, re.IGNORECASE | re.MULTILINE)
    return " ".join(field[1].decode("utf-8", "replace").split()) if field else None


def send_id(raw: bytes) -> str | None:
    """Our marker. Worth something only in a mail that left from our own mailbox: anybody can write the header."""
    return header(raw, SEND_ID_HEADER)
