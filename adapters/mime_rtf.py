"""The compressed RTF that Outlook keeps a message's formatted body in (MS-OXRTFCP)."""

import struct
from typing import Final

_COMPRESSED: Final = b"LZFu"
_PLAIN: Final = b"MELA"
_HEAD: Final = struct.Struct("<II4sI")  # size behind itself, size when decompressed, kind, checksum
_WINDOW: Final = 4_096
_MAX_BYTES: Final = 16 * 1024 * 1024
# What every stream may refer back to before it has written anything (section 2.1.3.1.5 of the specification).
_BEFORE: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)


def decompressed(raw: bytes) -> bytes:
    """The RTF; empty for what is none, cut where the stream breaks off. Never raises."""
    if len(raw) < _HEAD.size:
        return b""
    _, size, kind, _ = _HEAD.unpack_from(raw)
    if kind == _PLAIN:
        return raw[_HEAD.size : _HEAD.size + size]
    if kind != _COMPRESSED:
        return b""
    return _expanded(raw[_HEAD.size :], min(size, _MAX_BYTES))


def _expanded(stream: bytes, size: int) -> bytes:
    out = bytearray(_BEFORE)
    wanted = len(_BEFORE) + size
    position = 0
    while position < len(stream) and len(out) < wanted:
        control = stream[position]
        position += 1
        for bit in range(8):
            if control >> bit & 1:
                if not _repeat(stream, position, out):
                    return bytes(out[len(_BEFORE) : wanted])
                position += 2
            else:
                out += stream[position : position + 1]
                position += 1
    return bytes(out[len(_BEFORE) : wanted])


def _repeat(stream: bytes, position: int, out: bytearray) -> bool:
    """Copy what a two-byte reference names: twelve bits of place, four of length; false at the end of the stream."""
    reference = int.from_bytes(stream[position : position + 2], "big")
    place, length = reference >> 4, (reference & 0xF) + 2
    end = len(out) % _WINDOW
    if position + 2 > len(stream) or place == end:
        return False
    begin = len(out) - ((end - place) % _WINDOW)
    if begin < 0:
        return False
    for step in range(length):
        out.append(out[begin + step])
    return True
