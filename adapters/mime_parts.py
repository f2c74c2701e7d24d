"""The parts of a message: which are its text, which are attachments."""

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message
from mimetypes import guess_type
from typing import Final

from adapters.mime_charset import decode
from adapters.mime_flowed import unflowed
from adapters.mime_headers import parameters, raw_field
from adapters.mime_leaf import Leaf, content_type, leaf_of, payload_of, safe_name
from adapters.mime_tnef import TYPES, Tnef, TnefFile, unpacked_tnef
from adapters.mime_uuencode import taken_out

_PKCS7: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_NOT_SHOWN: Final = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/rfc822-headers"})
# Of all bodies together; nobody reads more, and taking it apart would hold up the mails behind it.
MAX_TEXT_BYTES: Final = 2 * 1024 * 1024
_ARMOURED: Final = re.compile(r"^-----BEGIN PGP (SIGNED MESSAGE|MESSAGE)-----[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class Section:
    """One piece of the body: as plain text, as HTML, or as both when the sender wrote it both ways."""

    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Parts:
    """The parts sorted by what they are for; sections and files in their order."""

    sections: list[Section] = field(default_factory=list)
    files: list[Leaf] = field(default_factory=list)
    is_encrypted: bool = False
    is_signed: bool = False
    text_bytes_left: int = MAX_TEXT_BYTES
    is_cut: bool = False

    @property
    def html(self) -> str | None:
        """All of the body as HTML; None when no part of it is HTML."""
        if not any(section.html for section in self.sections):
            return None
        return "\n".join(piece for section in self.sections for piece in section.html or _as_html(section.plain))


def parts_of(message: Message) -> Parts:
    """Sort all parts of the message."""
    found = Parts()
    _collect(message, found, section=None, is_only=True)
    for section in found.sections:
        section.plain = [_without_files(text, found) for text in section.plain]
    return found


def _collect(part: Message, found: Parts, *, section: Section | None, is_only: bool) -> None:
    """`section` is that of the alternative around the part: its versions of one text."""
    kind, options = content_type(part)
    children = payload_of(part)
    if isinstance(children, list) and not kind.startswith("message/"):
        found.is_signed = found.is_signed or kind == "multipart/signed"
        found.is_encrypted = found.is_encrypted or kind == "multipart/encrypted"
        if kind == "multipart/alternative" and section is None:
            section = _new_section(found)
        for child in children:
            _collect(child, found, section=section, is_only=False)
        return
    _note_pkcs7(kind, options, found)
    leaf = leaf_of(part, number=len(found.files) + 1)
    is_html = kind == "text/html"
    if (is_html or _is_text(kind, is_only)) and _is_body(part, options):
        target = section or _new_section(found)
        (target.html if is_html else target.plain).append(_as_written(_shown(leaf, found), kind, options))
    elif not _unwrapped(leaf, found):
        found.files.append(leaf)


def _shown(leaf: Leaf, found: Parts) -> str:
    """Its text, cut where the bodies become too long; the whole part is then an attachment as well."""
    shown = leaf.contents[: found.text_bytes_left]
    found.text_bytes_left -= len(shown)
    if len(shown) == len(leaf.contents):
        return decode(shown, leaf.charset)
    found.is_cut = True
    found.files.append(leaf)
    text = decode(shown, leaf.charset)
    return f"{text}\n[The text is too long to be shown. All of it is in the attachment {leaf.filename}.]"


def _as_written(text: str, kind: str, options: dict[str, str]) -> str:
    if kind != "text/plain" or options.get("format", "").lower() != "flowed":
        return text
    return unflowed(text, deletes_space=options.get("delsp", "").lower() == "yes")


def _new_section(found: Parts) -> Section:
    found.sections.append(Section())
    return found.sections[-1]


def _note_pkcs7(kind: str, options: dict[str, str], found: Parts) -> None:
    """S/MIME in one part (RFC 8551 section 3.2.2): signed only, or nobody knows without the key."""
    if kind in _PKCS7:
        is_signed = options.get("smime-type", "").lower() in ("signed-data", "certs-only")
        found.is_signed = found.is_signed or is_signed
        found.is_encrypted = found.is_encrypted or not is_signed


def _is_text(kind: str, is_only: bool) -> bool:
    """Unknown kinds of text are shown when they are all there is; a multipart without parts is text, too."""
    if kind == "text/plain" or kind.startswith("multipart/"):
        return True
    return kind.startswith("text/") and is_only and kind not in _NOT_SHOWN


def _is_body(part: Message, options: dict[str, str]) -> bool:
    disposition, details = parameters(raw_field(part, "content-disposition"))
    if disposition == "attachment":
        return False
    has_name = bool(details.get("filename") or options.get("name"))
    return not has_name or (disposition == "inline" and not details.get("filename"))


def _as_html(texts: Iterable[str]) -> list[str]:
    return [f"<pre>{entities.escape(text)}</pre>" for text in texts if text.strip()]


def _without_files(text: str, found: Parts) -> str:
    armoured = _ARMOURED.search(text)
    if armoured:
        found.is_encrypted = found.is_encrypted or armoured.group(1) == "MESSAGE"
        found.is_signed = found.is_signed or armoured.group(1) != "MESSAGE"
    kept, files = taken_out(text)
    found.files += [_file(name, "", None, contents, len(found.files) + 1) for name, contents in files]
    return kept


def _unwrapped(leaf: Leaf, found: Parts) -> bool:
    """Outlook's wrapping is replaced by what is in it; where that is nothing we know, it stays a file."""
    if leaf.content_type not in TYPES and leaf.filename.lower() != "winmail.dat":
        return False
    inside = unpacked_tnef(leaf.contents)
    if inside is None:
        return False
    for number, file in enumerate(inside.files, start=len(found.files) + 1):
        found.files.append(_tnef_file(file, number))
    if not any(text.strip() for section in found.sections for text in (*section.plain, *section.html)):
        _show(inside, found)
    return True


def _show(inside: Tnef, found: Parts) -> None:
    """The body, which is only in there when the program that wrote the mail wrapped all of it."""
    section = _new_section(found)
    section.plain += [inside.text] if inside.text.strip() else []
    section.html += [inside.html] if inside.html.strip() else []
    if inside.rtf and not section.plain and not section.html:
        found.files.append(_file("message.rtf", "application/rtf", None, inside.rtf, len(found.files) + 1))


def _tnef_file(file: TnefFile, number: int) -> Leaf:
    return _file(file.name, file.content_type, file.content_id, file.contents, number)


def _file(name: str, kind: str, content_id: str | None, contents: bytes, number: int) -> Leaf:
    filename = safe_name(name) or f"part-{number}"
    return Leaf(
        content_type=kind if "/" in kind else guess_type(filename)[0] or "application/octet-stream",
        filename=filename,
        content_id=content_id,
        contents=contents,
    )
