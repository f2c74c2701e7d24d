"""The one place where bytes become a Mail.

Reads with the standard library in its oldest, most forgiving mode and does all decoding itself: on real mail the modern
policy raises on unknown charsets, folded addresses and groups; it is asked only where ours finds nothing. Nothing here
raises but Unreadable.
"""

import email
import hashlib
import re
from collections.abc import Mapping
from email.errors import MissingHeaderBodySeparatorDefect
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import Final
from urllib.parse import unquote

from adapters.bounces import bounce_of, is_feedback_report, is_read_receipt
from adapters.mime_addresses import addresses, first_address, has_several_senders
from adapters.mime_body import Body, body_of
from adapters.mime_headers import date_of, message_ids, raw_field, raw_fields, text_of
from adapters.mime_leaf import Leaf, payload_of
from adapters.mime_limits import MAX_BYTES, check
from adapters.mime_oversized import head_of, notice
from adapters.mime_parts import Parts, parts_of
from adapters.mime_second import second_address, second_text
from tickets.authenticity import SEVERAL_SENDERS
from tickets.errors import Unreadable
from tickets.mail import KEPT_HEADERS, Address, Attachment, Mail, Parsed, missing_message_id
from tickets.quoting import is_forward_subject

_MAX_DEFECTS: Final = 20
_LOOKED_AT: Final = 8_000  # characters behind a header that broke off
_AUTHOR: Final = re.compile(r"^(?:from|sender)[ \t]*:", re.IGNORECASE | re.MULTILINE)
# Blank lines, spaces or a byte order mark that some gateway put before the first field.
_BEFORE_HEADER: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?[ \t\r\n]{0,1000}(?=(?:from|to|subject|date|received|return-path|delivered-to|message-id"
    rb"|mime-version|content-type|x-[a-z-]{1,40})[ \t]{0,80}:)",
    re.IGNORECASE,
)


# The obsolete form allows space before the colon (RFC 5322 section 4.5); the standard library ends the header there.
_SPACED_COLON: Final = re.compile(rb"^([!-9;-~]{1,80})[ \t]{1,80}:", re.MULTILINE)
_BEGINS_HEADER: Final = re.compile(rb"[!-9;-~]{1,80}[ \t]{0,80}:|From ")


def parse(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Parsed:
    """The mail, with every field usable; of one of more than `max_bytes` the header only, and a sentence that says so.

    Raises Unreadable for what exceeds the other limits.
    """
    if len(raw) > max_bytes:
        return stub(head_of(raw), size=len(raw), limit=max_bytes, fallback_id=missing_message_id(raw))
    return _guarded(raw)


def stub(head: bytes, *, size: int, limit: int, fallback_id: str) -> Parsed:
    """An oversized mail by its header, its body unread (sizes in bytes). Raises Unreadable when it has no header."""
    check(head)
    message = BytesHeaderParser(policy=compat32).parsebytes(_without_spaced_colons(_BEFORE_HEADER.sub(b"", head)))
    if not message.keys():
        raise Unreadable("The message is too large and begins without a header. Look at the raw mail.")
    text = notice(size, limit)
    return _parsed(message, Body(text, text, None), Parts(), fallback_id, ("Oversized",))


def _guarded(raw: bytes) -> Parsed:
    trimmed = _without_spaced_colons(_BEFORE_HEADER.sub(b"", raw))
    check(trimmed)
    try:
        return _read(trimmed, missing_message_id(raw))
    except Unreadable:
        raise
    except (RecursionError, MemoryError) as error:
        raise Unreadable("The message is built so that reading it would not end. Look at the raw mail.") from error
    except Exception as error:  # one mail must never stop the rest; its raw bytes are kept
        raise Unreadable(
            f"The message cannot be read ({type(error).__name__}). Report it with its raw bytes."
        ) from error


def _without_spaced_colons(raw: bytes) -> bytes:
    head = head_of(raw) if _BEGINS_HEADER.match(raw) else b""
    return _SPACED_COLON.sub(rb"\1:", head) + raw[len(head) :] if _SPACED_COLON.search(head) else raw


def _read(raw: bytes, fallback_id: str) -> Parsed:
    try:
        return _whole(email.message_from_bytes(raw, policy=compat32), fallback_id)
    except (Unreadable, RecursionError, MemoryError):
        raise
    except Exception:  # the standard library raises on some structures; then the header and the plain bytes must do
        message = BytesHeaderParser(policy=compat32).parsebytes(raw)
        del message["Content-Type"], message["Content-Transfer-Encoding"]
        return _whole(message, fallback_id)


def _whole(message: Message, fallback_id: str) -> Parsed:
    parts = parts_of(message)
    is_forwarded = is_forward_subject(_subject(raw_field(message, "subject")))
    return _parsed(message, body_of(parts, is_forwarded=is_forwarded), parts, fallback_id, ())


def _parsed(message: Message, body: Body, parts: Parts, fallback_id: str, notices: tuple[str, ...]) -> Parsed:
    ids = message_ids(raw_field(message, "message-id"))
    mail = Mail(
        message_id=ids[0] if ids else fallback_id,
        subject=_subject(raw_field(message, "subject")),
        sender=_sender(message),
        to=addresses(raw_fields(message, "to")),
        cc=addresses(raw_fields(message, "cc")),
        reply_to=addresses(raw_fields(message, "reply-to")),
        sent_at=date_of(raw_field(message, "date")),
        in_reply_to=next(iter(message_ids(" ".join(raw_fields(message, "in-reply-to")))), None),
        references=message_ids(" ".join(raw_fields(message, "references"))),
        text=body.text,
        visible_text=body.visible,
        html=body.html,
        attachments=tuple(_attachment(leaf, body.html) for leaf in parts.files),
        headers=_kept(message),
        bounce=bounce_of(message, body.text),
        defects=(*notices, *_defects(message, parts))[:_MAX_DEFECTS],
    )
    return Parsed(mail, {_sha256(leaf): leaf.contents for leaf in parts.files})


def _sender(message: Message) -> Address:
    fields = [raw_field(message, "from"), raw_field(message, "sender")]
    read = [found for found in map(first_address, fields) if found]
    usable = next((found for found in read if "@" in found.address), None) or second_address(fields[0])
    return usable or (read[0] if read else Address("", ""))


def _subject(raw: str) -> str:
    """A second opinion where something undecoded or broken is left."""
    text = text_of(raw)
    return second_text(raw) or text if "\ufffd" in text or "=?" in text else text


def _kept(message: Message) -> Mapping[str, str]:
    kept: dict[str, str] = {}
    for name, value in message.raw_items():
        key = name.lower()
        if key in KEPT_HEADERS and key not in kept:
            kept[key] = text_of(str(value))
    return kept


def _attachment(leaf: Leaf, html: str | None) -> Attachment:
    return Attachment(
        filename=leaf.filename,
        content_type=leaf.content_type,
        size=len(leaf.contents),
        sha256=_sha256(leaf),
        content_id=leaf.content_id,
        is_inline=leaf.content_id is not None and html is not None and _is_shown(leaf.content_id, html),
    )


def _is_shown(content_id: str, html: str) -> bool:
    """The disposition says little: an image is part of the text when the text shows it."""
    return f"cid:{content_id}" in html or f"cid:{content_id}".lower() in unquote(html).lower()


def _sha256(leaf: Leaf) -> str:
    return hashlib.sha256(leaf.contents).hexdigest()


def _hides_author(message: Message) -> bool:
    """Behind a line that ends the header too early, another program may find another author."""
    is_broken_off = any(isinstance(defect, MissingHeaderBodySeparatorDefect) for defect in message.defects)
    rest = payload_of(message) if is_broken_off else ""
    return isinstance(rest, str) and _AUTHOR.search(rest[:_LOOKED_AT]) is not None


def _defects(message: Message, parts: Parts) -> tuple[str, ...]:
    # First, for there is a most of defects: a sender who adds others must not push it out.
    names = [SEVERAL_SENDERS] * (has_several_senders(message) or _hides_author(message))
    names += [type(defect).__name__ for part in message.walk() for defect in part.defects]
    names += ["Encrypted"] * parts.is_encrypted + ["Signed"] * parts.is_signed
    names += ["TextCut"] * parts.is_cut
    names += ["FeedbackReport"] * is_feedback_report(message)
    names += ["ReadReceipt"] * is_read_receipt(message)
    names += [f"Missing{name.title()}" for name in ("from", "date") if not raw_field(message, name)]
    return tuple(dict.fromkeys(names))
