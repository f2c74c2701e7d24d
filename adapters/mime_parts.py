"""The parts of a message: which are its text, which are attachments, and their bytes."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from adapters.mime_charset import decode, escaped_bytes
from adapters.mime_headers import base64_bytes, message_ids, parameters, raw_field, text_of

_SUFFIXES: Final = {
    "application/pdf": ".pdf",
    "application/pgp-signature": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-mime": ".p7m",
    "application/x-pkcs7-signature": ".p7s",
    "application/zip": ".zip",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/vcard": ".vcf",
}
_TYPE: Final = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}")
_MENDED: Final = {"": "text/plain", "text": "text/plain", "html": "text/html", "text/html,": "text/html"}
_UNSAFE_NAME: Final = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_MAX_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that holds no other parts, decoded."""

    content_type: str
    filename: str
    content_id: str | None
    contents: bytes
    charset: str | None = None


@dataclass(slots=True)
class Parts:
    """The parts sorted by what they are for; `plain` and `html` are bodies in their order."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[Leaf] = field(default_factory=list)
    is_encrypted: bool = False
    is_signed: bool = False


def parts_of(message: Message) -> Parts:
    """Sort all parts of the message."""
    found = Parts()
    _collect(message, found, is_only=True)
    return found


def _collect(part: Message, found: Parts, *, is_only: bool) -> None:
    kind, options = content_type(part)
    children = payload_of(part)
    if isinstance(children, list) and not kind.startswith("message/"):
        found.is_signed = found.is_signed or kind == "multipart/signed"
        found.is_encrypted = found.is_encrypted or kind == "multipart/encrypted"
        for child in children:
            _collect(child, found, is_only=False)
        return
    found.is_encrypted = found.is_encrypted or kind.endswith(("/pkcs7-mime", "/x-pkcs7-mime"))
    leaf = _leaf(part, kind, options, number=len(found.files) + 1)
    if kind == "text/html" and _is_body(part, options):
        found.html.append(decode(leaf.contents, leaf.charset))
    elif _is_text(kind, is_only) and _is_body(part, options):
        found.plain.append(decode(leaf.contents, leaf.charset))
    else:
        found.files.append(leaf)


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


def _is_text(kind: str, is_only: bool) -> bool:
    """Unknown kinds of text are shown when they are all there is; a multipart without parts is text, too."""
    if kind == "text/plain" or kind.startswith("multipart/"):
        return True
    return kind.startswith("text/") and is_only and kind not in ("text/calendar", "text/vcard", "text/x-vcard")


def _is_body(part: Message, options: dict[str, str]) -> bool:
    disposition, details = parameters(raw_field(part, "content-disposition"))
    if disposition == "attachment":
        return False
    has_name = bool(details.get("filename") or options.get("name"))
    return not has_name or (disposition == "inline" and not details.get("filename"))


def _leaf(part: Message, kind: str, options: dict[str, str], number: int) -> Leaf:
    _, details = parameters(raw_field(part, "content-disposition"))
    name = details.get("filename") or options.get("name") or ""
    ids = message_ids(raw_field(part, "content-id"))
    contents = contents_of(part)
    if not name and kind == "message/rfc822":
        name = _subject_name(part)
    return Leaf(
        content_type=kind,
        filename=_safe_name(name) or f"part-{number}{_SUFFIXES.get(kind, '')}",
        content_id=ids[0].strip("<>") if ids else None,
        contents=contents,
        charset=options.get("charset"),
    )


def _subject_name(part: Message) -> str:
    embedded = payload_of(part)
    subject = text_of(raw_field(embedded[0], "subject")) if isinstance(embedded, list) and embedded else ""
    return f"{subject[:80]}.eml" if subject else ""


def _safe_name(name: str) -> str:
    """Only a name: no path, no control or direction characters."""
    last = re.split(r"[/\\]", _UNSAFE_NAME.sub("", name))[-1].strip(" .")
    if len(last) <= _MAX_NAME:
        return last
    stem, dot, suffix = last.rpartition(".")
    return f"{stem[: _MAX_NAME - len(suffix[:20]) - 1]}.{suffix[:20]}" if dot else last[:_MAX_NAME]


def contents_of(part: Message) -> bytes:
    """The bytes of a part with its transfer encoding undone; an embedded message as it was."""
    payload = payload_of(part)
    if isinstance(payload, list):
        return b"\n".join(_original(inner) for inner in payload)
    raw = escaped_bytes(payload)
    encoding = raw_field(part, "content-transfer-encoding").strip().lower().split(";")[0]
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
