"""What is kept of a mail that is too large to be read: its header, and a sentence in the place of its text."""

from typing import Final

from adapters.mime_limits import MAX_HEADER_BYTES

_MB: Final = 1024 * 1024
_ENDS: Final = (b"\r\n\r\n", b"\n\n", b"\r\r")


def head_of(raw: bytes) -> bytes:
    """The header block with its blank line; cut where it exceeds its own limit, which is then found out."""
    begin = raw[: MAX_HEADER_BYTES + _MB].lstrip(b"\r\n")
    ends = [(begin.find(end), len(end)) for end in _ENDS]
    position, length = min(((at, size) for at, size in ends if at >= 0), default=(len(begin), 0))
    return begin[: position + length]


def notice(size: int, limit: int) -> str:
    """What the operator reads; sizes in bytes."""
    return (
        f"[This mail has {size / _MB:,.1f} MB, and the desk reads mail of up to {limit / _MB:,.1f} MB: its text and "
        "files are not shown here. The whole mail is kept as it came; open it in the mailbox.]"
    )
