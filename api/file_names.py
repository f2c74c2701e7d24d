"""Names of uploaded files as RFC 8187 writes them (`filename*=UTF-8''%C3%BC.txt`).

RFC 7578 tells clients not to, requests with an older urllib3 and others do it all the same. The parser behind Litestar
knows `filename` alone and takes such a part for a field of text, so its header is put into that form on the way in.
"""

import re
from collections.abc import AsyncGenerator
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from tickets.errors import BadInput

_CHARSETS: Final = frozenset({"utf-8", "iso-8859-1", "us-ascii"})
_EXTENDED: Final = re.compile(
    r""";\s*filename\*\s*=\s*(?P<quote>"?)(?P<charset>[\w-]+)'[\w-]*'(?P<text>[!#$&+.^_`|~%\w-]+)(?P=quote)\s*(?:;|$)""",
    re.ASCII | re.IGNORECASE,
)
# As browsers write them; the others are no trouble between quotes.
_ESCAPES: Final = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


class DeskRequest(Request[Any, Any, Any]):
    """A request whose multipart body names its files in the one way that is understood."""

    def stream(self) -> AsyncGenerator[bytes, None]:
        kind, options = self.content_type
        boundary = options.get("boundary")
        if kind != RequestEncodingType.MULTI_PART or not boundary:
            return super().stream()
        return _plainly_named(super().stream(), boundary.encode("latin-1", "replace"))


async def _plainly_named(chunks: AsyncGenerator[bytes, None], boundary: bytes) -> AsyncGenerator[bytes, None]:
    """The same parts under plain names. Raises ClientException for what is no multipart body."""
    try:
        with PushMultipartParser(boundary) as parser:
            async for chunk in chunks:
                for piece in parser.parse(chunk):
                    yield _written(piece, boundary)
            parser.close()
    except MultipartError as fault:
        raise ClientException("Invalid multipart/form-data") from fault
    yield b"--" + boundary + b"--\r\n"


def _written(piece: MultipartSegment | bytearray | None, boundary: bytes) -> bytes:
    """The start of a part, a portion of its content, or (None) its end."""
    match piece:
        case MultipartSegment():
            return b"--" + boundary + b"\r\n" + _header_of(piece)
        case None:
            return b"\r\n"
        case _:
            return bytes(piece)


def _header_of(part: MultipartSegment) -> bytes:
    lines = [f"{name}: {_plain(part, name, value)}\r\n" for name, value in part.headerlist]
    return ("".join(lines) + "\r\n").encode("utf-8", "replace")


def _plain(part: MultipartSegment, header: str, value: str) -> str:
    if header != "Content-Disposition" or "filename*" not in value.lower():
        return value
    name = _extended_name(value) or part.filename
    if name is None:
        raise BadInput(
            "The name of the file cannot be read. Write filename* in percent-encoded UTF-8, or use filename."
        )
    said = f'form-data; name="{part.name.translate(_ESCAPES)}"'
    return f'{said}; filename="{name.translate(_ESCAPES)}"'


def _extended_name(value: str) -> str | None:
    """None for what RFC 8187 does not know: then the plain name counts."""
    found = _EXTENDED.search(value)
    if found is None or found["charset"].lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(found["text"]).decode(found["charset"])
    except UnicodeDecodeError:
        return None
