"""One part of a message by itself: its type, its name, its bytes."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Final

from adapters.mime_charset import escaped_bytes
from adapters.mime_headers import base64_bytes, message_ids, parameters, raw_field, text_of

_SUFFIXES: Final = {
    "application/ms-tnef": ".dat",
    "application/pdf": ".pdf",
    "application/pgp-encrypted": ".asc",
    "application/pgp-keys": ".asc",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "application/zip": ".zip",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/delivery-status": ".txt",
    "message/feedback-report": ".txt",
    "message/global": ".eml",
    "message/news": ".eml",
    "message/rfc822": ".eml",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/rfc822-headers": ".txt",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
}
_TYPE: Final = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")
_MENDED: Final = {"": "text/plain", "text": "text/plain", "html": "text/html", "text/html,": "text/html"}
_EMBEDDED: Final = frozenset({"message/rfc822", "message/global", "message/news"})
_UNSAFE_NAME: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_MAX_NAME: Final = 200
_SUBJECT_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds no other parts, decoded."""

    content_type: str
    filename: str
    content_id: str | None
    contents: bytes
    charset: str | None = None


def leaf_of(part: Message, number: int) -> Leaf:
    """The part, named by its sender, else by its subject when it is a message, else `part-<number>`."""
    kind, options = content_type(part)
    _, details = parameters(raw_field(part, "content-disposition"))
    name = details.get("filename") or options.get("name") or ""
    ids = message_ids(raw_field(part, "content-id"))
    contents = contents_of(part)
    if not name and kind in _EMBEDDED:
        name = _subject_name(contents)
    return Leaf(
        content_type=kind,
        filename=safe_name(name) or f"part-{number}{_SUFFIXES.get(kind, '')}",
        content_id=ids[0].strip("<>") if ids else None,
        contents=contents,
        charset=options.get("charset"),
    )


def content_type(part: Message) -> tuple[str, dict[str, str]]:
    """The type in lower case, `text/plain` for what is missing or broken (RFC 2045 section 5.2), and its parameters."""
    kind, options = parameters(raw_field(part, "content-type"))
    kind = kind.replace(" ", "")
    if _TYPE.fullmatch(kind):
        return kind, options
    return _MENDED.get(kind, "application/octet-stream"), options


def payload_of(part: Message) -> list[Message] | str:
    """The parts inside, or the encoded text, with 8-bit bytes as surrogate escapes.

    Not `get_payload()`: it decodes with the declared charset as it goes and raises on some.
    """
    payload = vars(part).get("_payload")
    if isinstance(payload, list):
        return [child for child in payload if isinstance(child, Message)]
    return payload if isinstance(payload, str) else ""


def safe_name(name: str) -> str:
    """Only a name: no path, no control or direction characters."""
    last = re.split(r"[/\\]", _UNSAFE_NAME.sub("", name))[-1].strip(" .")
    if len(last) <= _MAX_NAME:
        return last
    stem, dot, suffix = last.rpartition(".")
    return f"{stem[: _MAX_NAME - len(suffix[:20]) - 1]}.{suffix[:20]}" if dot else last[:_MAX_NAME]


def contents_of(part: Message) -> bytes:
    """The bytes of a part with its transfer encoding undone; an embedded message as it was."""
    payload = payload_of(part)
    encoding = raw_field(part, "content-transfer-encoding").strip().lower().split(";")[0].strip()
    if isinstance(payload, str):
        return _decoded(escaped_bytes(payload), encoding)
    joined = b"\n".join(_original(inner) for inner in payload)
    # RFC 2046 forbids to encode an embedded message; some programs do, and the parser has then read no header.
    is_encoded = encoding in ("base64", "quoted-printable") and bool(payload) and not payload[0].keys()
    return _decoded(joined, encoding) if is_encoded else joined


def _decoded(raw: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64_bytes(raw)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return b"".join(_uu_lines(raw))
    return raw


def _uu_lines(raw: bytes) -> Iterator[bytes]:
    for line in raw.splitlines():
        if line.startswith(b"begin ") or line.strip() in (b"end", b"`", b""):
            continue
        try:
            yield binascii.a2b_uu(line)
        except binascii.Error:
            yield line


def _subject_name(message: bytes) -> str:
    head = re.split(rb"\r?\n\r?\n", message.lstrip()[:_SUBJECT_BYTES], maxsplit=1)[0]
    subject = text_of(raw_field(message_from_bytes(head, policy=compat32), "subject"))
    return f"{re.sub(r'[/:]', ' ', subject)[:80].strip()}.eml" if subject else ""


def _original(message: Message) -> bytes:
    """The header and body again; built by hand, for the standard library refuses some of what it has read itself."""
    header = "".join(f"{name}:{'' if str(value)[:1] in ' ' else ' '}{value}\n" for name, value in message.raw_items())
    return escaped_bytes(header) + b"\n" + _body_bytes(message)


def _body_bytes(message: Message) -> bytes:
    payload = payload_of(message)
    if isinstance(payload, str):
        return escaped_bytes(payload)
    inner = [_original(child) for child in payload]
    boundary = content_type(message)[1].get("boundary")
    if boundary is None:
        return b"\n".join(inner)
    delimiter = b"--" + boundary.encode("utf-8", "replace")
    return b"".join(delimiter + b"\n" + child + b"\n" for child in inner) + delimiter + b"--\n"
