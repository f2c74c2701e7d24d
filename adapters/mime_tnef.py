"""What Outlook wraps into winmail.dat (TNEF, MS-OXTNEF): the attachments, and the text where the mail has no other.

Reads what is there and stops at the first byte that makes no sense; never raises.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from adapters.mime_charset import decode
from adapters.mime_rtf import decompressed

TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_SIGNATURE: Final = b"\x78\x9f\x3e\x22"
_MAX_FILES: Final = 200
_MAX_NESTING: Final = 3
_MAX_PROPERTIES: Final = 4_096

# Attributes, by their type and number.
_BODY: Final = 0x0002800C
_CODEPAGE: Final = 0x00069007
_MESSAGE_PROPERTIES: Final = 0x00069003
_FILE_BEGINS: Final = 0x00069002
_FILE_TITLE: Final = 0x00018010
_FILE_BYTES: Final = 0x0006800F
_FILE_PROPERTIES: Final = 0x00069005

# Properties.
_TEXT: Final = 0x1000
_RTF: Final = 0x1009
_HTML: Final = 0x1013
_DISPLAY_NAME: Final = 0x3001
_OBJECT: Final = 0x3701
_SHORT_NAME: Final = 0x3704
_LONG_NAME: Final = 0x3707
_MEDIA_TYPE: Final = 0x370E
_CONTENT_ID: Final = 0x3712

_FOUR_BYTES: Final = (0x02, 0x03, 0x04, 0x0A, 0x0B)
_EIGHT_BYTES: Final = (0x05, 0x06, 0x07, 0x14, 0x40)
_FIXED_SIZES: Final = {**dict.fromkeys(_FOUR_BYTES, 4), **dict.fromkeys(_EIGHT_BYTES, 8), 0x48: 16}
_VARIABLE: Final = frozenset({0x0D, 0x1E, 0x1F, 0x102})
_UTF16: Final = 0x1F
_EMBEDDED: Final = 0x0D
_INTERFACE_BYTES: Final = 16
_NAMED: Final = 0x8000
_MULTIPLE: Final = 0x1000


@dataclass(slots=True)
class TnefFile:
    """One attachment; `content_type` is empty when the sender's program named none."""

    name: str = ""
    content_type: str = ""
    content_id: str | None = None
    contents: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What was found; `rtf` is the formatted body as its own file."""

    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[TnefFile] = field(default_factory=list)


class _Cut(Exception):
    """The bytes end before the value does."""


@dataclass(slots=True)
class _Reader:
    raw: bytes
    position: int = 0

    def take(self, size: int) -> bytes:
        end = self.position + size
        if size < 0 or end > len(self.raw):
            raise _Cut
        taken = self.raw[self.position : end]
        self.position = end
        return taken

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.take(size), "little")

    def padded(self, size: int) -> bytes:
        """Values are filled up to four bytes; the last one may not be."""
        taken = self.take(size)
        self.position += -size % 4
        return taken


def unpacked_tnef(raw: bytes, nesting: int = 0) -> Tnef | None:
    """The contents; None when the bytes are no TNEF or hold nothing."""
    found = Tnef()
    if not raw.startswith(_SIGNATURE) or nesting > _MAX_NESTING:
        return None
    codepage = "cp1252"
    for name, value in _attributes(raw):
        if name == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif name == _BODY:
            found.text = _string(value, codepage)
        elif name == _MESSAGE_PROPERTIES:
            _read_message(value, codepage, found)
        elif name == _FILE_BEGINS and len(found.files) < _MAX_FILES:
            found.files.append(TnefFile())
        elif found.files:
            _read_file(name, value, codepage, found, nesting)
    found.files = [file for file in found.files if file.contents]
    return found if found.files or found.text.strip() or found.html or found.rtf else None


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    reader = _Reader(raw, len(_SIGNATURE) + 2)  # behind the key
    try:
        while reader.position < len(raw):
            reader.take(1)  # of the message or of an attachment: the number says it, too
            name = reader.number()
            value = reader.take(reader.number())
            reader.take(2)  # the checksum: a wrong one proves nothing
            yield name, value
    except _Cut:
        return


def _read_message(raw: bytes, codepage: str, found: Tnef) -> None:
    for name, kind, value in _properties(raw):
        if name == _TEXT:
            found.text = found.text or _text(value, kind, codepage)
        elif name == _HTML:
            found.html = _text(value, kind, codepage)
        elif name == _RTF:
            found.rtf = decompressed(value)


def _read_file(name: int, value: bytes, codepage: str, found: Tnef, nesting: int) -> None:
    file = found.files[-1]
    if name == _FILE_TITLE:
        file.name = file.name or _string(value, codepage)
    elif name == _FILE_BYTES:
        file.contents = value
    elif name == _FILE_PROPERTIES:
        _read_file_properties(value, codepage, found, nesting)


def _read_file_properties(raw: bytes, codepage: str, found: Tnef, nesting: int) -> None:
    file = found.files[-1]
    names: dict[int, str] = {}
    for name, kind, value in _properties(raw):
        if name in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME):
            names[name] = _text(value, kind, codepage)
        elif name == _MEDIA_TYPE:
            file.content_type = _text(value, kind, codepage).strip().lower()
        elif name == _CONTENT_ID:
            file.content_id = _text(value, kind, codepage).strip("<> ") or None
        elif name == _OBJECT:
            _read_object(value, kind, found, nesting)
    file.name = names.get(_LONG_NAME) or file.name or names.get(_SHORT_NAME) or names.get(_DISPLAY_NAME, "")


def _read_object(value: bytes, kind: int, found: Tnef, nesting: int) -> None:
    contents = value[_INTERFACE_BYTES:] if kind == _EMBEDDED else value
    inner = unpacked_tnef(contents, nesting + 1)
    if inner is None:
        found.files[-1].contents = found.files[-1].contents or contents
        return
    holder = found.files[-1]
    holder.contents = (inner.html or inner.text).encode("utf-8", "replace")
    holder.content_type = "text/html" if inner.html else "text/plain"
    # The message itself stays the last one: what follows in its properties is its name.
    found.files[-1:] = [*inner.files[: _MAX_FILES - len(found.files)], holder]


def _properties(raw: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(number, type, value) of each property that has one value."""
    reader = _Reader(raw)
    try:
        for _ in range(min(reader.number(), _MAX_PROPERTIES)):
            kind, name = reader.number(2), reader.number(2)
            if name >= _NAMED:
                _skip_name(reader)
            for value in _values(reader, kind):
                yield name, kind & ~_MULTIPLE, value
    except _Cut:
        return


def _skip_name(reader: _Reader) -> None:
    reader.take(16)  # whose namespace it is
    if reader.number() == 0:
        reader.take(4)
    else:
        reader.padded(reader.number())


def _values(reader: _Reader, kind: int) -> Iterator[bytes]:
    single = kind & ~_MULTIPLE
    is_counted = bool(kind & _MULTIPLE) or single in _VARIABLE
    count = reader.number() if is_counted else 1
    if single not in _VARIABLE and single not in _FIXED_SIZES:
        raise _Cut  # of unknown length: nothing behind it can be found
    for _ in range(min(count, _MAX_PROPERTIES)):
        yield reader.padded(reader.number() if single in _VARIABLE else _FIXED_SIZES[single])


def _text(value: bytes, kind: int, codepage: str) -> str:
    if kind == _UTF16:
        return value.decode("utf-16-le", "replace").rstrip("\x00")
    return _string(value, codepage)


def _string(value: bytes, codepage: str) -> str:
    return decode(value.rstrip(b"\x00"), codepage)
